/** Copying what is damaged in places: the rest is copied, and what was left out has a path and a name. */
import { describe, expect, it } from 'vitest';
import type { Cid } from '#lib/codec/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { Commit } from '#lib/writers/index.ts';
import { depsOn, seededRandom } from '#lib/writers/testing.ts';
import type { Copied, Drive, Handle } from './index.ts';
import {
  bytesOf,
  chunksOf,
  createTestDrive,
  namesOf,
  patternOf,
  put,
  rowsOf,
  withoutBlocks,
  type TestDrive,
} from './testing.ts';

/** Chunks of this size have fragments. */
const CHUNK = 5000;

interface Damaged {
  readonly test: TestDrive;
  readonly home: Handle;
  /** A device that meets the damage. */
  readonly drive: Drive;
}

/** `home/from` with entries that are damaged in every way there is, beside whole ones. */
async function damaged(): Promise<Damaged> {
  const test = await createTestDrive({ chunkBytes: CHUNK });
  const { drive } = test;
  const home = await drive.home();
  const from = await drive.makeDirectory(home, 'from');
  const sub = await drive.makeDirectory(from, 'sub');
  const broken = await drive.makeDirectory(from, 'broken');
  await put(drive, broken, 'below', patternOf(10));
  await put(drive, from, 'whole', patternOf(2 * CHUNK));
  await put(drive, sub, 'deep', patternOf(20));
  const film = await put(drive, sub, 'film', patternOf(4 * CHUNK - 10));
  const page = await put(drive, from, 'page', patternOf(CHUNK - 1));
  const node = await put(drive, from, 'node', patternOf(10));
  const dangling = await put(drive, sub, 'dangling', patternOf(10));
  await forget(test, dangling);
  const fragments = [(await chunksOf(test, film))[1]!, (await chunksOf(test, page))[0]!];
  const lost = fragments.map(({ fpct }) => fpct.fragments[0]!.cid);
  const folder = await drive.resolve(['from', 'broken']);
  const missing = [...lost, node.node.cid, folder.node.cid];
  return { test, home, drive: test.another(withoutBlocks(test.account.node, missing)) };
}

/** Takes the target of an entry away, as an interrupted deletion does. */
async function forget({ account, home }: TestDrive, { capability }: Handle): Promise<void> {
  const commit = new Commit(depsOn(account.node, seededRandom(77)), home.owner);
  await commit.removeMapped(home.signer, [capability.mapKey]);
  await commit.commit();
}

function leftOutOf({ leftOut }: Copied): Record<string, string> {
  return Object.fromEntries(leftOut.map(({ path, error }) => [path.join('/'), error.name]));
}

async function copyOf(drive: Drive, home: Handle, names: readonly string[], to: Handle) {
  const rows = (await rowsOf(drive, home)).filter(({ name }) => names.includes(name));
  return drive.copy(home, rows, to);
}

describe('a copy of a folder with damage in it', () => {
  it('has everything else, and names each entry that it lacks with its path', async () => {
    const { drive, home } = await damaged();
    const to = await drive.makeDirectory(home, 'to');
    const copied = await copyOf(drive, home, ['from'], to);
    expect(leftOutOf(copied)).toEqual({
      'from/broken': 'BlockMissing',
      'from/node': 'BlockMissing',
      'from/page': 'FileDamaged',
      'from/sub/dangling': 'DanglingEntry',
      'from/sub/film': 'FileDamaged',
    });
    expect(await namesOf(drive, await drive.resolve(['to', 'from']))).toEqual(['sub', 'whole']);
    expect(await namesOf(drive, await drive.resolve(['to', 'from', 'sub']))).toEqual(['deep']);
    const whole = await drive.resolve(['to', 'from', 'whole']);
    expect(await bytesOf(drive, whole)).toEqual(patternOf(2 * CHUNK));
    expect(await drive.uploads().list()).toEqual([]);
  });

  it('names the entries as they are called where they come from', async () => {
    const { drive, home } = await damaged();
    const [row] = (await rowsOf(drive, home)).filter(({ name }) => name === 'from');
    const renamed = await drive.copy(home, [row!], home, { newName: 'other' });
    expect(renamed.leftOut.map(({ path }) => path[0])).toEqual(Array(5).fill('from'));
    const beside = await drive.copy(home, [row!], home);
    expect(beside.leftOut.map(({ path }) => path[0])).toEqual(Array(5).fill('from'));
    expect(await namesOf(drive, await drive.resolve(['from (copy)']))).toEqual(['sub', 'whole']);
  });

  it('of several entries is made of those that can be opened', async () => {
    const { drive, home } = await damaged();
    const from = await drive.resolve(['from']);
    const to = await drive.makeDirectory(home, 'to');
    const copied = await copyOf(drive, from, ['node', 'broken', 'whole'], to);
    expect(leftOutOf(copied)).toEqual({ broken: 'BlockMissing', node: 'BlockMissing' });
    expect(await namesOf(drive, to)).toEqual(['whole']);
  });

  it('leaves nothing behind of a single damaged file', async () => {
    const { drive, home } = await damaged();
    const sub = await drive.resolve(['from', 'sub']);
    const to = await drive.makeDirectory(home, 'to');
    expect(leftOutOf(await copyOf(drive, sub, ['film'], to))).toEqual({ film: 'FileDamaged' });
    expect(await namesOf(drive, to)).toEqual([]);
    expect(await drive.uploads().list()).toEqual([]);
  });

  it('has what could be listed of a folder whose list is damaged, and names the folder', async () => {
    const test = await createTestDrive({ childrenPerChunk: 2, chunkBytes: CHUNK });
    const home = await test.drive.home();
    const from = await test.drive.makeDirectory(home, 'from');
    for (let i = 0; i < 6; i++) await put(test.drive, from, `f${i}`, patternOf(9, i));
    const parts = await chunksOf(test, await test.drive.resolve(['from']));
    const drive = test.another(withoutBlocks(test.account.node, [parts[2]!.cid]));
    const to = await drive.makeDirectory(home, 'to');
    const copied = await copyOf(drive, home, ['from'], to);
    expect(leftOutOf(copied)).toEqual({ from: 'FolderDamaged' });
    const names = await namesOf(drive, await drive.resolve(['to', 'from']));
    expect(names).toEqual(['f0', 'f1', 'f2', 'f3']);
  });
});

describe('a node that goes away', () => {
  /** Away from the moment this block is asked for. */
  function awayAt(node: StorageNode, about: Cid): StorageNode {
    let isAway = false;
    return {
      ...node,
      blocks: {
        ...node.blocks,
        get(owner, cid, ...rest) {
          isAway ||= cid.equals(about);
          if (isAway) return Promise.reject(new NodeUnreachable('The node is away.'));
          return node.blocks.get(owner, cid, ...rest);
        },
        champLookup: () => Promise.resolve([]),
      },
    };
  }

  const nodeAt = async ({ drive }: TestDrive, ...path: string[]) =>
    (await drive.resolve(['from', 'sub', ...path])).node.cid;
  const chunksAt = async (test: TestDrive, ...path: string[]) =>
    chunksOf(test, await test.drive.resolve(['from', 'sub', ...path]));

  it.each([
    ['a file', (test: TestDrive) => nodeAt(test, 'file')],
    ['a folder', (test: TestDrive) => nodeAt(test)],
    ['a part of a list', async (test: TestDrive) => (await chunksAt(test))[1]!.cid],
    [
      'a piece of a file',
      async (test: TestDrive) => (await chunksAt(test, 'file'))[0]!.fpct.fragments[0]!.cid,
    ],
  ])('while %s is read ends the copy, and nothing is called damaged', async (_, blockOf) => {
    const test = await createTestDrive({ childrenPerChunk: 2, chunkBytes: CHUNK });
    const home = await test.drive.home();
    const from = await test.drive.makeDirectory(home, 'from');
    const sub = await test.drive.makeDirectory(from, 'sub');
    await put(test.drive, sub, 'file', patternOf(CHUNK));
    for (let i = 0; i < 4; i++) await put(test.drive, sub, `f${i}`, patternOf(9, i));
    const to = await test.drive.makeDirectory(home, 'to');
    const drive = test.another(awayAt(test.account.node, await blockOf(test)));
    const copying = copyOf(drive, home, ['from'], to);
    await expect(copying).rejects.toBeInstanceOf(NodeUnreachable);
  });
});
