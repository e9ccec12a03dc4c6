/**
 * Damage, by the node and by those who may write: it has a name, it stays where it is, and what is
 * beside it can be read.
 */
import { describe, expect, it } from 'vitest';
import { cborMap, type Cid } from '#lib/codec/index.ts';
import { namedEntryToCbor, withChildren, type OpenNode } from '#lib/cryptree/index.ts';
import type { StorageNode, UnverifiedBlock } from '#lib/node/index.ts';
import { Commit, Snapshot } from '#lib/writers/index.ts';
import { depsOn } from '#lib/writers/testing.ts';
import { ChunkChain, chunkCapability } from './chain.ts';
import { directoryChunks } from './directory.ts';
import { createFileReader, type Drive, type Handle } from './index.ts';
import { openAt } from './nodes.ts';
import {
  bytesOf,
  countMapped,
  createTestDrive,
  driveDeps,
  namesOf,
  patternOf,
  put,
  rowsOf,
  type TestDrive,
} from './testing.ts';
import { seededRandom } from '#lib/writers/testing.ts';

/** Chunks of this size have fragments. */
const CHUNK = 5000;

/** A node that answers something else for one block. */
function lying(
  node: StorageNode,
  about: Cid,
  answer: (block: UnverifiedBlock) => UnverifiedBlock | undefined,
): StorageNode {
  const { blocks } = node;
  return {
    ...node,
    blocks: {
      ...blocks,
      async get(owner, cid, ...rest) {
        const block = await blocks.get(owner, cid, ...rest);
        return block && cid.equals(about) ? answer(block) : block;
      },
      champLookup: () => Promise.resolve([]),
    },
  };
}

function flipped(block: UnverifiedBlock): UnverifiedBlock {
  const copy = block.slice() as UnverifiedBlock;
  copy[copy.length >> 1]! ^= 1;
  return copy;
}

async function opened(): Promise<{ test: TestDrive; drive: Drive; home: Handle; file: Handle }> {
  const test = await createTestDrive({ chunkBytes: CHUNK });
  const { drive } = test;
  const home = await drive.home();
  const file = await put(drive, home, 'film', patternOf(4 * CHUNK - 10));
  await put(drive, home, 'beside', patternOf(CHUNK, 1));
  return { test, drive, home, file };
}

async function chunk({ account }: TestDrive, file: Handle, index: number): Promise<OpenNode> {
  const snapshot = new Snapshot(depsOn(account.node), account.owner);
  return (await openAt(snapshot, chunkPlace(file, index)))!;
}

function chunkPlace(file: Handle, index: number) {
  const chain = new ChunkChain(file.capability, file.properties.streamSecret!);
  return chunkCapability(file.capability, chain.at(index));
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );
}

describe('a node that', () => {
  it.each([
    ['changes a bit of a fragment', flipped],
    ['answers a fragment with another block', () => patternOf(5000) as UnverifiedBlock],
    ['cuts a fragment short', (block: UnverifiedBlock) => block.slice(0, -1) as UnverifiedBlock],
    ['has lost a fragment', () => undefined],
  ])('%s spoils that chunk and no other', async (_, answer) => {
    const { test, home, file } = await opened();
    const [fragment] = (await chunk(test, file, 1)).fpct.fragments;
    const drive = test.another(lying(test.account.node, fragment!.cid, answer));
    expect(await failureOf(bytesOf(drive, file))).toBe('FileDamaged');
    expect(await failureOf(bytesOf(drive, file, CHUNK + 7, CHUNK + 9))).toBe('FileDamaged');
    expect(await bytesOf(drive, file, 0, CHUNK)).toEqual(patternOf(CHUNK));
    expect(await bytesOf(drive, file, 2 * CHUNK)).toEqual(
      patternOf(4 * CHUNK - 10).slice(2 * CHUNK),
    );
    const [row] = (await rowsOf(drive, home)).filter(({ name }) => name === 'beside');
    expect(await bytesOf(drive, await drive.open(home, row!))).toEqual(patternOf(CHUNK, 1));
  });

  it.each([
    ['changes a bit of a child', flipped],
    ['has lost a child', () => undefined],
  ])('%s leaves its siblings readable, and the child removable', async (_, answer) => {
    const { test, home, file } = await opened();
    const drive = test.another(lying(test.account.node, file.node.cid, answer));
    const rows = await rowsOf(drive, home);
    expect(rows.map(({ name }) => name).sort()).toEqual(['.transactions', 'beside', 'film']);
    const found = await drive.openMany(home, rows);
    const errors = found.map((child) => (child instanceof Error ? child.name : ''));
    expect(errors.filter((name) => name !== '')).toHaveLength(1);
    expect(['DamagedBlock', 'BlockMissing']).toContain(errors.find((name) => name !== ''));
    await drive.remove(
      home,
      rows.filter(({ name }) => name === 'film'),
    );
    expect(await namesOf(test.another(), home)).toEqual(['.transactions', 'beside']);
  });

  it('has lost part of a list gives the rest of it, and then says so', async () => {
    const test = await createTestDrive({ childrenPerChunk: 2, chunkBytes: CHUNK });
    const home = await test.drive.home();
    for (let i = 0; i < 6; i++) await put(test.drive, home, `f${i}`, patternOf(9, i));
    const snapshot = new Snapshot(depsOn(test.account.node), test.account.owner);
    const parts: OpenNode[] = [];
    const first = await openAt(snapshot, home.capability);
    for await (const { node } of directoryChunks(snapshot, first!)) parts.push(node);
    const drive = test.another(lying(test.account.node, parts[2]!.cid, () => undefined));
    const names: string[] = [];
    const read = async () => {
      for await (const batch of drive.list(home)) names.push(...batch.map(({ name }) => name));
    };
    expect(await failureOf(read())).toBe('FolderDamaged');
    expect(names).toEqual(['f0', 'f1', 'f2', 'f3']);
    expect(await failureOf(drive.makeDirectory(home, 'new'))).toBe('FolderDamaged');
  });
});

describe('a writer who', () => {
  /** Changes the data map behind the drive's back. */
  async function meddle(
    { account, home }: TestDrive,
    work: (commit: Commit) => Promise<void>,
  ): Promise<void> {
    const commit = new Commit(depsOn(account.node, seededRandom(77)), home.owner);
    await work(commit);
    await commit.commit();
  }

  it('takes a chunk away leaves an error, not silence', async () => {
    const { test, file } = await opened();
    const { mapKey } = chunkPlace(file, 3);
    await meddle(test, (commit) => commit.removeMapped(test.home.signer, [mapKey]));
    const drive = test.another();
    expect(await failureOf(bytesOf(drive, file))).toBe('FileDamaged');
    expect(await bytesOf(drive, file, 0, 3 * CHUNK)).toHaveLength(3 * CHUNK);
  });

  it('swaps two chunks is found out', async () => {
    const { test, file } = await opened();
    const [one, two] = [await chunk(test, file, 1), await chunk(test, file, 2)];
    await meddle(test, async (commit) => {
      await commit.setMapped(test.home.signer, one.capability.mapKey, one.cid, two.cid);
      await commit.setMapped(test.home.signer, two.capability.mapKey, two.cid, one.cid);
    });
    expect(await failureOf(bytesOf(test.another(), file, CHUNK, CHUNK + 1))).toBe('FileDamaged');
  });

  it('puts a chunk of another file in place is found out', async () => {
    const { test, file, drive, home } = await opened();
    const other = await put(drive, home, 'other', patternOf(3 * CHUNK, 9));
    const [own, foreign] = [await chunk(test, file, 1), await chunk(test, other, 1)];
    await meddle(test, (commit) =>
      commit.setMapped(test.home.signer, own.capability.mapKey, own.cid, foreign.cid),
    );
    expect(await failureOf(bytesOf(test.another(), file, CHUNK, CHUNK + 1))).toBe('FileDamaged');
  });

  it('lets a child dangle: it is listed, cannot be opened, can be removed', async () => {
    const { test, home, file } = await opened();
    const { mapKey } = file.capability;
    await meddle(test, (commit) => commit.removeMapped(test.home.signer, [mapKey]));
    const drive = test.another();
    const rows = await rowsOf(drive, home);
    const row = rows.find(({ name }) => name === 'film')!;
    expect(await failureOf(drive.open(home, row))).toBe('DanglingEntry');
    await drive.remove(home, [row]);
    expect(await namesOf(drive, home)).toEqual(['.transactions', 'beside']);
  });

  it.each(['a/b', '', '..', 'x'.repeat(256)])(
    'gives a child the name “%s” hides nothing: the rest is listed and it can be removed',
    async (bad) => {
      const { test, home, drive } = await opened();
      await put(drive, home, 'bad', patternOf(10));
      const { node } = await drive.home();
      const rows = await rowsOf(drive, home);
      const children = rows.map(({ child }) => {
        if (child.name !== 'bad' || 'raw' in child) return child;
        const raw = cborMap(new Map([...namedEntryToCbor(child)]).set('n', bad));
        return { raw, reason: new Error(), name: bad, mapKey: undefined, writer: undefined };
      });
      await meddle(test, async (commit) => {
        const built = await withChildren(node, children as never, seededRandom(5));
        const cid = commit.putCbor(test.home.signer, built.value);
        await commit.setMapped(test.home.signer, node.capability.mapKey, node.cid, cid);
      });
      const after = await rowsOf(test.another(), home);
      expect(after.map(({ unreadable }) => unreadable !== undefined).sort()).toEqual([
        false,
        false,
        false,
        true,
      ]);
      const labels = await countMapped(test);
      await drive.remove(
        home,
        after.filter(({ unreadable }) => unreadable !== undefined),
      );
      expect(await namesOf(drive, home)).toEqual(['.transactions', 'beside', 'film']);
      expect(await countMapped(test)).toBe(labels - 1);
    },
  );
});

describe('names that mean something to JavaScript', () => {
  const inherited = Object.getOwnPropertyNames(Object.prototype);

  it('are a dozen', () => {
    expect(inherited.length).toBeGreaterThanOrEqual(12);
  });

  it.each(inherited)('%s is a name like any other', async (name) => {
    const { drive, home } = await opened();
    const folder = await drive.makeDirectory(home, name);
    await put(drive, folder, name, patternOf(10));
    expect(await bytesOf(drive, await drive.resolve([name, name]))).toEqual(patternOf(10));
    expect(await failureOf(drive.makeDirectory(home, name))).toBe('NameExists');
  });

  it.each(['a/b', '..', '.', '', 'x'.repeat(256), 'new\nline', 'nul\u0000'])(
    '“%s” cannot be given',
    async (name) => {
      const { drive, home } = await opened();
      expect(await failureOf(drive.makeDirectory(home, name))).toBe('BadFileName');
      const row = (await rowsOf(drive, home)).find((entry) => entry.name === 'film')!;
      expect(await failureOf(drive.rename(home, row, name))).toBe('BadFileName');
      const upload = drive.upload(home, [
        { path: [name], source: { sizeBytes: 1, read: () => Promise.resolve(new Uint8Array(1)) } },
      ]);
      expect(await failureOf(upload)).toBe('BadFileName');
    },
  );
});

describe('a file reader', () => {
  it('goes on from the present state when old blocks were collected under it', async () => {
    const { test, drive, home, file } = await opened();
    const deps = driveDeps(test.account.node, seededRandom(8), test.account, { chunkBytes: CHUNK });
    const reader = await createFileReader({ ...deps }, file.capability);
    await put(drive, home, 'newer', patternOf(10));
    test.account.clock.nowMs += 25 * 3600 * 1000;
    await test.account.node.collect(test.account.owner);
    const pieces: Uint8Array[] = [];
    for await (const piece of reader.read(CHUNK, 2 * CHUNK)) pieces.push(piece);
    expect(Buffer.concat(pieces)).toEqual(Buffer.from(patternOf(2 * CHUNK).slice(CHUNK)));
  });

  it('does not mix two versions of a file', async () => {
    const { test, drive, file } = await opened();
    const deps = driveDeps(test.account.node, seededRandom(8), test.account, { chunkBytes: CHUNK });
    const reader = await createFileReader(deps, file.capability);
    test.account.clock.nowMs += 1000;
    await drive.overwrite(file, CHUNK, {
      sizeBytes: 10,
      read: (start, end) => Promise.resolve(new Uint8Array(end - start)),
    });
    test.account.clock.nowMs += 25 * 3600 * 1000;
    await test.account.node.collect(test.account.owner);
    const read = async () => {
      for await (const _ of reader.read(CHUNK)) continue;
    };
    expect(await failureOf(read())).toBe('FileChangedWhileReading');
  });
});
