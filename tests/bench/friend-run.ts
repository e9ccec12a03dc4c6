/**
 * A film of a friend whose account is at another node, in a browser at one's own: every block comes
 * from there by libp2p. Beside it the same film in one's own drive, which comes from here.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { createPlace, type TestPlace } from '#lib/account/testing.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import { ownIdentity } from '#lib/name-registry/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { befriend, settle, type TestPerson } from '#lib/social/testing.ts';
import { createSqliteRecordStore } from '#lib/stores/server/index.ts';
import { entry, open, signIn, type Person } from '../browser/pages/account-page.ts';
import { closeViewer } from '../browser/pages/drive-page.ts';
import { openFilesOf } from '../browser/pages/friends-page.ts';
import { Profile } from '../browser/profile.ts';
import { SITE_FOLDER } from '../browser/site.ts';
import { longFilm } from '../media/films.ts';
import { RECORDS_FILE } from '../../src/server/data/stores.ts';
import { endProcess, startNodeProcess, type NodeProcess } from '../server/processes.ts';
import { rounded } from './engine-run.ts';
import { freePort } from './peer-run.ts';
import { medianSeekMs } from './seeks.ts';

const FILM = 'film.mp4';
/** As `settle` makes them. */
const CLARA: Person = { username: 'clara', password: 'clara has a long password' };
const DANIEL: Person = { username: 'daniel', password: 'daniel has a long password' };

export interface FriendFilmTimes {
  /** From the double click on the film to its first frame that is drawn. */
  readonly firstFrameMs: number;
  readonly seekMs: number;
  /** Of the film in one's own drive. */
  readonly ownSeekMs: number;
}

export async function friendFilmTimes(): Promise<FriendFilmTimes> {
  await startCrypto();
  const folder = mkdtempSync(join(tmpdir(), 'pyrgos-bench-friend-'));
  const profile = new Profile();
  const nodes: NodeProcess[] = [];
  const start = async (name: string, ...options: string[]): Promise<NodeProcess> => {
    const common = ['--data', join(folder, name), '--quota', '1TiB', '--p2p-host', '127.0.0.1'];
    const node = await startNodeProcess([...common, ...options]);
    nodes.push(node);
    return node;
  };
  try {
    const port = String(await freePort());
    const far = await start('far', '--p2p-port', port, '--registry', 'self');
    const clara = await settle(placeAt(far), CLARA.username);
    const id = (await createHttpNode(far.url).blocks.nodeId()).toString();
    const key = await registryKeyIn(join(folder, 'far'));
    const near = await start(
      'near',
      ...['--site', SITE_FOLDER, '--p2p-port', '0', '--registry', id, '--registry-key', key],
      ...['--peer', `${id}=/ip4/127.0.0.1/tcp/${port}`],
    );
    const daniel = await settle(placeAt(near), DANIEL.username);
    await befriend(clara, daniel);
    for (const person of [clara, daniel]) await putFilm(person);
    const to = { kind: 'person', username: DANIEL.username } as const;
    await clara.sharing.share([[CLARA.username, FILM]], [to], 'read');
    const page = await profile.page();
    await page.goto(near.url);
    await signIn(page, DANIEL);
    return await watch(page);
  } finally {
    await profile.destroy();
    for (const node of nodes) await endProcess(node, 'SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
}

async function registryKeyIn(dataFolder: string): Promise<string> {
  const records = await createSqliteRecordStore(join(dataFolder, RECORDS_FILE));
  const identity = await ownIdentity(records).finally(() => records.close());
  if (identity === undefined) throw new Error('There is no registry.');
  return identity.toString();
}

function placeAt({ url }: NodeProcess): TestPlace {
  const node = createHttpNode(url) as TestPlace['node'];
  return { ...createPlace(), clock: Date.now, node };
}

async function putFilm({ drive }: TestPerson): Promise<void> {
  const source = bytesSource(readFileSync((await longFilm()).path));
  await drive.upload(await drive.home(), [{ path: [FILM], source }]);
}

async function watch(page: Page): Promise<FriendFilmTimes> {
  const { seconds } = await longFilm();
  await open(page, FILM);
  const ownSeekMs = await medianSeekMs(page.locator('video'), seconds);
  await closeViewer(page);
  await openFilesOf(page, CLARA);
  const row = entry(page, FILM);
  await row.waitFor();
  const firstFrameMs = await row.evaluate(async (element) => {
    const start = performance.now();
    element.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    let video = document.querySelector('video');
    while (video === null) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      video = document.querySelector('video');
    }
    const shown = video;
    await new Promise((resolve) => shown.requestVideoFrameCallback(resolve));
    return performance.now() - start;
  });
  const seekMs = await medianSeekMs(page.locator('video'), seconds);
  return {
    firstFrameMs: rounded(firstFrameMs),
    seekMs: rounded(seekMs),
    ownSeekMs: rounded(ownSeekMs),
  };
}
