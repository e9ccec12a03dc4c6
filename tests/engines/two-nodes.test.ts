/**
 * Two node processes that share one PostgreSQL database and one bucket: one account is used through
 * both at once, and goes on when one of them is killed.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { put, read, signInAt, signUpAt, type Client } from '../server/client.ts';
import { endProcess, startNodeProcess, type NodeProcess } from '../server/processes.ts';
import { runningAddresses } from '../../src/server/data/running.ts';
import { POSTGRES_PROGRAMS, S3_PROGRAM, startPostgres, startS3 } from './servers.ts';
import type { PostgresServer, S3Server } from './servers.ts';

const BUCKET = 'pyrgos-two-nodes';
const FILES_EACH = 6;

let postgres: PostgresServer;
let s3: S3Server;
let folder: string;
let nodes: NodeProcess[] = [];

/** A data folder each, as on two machines. */
function startNode(name: string): Promise<NodeProcess> {
  const blocks = `s3://${BUCKET}/blocks?endpoint=${s3.endpoint}&region=${s3.region}`;
  const options = ['--data', join(folder, name), '--blocks', blocks, '--records', postgres.url];
  return startNodeProcess(options, {
    PYRGOS_S3_ACCESS_KEY: s3.accessKeyId,
    PYRGOS_S3_SECRET_KEY: s3.secretAccessKey,
  });
}

const content = (who: string, n: number): Uint8Array =>
  Uint8Array.from({ length: 20_000 * (n + 1) }, (_, i) => (i * 7 + n + who.length) % 251);

async function putFiles(client: Client, who: string): Promise<void> {
  for (let n = 0; n < FILES_EACH; n++) await put(client, `${who} ${String(n)}`, content(who, n));
}

async function expectFiles(client: Client, who: string): Promise<void> {
  for (let n = 0; n < FILES_EACH; n++) {
    const name = `${who} ${String(n)}`;
    expect(Buffer.compare(await read(client, name), content(who, n)), name).toBe(0);
  }
}

describe.skipIf(S3_PROGRAM === undefined || POSTGRES_PROGRAMS === undefined)('two nodes', () => {
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pyrgos-two-nodes-'));
    [postgres, s3] = await Promise.all([startPostgres(), startS3()]);
    await s3.makeBucket(BUCKET);
    nodes = await Promise.all([startNode('one'), startNode('two')]);
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => endProcess(node, 'SIGKILL')));
    await Promise.all([postgres.stop(), s3.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('are one: what is written through both at once is there through each', async () => {
    const [one, two] = nodes.map(({ url }) => url) as [string, string];
    const first = await signUpAt(one, 'alice');
    const second = await signInAt(two, 'alice');
    await Promise.all([putFiles(first, 'first'), putFiles(second, 'second')]);
    for (const url of [one, two]) {
      const again = await signInAt(url, 'alice');
      await expectFiles(again, 'first');
      await expectFiles(again, 'second');
    }
    await expect(signUpAt(two, 'alice')).rejects.toHaveProperty('name', 'NameTaken');
  }, 240_000);

  test('may have one data folder, and each is known while it lives', async () => {
    const [third, fourth] = await Promise.all([startNode('both'), startNode('both')]);
    const shared = join(folder, 'both');
    expect(runningAddresses(shared).toSorted()).toEqual([third.url, fourth.url].toSorted());
    await endProcess(third, 'SIGKILL');
    expect(runningAddresses(shared)).toEqual([fourth.url]);
    await endProcess(fourth, 'SIGTERM');
    expect(readdirSync(shared)).toEqual([]);
  }, 60_000);

  test('do not need each other: one is killed in mid-upload, the other goes on', async () => {
    const [one, two] = nodes as [NodeProcess, NodeProcess];
    const dying = await signInAt(one.url, 'alice');
    const upload = put(dying, 'never whole', new Uint8Array(4_000_000).fill(1));
    await new Promise((resolve) => setTimeout(resolve, 300));
    await endProcess(one, 'SIGKILL');
    dying.leave();
    await Promise.allSettled([upload]);
    const alice = await signInAt(two.url, 'alice');
    await putFiles(alice, 'third');
    const back = await startNode('one');
    nodes.push(back);
    await expectFiles(await signInAt(back.url, 'alice'), 'third');
    await expectFiles(await signInAt(back.url, 'alice'), 'first');
  }, 240_000);
});
