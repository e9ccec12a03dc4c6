/**
 * Sharing and taking back, in this process on a node in memory: what the engine computes, without a
 * browser, a network or a disk.
 */
import { bytesSource } from '#lib/drive/index.ts';
import type { Recipient } from '#lib/social/index.ts';
import { befriend, createTown, settle, type TestPerson } from '#lib/social/testing.ts';
import { rounded } from './engine-run.ts';

const FILES = 10_000;
const FILES_AT_ONCE = 1_000;
const BOB: Recipient = { kind: 'person', username: 'bob' };
const FOLDER = ['alice', 'many'];

export interface PeopleTimes {
  readonly shareReadMs: number;
  readonly revokeSeconds: number;
}

/** A folder of 10,000 files is shared with a friend to read, and taken back. */
export async function peopleTimes(): Promise<PeopleTimes> {
  const town = createTown();
  const [alice, bob] = [await settle(town, 'alice'), await settle(town, 'bob')];
  await befriend(alice, bob);
  await fill(alice);
  const shared = await timed(() => alice.sharing.share([FOLDER], [BOB], 'read'));
  const revoked = await timed(() => alice.sharing.unshare(FOLDER, [BOB], 'read'));
  return { shareReadMs: rounded(shared), revokeSeconds: rounded(revoked / 1000) };
}

async function fill({ drive }: TestPerson): Promise<void> {
  for (let from = 0; from < FILES; from += FILES_AT_ONCE) {
    const items = Array.from({ length: FILES_AT_ONCE }, (_, i) => ({
      path: ['many', `file ${String(from + i)}.txt`],
      source: bytesSource(new Uint8Array([i, i >> 8])),
    }));
    await drive.upload(await drive.home(), items);
  }
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}
