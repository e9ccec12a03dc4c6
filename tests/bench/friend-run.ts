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
import { createHttpNode } from '#lib/node-http/index.ts';
import { befriend, settle, type TestPerson } from '#lib/social/testing.ts';
import { entry, open, signIn, type Person } from '../browser/pages/account-page.ts';
import { closeViewer } from '../browser/pages/drive-page.ts';
import { openFilesOf } from '../browser/pages/friends-page.ts';
import { Profile } from '../browser/profile.ts';
import { SITE_FOLDER } from '../browser/site.ts';
import { longFilm } from '../media/films.ts';
import { createLog } from '../../src/server/observe/log.ts';
import { startServer, type RunningNode, type StartOptions } from '../../src/server/index.ts';
import { rounded } from './engine-run.ts';
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
  const nodes: RunningNode[] = [];
  const start = async (options: Partial<StartOptions>): Promise<RunningNode> => {
    const node = await startServer({
      dataFolder: join(folder, String(nodes.length)),
      port: 0,
      signUps: 'open',
      quotaBytes: 2 ** 40,
      collectEveryMs: 0,
      stopWithinMs: 500,
      p2pPort: 0,
      p2pHost: '127.0.0.1',
      p2pPrivate: true,
      log: createLog('error'),
      ...options,
    });
    nodes.push(node);
    return node;
  };
  try {
    const far = await start({ registry: { at: 'self' } });
    const nodeId = await far.node.blocks.nodeId();
    const near = await start({
      siteFolder: SITE_FOLDER,
      peers: [{ nodeId, address: far.peers.addresses[0] ?? '' }],
      registry: { at: 'node', nodeId },
      registryKey: far.registry?.names.identity,
    });
    await shareFilm(far, near);
    const page = await profile.page();
    await page.goto(near.url);
    await signIn(page, DANIEL);
    return await watch(page);
  } finally {
    await profile.destroy();
    for (const node of nodes.toReversed()) await node.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Clara's film is at the far node, shared with Daniel, who has the same film at the near one. */
async function shareFilm(far: RunningNode, near: RunningNode): Promise<void> {
  const [clara, daniel] = [
    await settle(placeAt(far), CLARA.username),
    await settle(placeAt(near), DANIEL.username),
  ];
  await far.registry?.step();
  await near.registry?.step();
  await befriend(clara, daniel);
  for (const person of [clara, daniel]) await putFilm(person);
  const to = { kind: 'person', username: DANIEL.username } as const;
  await clara.sharing.share([[CLARA.username, FILM]], [to], 'read');
}

function placeAt({ url }: RunningNode): TestPlace {
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
