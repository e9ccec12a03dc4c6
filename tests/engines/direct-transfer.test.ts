/**
 * Direct transfers from a real browser (B-6 §7): the built site, served by our node, with its blocks
 * in a real S3-compatible service on another origin. What has to agree is the browser's: the
 * policy of the worker that asks, and the bucket's answer to pages of this origin (CORS).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../src/server/observe/log.ts';
import { startServer, type RunningNode } from '../../src/server/index.ts';
import { download, transfersEnd } from '../browser/pages/drive-page.ts';
import { FixtureFiles, noise } from '../browser/fixture-files.ts';
import { ANNA, pickFiles, signIn, signUp } from '../browser/pages/account-page.ts';
import { Profile } from '../browser/profile.ts';
import { S3_PROGRAM, startS3, type S3Server } from './servers.ts';

/** The built site, if there is one, and a browser to open it with. */
const SITE = process.env['PYRGOS_SITE'];
const HAS_CHROMIUM = process.env['CHROMIUM'] !== undefined;

const NAME = 'large.bin';
const BYTES = 12_000_000;
const AUTH = 'api/v0/blockstore/auth';
const AUTH_READS = 'api/v0/blockstore/auth-reads';
const PUT = 'api/v0/block/put/bulk';

let s3: S3Server;

/** A node whose large blocks go to a bucket of its own, past it. */
async function startNode(bucket: string): Promise<RunningNode> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'pyrgos-direct-'));
  const node = await startServer({
    dataFolder,
    siteFolder: SITE,
    port: 0,
    signUps: 'open',
    collectEveryMs: 0,
    stopWithinMs: 500,
    log: createLog('error'),
    blocksUrl: `s3://${bucket}/blocks?endpoint=${s3.endpoint}&region=${s3.region}&direct=true`,
    s3AccessKey: s3.accessKeyId,
    s3SecretKey: s3.secretAccessKey,
  });
  onTestFinished(async () => {
    await node.close();
    rmSync(dataFolder, { recursive: true, force: true });
  });
  return node;
}

/** What the node has counted of an endpoint. */
async function counted(node: RunningNode, metric: string, endpoint: string): Promise<number> {
  const text = await (await fetch(`${node.url}/metrics`)).text();
  const lines = text
    .split('\n')
    .filter((line) => line.startsWith(`${metric}{endpoint="${endpoint}"`));
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

/** Requests a browser has sent to the object store, by method; and what it complained of. */
async function openBrowser() {
  const asked = new Map<string, number>();
  const complaints: string[] = [];
  const profile = new Profile({
    prepare: async (context) => {
      context.on('request', (request) => {
        const { origin } = new URL(request.url());
        if (origin === s3.endpoint) {
          asked.set(request.method(), (asked.get(request.method()) ?? 0) + 1);
        }
      });
      context.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
    },
  });
  onTestFinished(() => profile.destroy());
  return { page: await profile.page(), asked, complaints };
}

function material(): { path: string; bytes: Buffer } {
  const fixtureFiles = new FixtureFiles();
  onTestFinished(() => {
    fixtureFiles.remove();
  });
  const bytes = noise(NAME, BYTES);
  return { path: fixtureFiles.file(NAME, bytes), bytes };
}

const isPossible = S3_PROGRAM !== undefined && SITE !== undefined && HAS_CHROMIUM;

describe.skipIf(!isPossible)('a browser and an object store', () => {
  beforeAll(async () => {
    s3 = await startS3();
  });
  afterAll(() => s3.stop());

  test('exchange large blocks themselves where the bucket allows the page', async () => {
    await s3.makeBucket('pyrgos-direct');
    const node = await startNode('pyrgos-direct');
    await s3.allowPages('pyrgos-direct', node.url);
    const { path, bytes } = material();
    const first = await openBrowser();
    await first.page.goto(node.url);
    await signUp(first.page, ANNA);
    await pickFiles(first.page, [path]);
    await transfersEnd(first.page);
    expect(first.complaints).toEqual([]);
    expect(await counted(node, 'pyrgos_requests_total', AUTH)).toBeGreaterThan(0);
    expect(await counted(node, 'pyrgos_received_bytes_total', PUT)).toBeLessThan(BYTES / 4);
    // Another browser has nothing in its cache.
    const second = await openBrowser();
    await second.page.goto(node.url);
    await signIn(second.page, ANNA);
    expect((await download(second.page, NAME)).equals(bytes)).toBe(true);
    expect(second.complaints).toEqual([]);
    expect(await counted(node, 'pyrgos_requests_total', AUTH_READS)).toBeGreaterThan(0);
    expect(await counted(node, 'pyrgos_sent_bytes_total', 'api/v0/block/get')).toBeLessThan(
      BYTES / 4,
    );
    const blocks = Math.floor(BYTES / 2 ** 20);
    expect(first.asked.get('PUT')).toBeGreaterThanOrEqual(blocks);
    expect(second.asked.get('GET')).toBeGreaterThanOrEqual(blocks);
  }, 180_000);

  test('exchange them through the node where the bucket does not', async () => {
    await s3.makeBucket('pyrgos-indirect');
    const node = await startNode('pyrgos-indirect');
    const { path, bytes } = material();
    const first = await openBrowser();
    await first.page.goto(node.url);
    await signUp(first.page, ANNA);
    await pickFiles(first.page, [path]);
    await transfersEnd(first.page);
    // The first few at once, and never again.
    expect(first.asked.get('PUT')).toBeLessThan(10);
    expect(await counted(node, 'pyrgos_received_bytes_total', PUT)).toBeGreaterThan(BYTES);
    const second = await openBrowser();
    await second.page.goto(node.url);
    await signIn(second.page, ANNA);
    expect((await download(second.page, NAME)).equals(bytes)).toBe(true);
  }, 180_000);
});
