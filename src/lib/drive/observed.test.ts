/**
 * What the reference does, as recorded at the end of A-11: sizes scaled down from MiB to KiB, so a
 * chunk of 5 MiB is one of 5 KiB here.
 */
import { describe, expect, it } from 'vitest';
import { openAt } from './nodes.ts';
import { ChunkChain, chunkCapability } from './chain.ts';
import { directoryChunks } from './directory.ts';
import { bytesSource, type Drive, type Handle } from './index.ts';
import { createTestDrive, namesOf, patternOf, put, rowsOf, type TestDrive } from './testing.ts';
import { openContent } from './content.ts';
import { driveDeps } from './testing.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { depsOn, seededRandom } from '#lib/writers/testing.ts';

const KIB = 1024;
const CHUNK = 5 * KIB;

function snapshotOf({ account }: TestDrive): Snapshot {
  return new Snapshot(depsOn(account.node), account.owner);
}

/** The nodes of a file's chunks that exist, in order, one beyond the last asked for. */
async function chunksOf(test: TestDrive, file: Handle) {
  const view = snapshotOf(test);
  const chain = new ChunkChain(file.capability, file.properties.streamSecret!);
  const nodes = [];
  for (let i = 0; ; i++) {
    const node = await openAt(view, chunkCapability(file.capability, chain.at(i)));
    if (!node) return nodes;
    nodes.push(node);
  }
}

async function sequence({ account }: TestDrive): Promise<number> {
  const { sequence } = await new Snapshot(depsOn(account.node), account.owner).state(
    account.home.hash,
  );
  return Number(sequence);
}

async function uploaded(sizeKib: number): Promise<{ test: TestDrive; drive: Drive; file: Handle }> {
  const test = await createTestDrive({ chunkBytes: CHUNK });
  const { drive } = test;
  const file = await put(drive, await drive.home(), 'f.bin', patternOf(sizeKib * KIB));
  return { test, drive, file };
}

describe('a file of 12', () => {
  it('has three chunks, a way up on each, its hash on the first; its record takes one commit, all else the next', async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const { drive } = test;
    const home = await drive.home();
    const before = await sequence(test);
    const file = await put(drive, home, 'f.bin', patternOf(12 * KIB));
    expect(await sequence(test)).toBe(before + 2);
    const chunks = await chunksOf(test, file);
    expect(chunks.map(({ parent }) => parent !== undefined)).toEqual([true, true, true]);
    expect(chunks.map(({ properties }) => properties.hashBranch !== undefined)).toEqual([
      true,
      false,
      false,
    ]);
    expect(chunks.map(({ properties }) => properties.sizeBytes / KIB)).toEqual([12, 12, 12]);
    expect(chunks.every(({ dataKey }) => dataKey?.equals(file.node.dataKey!))).toBe(true);
    expect(chunks.every(({ batIds }) => batIds.length === 2)).toBe(true);
  });

  it('after appending 4 has four, the untouched one still says 12, and no hash', async () => {
    const { test, drive, file } = await uploaded(12);
    const grown = await drive.append(file, bytesSource(patternOf(4 * KIB)));
    const chunks = await chunksOf(test, grown);
    expect(chunks.map(({ properties }) => properties.sizeBytes / KIB)).toEqual([16, 12, 16, 16]);
    expect(chunks[0]?.properties.hashBranch).toBeUndefined();
  });

  it.each([
    [7 * KIB, 2, false],
    [5 * KIB, 1, false],
    [100, 1, true],
    [0, 1, true],
  ])('cut to %i bytes has %i chunks, a hash: %s', async (size, count, isHashed) => {
    const { test, drive, file } = await uploaded(12);
    const cut = await drive.truncate(file, size);
    const chunks = await chunksOf(test, cut);
    expect(chunks).toHaveLength(count);
    expect(chunks[0]?.properties.hashBranch !== undefined).toBe(isHashed);
  });

  it('cut to 100 and then to nothing still holds the 100 bytes', async () => {
    const { test, drive, file } = await uploaded(12);
    const empty = await drive.truncate(await drive.truncate(file, 100), 0);
    const deps = driveDeps(test.account.node, seededRandom(7), test.account);
    const content = await openContent(snapshotOf(test), deps, empty.node);
    expect(content).toEqual(patternOf(12 * KIB).slice(0, 100));
    expect(empty.properties.sizeBytes).toBe(0);
  });
});

it('11 entries at 4 a chunk lie as 4, 4, 3; a hole in the first is filled by the next entry', async () => {
  const test = await createTestDrive({ chunkBytes: CHUNK, childrenPerChunk: 4 });
  const { drive } = test;
  const home = await drive.home();
  const items = Array.from({ length: 11 }, (_, i) => ({
    path: [`f${i}`],
    source: bytesSource(patternOf(i)),
  }));
  await drive.upload(home, items);
  const counts = async () => {
    const view = snapshotOf(test);
    const first = await openAt(view, home.capability);
    const found = [];
    for await (const { children } of directoryChunks(view, first!)) found.push(children.length);
    return found;
  };
  expect(await counts()).toEqual([4, 4, 3]);
  const [first] = await rowsOf(drive, home);
  await drive.remove(home, [first!]);
  expect(await counts()).toEqual([3, 4, 3]);
  await put(drive, home, 'next', patternOf(1));
  expect(await counts()).toEqual([4, 4, 3]);
  const view = snapshotOf(test);
  const parts = [];
  for await (const { node } of directoryChunks(view, (await openAt(view, home.capability))!)) {
    parts.push(node);
  }
  expect(parts[1]?.properties.name).toBe('.subsequent-dir-chunk');
  expect(parts[1]?.signerLink).toBeUndefined();
  expect(await namesOf(drive, home)).toHaveLength(11);
});
