/** Blocks in files: what a crash at any step, a full medium and other instances may do to them. */
import 'fake-indexeddb/auto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RESERVE_BYTES } from './reserve.ts';
import { SEGMENT_MIN_BYTES } from './segmented-blocks.ts';
import { Crash, crashAt, World } from './testing/world.ts';
import { StoreFull, StoreUnavailable } from './types.ts';
import type { BlockStore } from './types.ts';

const large = (byte: number, more = 0) => new Uint8Array(SEGMENT_MIN_BYTES + more).fill(byte);
const entry = (key: string, byte: number, more = 0) => ({ key, bytes: large(byte, more) });

type Model = Map<string, string>;

/** Small enough to compare quickly: length and first byte say it all here. */
const nameOf = (bytes: Uint8Array): string => `${bytes.length}/${bytes[0]}/${bytes.at(-1)}`;

async function contentOf(blocks: BlockStore): Promise<Model> {
  const model: Model = new Map();
  for (const { key, sizeBytes } of await blocks.list('')) {
    const bytes = await blocks.get(key);
    expect(bytes?.length).toBe(sizeBytes);
    model.set(key, nameOf(bytes!));
  }
  return model;
}

describe('large blocks', () => {
  test('of one call lie in one file, small ones do not', async () => {
    const world = new World();
    const { blocks } = world.open();
    const small = { key: 'small', bytes: Uint8Array.of(1, 2, 3) };
    await blocks.putMany([entry('a', 1), small, entry('b', 2, 7)]);
    const segments = [...world.files].filter(([name]) => name !== 'reserve');
    expect(segments.map(([, bytes]) => bytes.length)).toEqual([2 * SEGMENT_MIN_BYTES + 7]);
    expect(nameOf((await blocks.get('b'))!)).toBe(nameOf(large(2, 7)));
    expect(await blocks.get('small')).toEqual(small.bytes);
  });

  test('leave no file behind when all were there already', async () => {
    const world = new World();
    const { blocks } = world.open();
    await blocks.putMany([entry('a', 1)]);
    await blocks.putMany([entry('a', 2)]);
    expect(world.files.size).toBe(2);
    expect(nameOf((await blocks.get('a'))!)).toBe(nameOf(large(1)));
  });

  test('take their file with them when the last of it goes', async () => {
    const world = new World();
    const { blocks } = world.open();
    await blocks.putMany([entry('a', 1), entry('b', 2)]);
    await blocks.deleteMany(['a']);
    expect(world.files.size).toBe(2);
    await blocks.deleteMany(['b']);
    expect([...world.files.keys()]).toEqual(['reserve']);
  });

  test('that are few in their file are moved by the next instance, others stay', async () => {
    const world = new World();
    const first = world.open();
    await first.blocks.putMany(['a', 'b', 'c', 'd'].map((key, i) => entry(key, i)));
    await first.blocks.deleteMany(['a']);
    first.end();
    const second = world.open();
    expect(await second.blocks.tidy()).toBe(false);
    await second.blocks.deleteMany(['b']);
    expect(await second.blocks.tidy()).toBe(true);
    expect(world.usedBytes).toBe(RESERVE_BYTES + 2 * SEGMENT_MIN_BYTES);
    expect(await contentOf(second.blocks)).toEqual(
      new Map([
        ['c', nameOf(large(2))],
        ['d', nameOf(large(3))],
      ]),
    );
    expect(await second.index.unsettled()).toEqual([]);
  });

  test('of an instance that lives are left alone', async () => {
    const world = new World();
    let meanwhile: Promise<unknown> = Promise.resolve();
    const first = world.open(async (step) => {
      const result = await step();
      if (world.files.size === 2) meanwhile = world.open().blocks.tidy();
      return result;
    });
    await first.blocks.putMany([entry('a', 1)]);
    await meanwhile;
    expect(nameOf((await first.blocks.get('a'))!)).toBe(nameOf(large(1)));
  });

  test('that another instance moves while they are read are found again', async () => {
    const world = new World();
    const writer = world.open();
    await writer.blocks.putMany([entry('a', 1), entry('b', 2), entry('c', 3)]);
    await writer.blocks.deleteMany(['a', 'b']);
    let isFirst = true;
    const reader = world.open(async (step) => {
      if (isFirst) {
        isFirst = false;
        await writer.blocks.tidy();
      }
      return step();
    });
    expect(nameOf((await reader.blocks.get('c'))!)).toBe(nameOf(large(3)));
  });

  test('that are read at the same moment are read as one where they lie side by side', async () => {
    const world = new World();
    const writer = world.open();
    await writer.blocks.putMany(['a', 'b', 'c', 'd', 'e'].map((key, i) => entry(key, i, i)));
    await writer.blocks.putMany([entry('f', 6), { key: 'small', bytes: Uint8Array.of(7) }]);
    let steps = 0;
    const { blocks } = world.open((step) => (steps++, step()));
    // In any order, one of them twice, one that is not there; c is missing between b and d.
    const keys = ['e', 'a', 'f', 'small', 'b', 'absent', 'd', 'a'];
    const read = await Promise.all(keys.map((key) => blocks.get(key)));
    expect(read.map((bytes) => bytes && nameOf(bytes))).toEqual([
      nameOf(large(4, 4)),
      nameOf(large(0)),
      nameOf(large(6)),
      '1/7/7',
      nameOf(large(1, 1)),
      undefined,
      nameOf(large(3, 3)),
      nameOf(large(0)),
    ]);
    expect(steps).toBe(4); // a; a and b; d and e; f
  });

  test('that move while several are read are found again, and others are not lost', async () => {
    const world = new World();
    const writer = world.open();
    await writer.blocks.putMany(['a', 'b', 'c', 'd'].map((key, i) => entry(key, i)));
    await writer.blocks.deleteMany(['a', 'b']);
    let isFirst = true;
    const { blocks } = world.open(async (step) => {
      if (isFirst) {
        isFirst = false;
        await writer.blocks.tidy();
      }
      return step();
    });
    const read = await Promise.all(['c', 'd', 'a'].map((key) => blocks.get(key)));
    expect(read.map((bytes) => bytes && nameOf(bytes))).toEqual([
      nameOf(large(2)),
      nameOf(large(3)),
      undefined,
    ]);
  });

  test('whose file is gone are not there', async () => {
    const world = new World();
    const { blocks } = world.open();
    await blocks.putMany([entry('a', 1)]);
    world.files.clear();
    expect(await blocks.get('a')).toBeUndefined();
  });
});

describe('a crash', () => {
  const kinds = ['before', 'half', 'after'] as const;
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
  const call = fc.oneof(
    { weight: 3, arbitrary: fc.record({ put: fc.uniqueArray(key, { minLength: 1 }) }) },
    { weight: 2, arbitrary: fc.record({ delete: fc.uniqueArray(key, { minLength: 1 }) }) },
    { weight: 1, arbitrary: fc.record({ tidy: fc.constant(true) }) },
  );

  async function apply(blocks: BlockStore & { tidy(): Promise<boolean> }, it: Call, byte: number) {
    if ('put' in it) {
      const sized = (k: string) => (k === 'e' ? new Uint8Array(9).fill(byte) : large(byte, byte));
      await blocks.putMany(it.put.map((k) => ({ key: k, bytes: sized(k) })));
    } else if ('delete' in it) await blocks.deleteMany(it.delete);
    else await blocks.tidy();
  }

  function applyToModel(model: Model, it: Call, byte: number): Model {
    const next = new Map(model);
    if ('put' in it) {
      for (const k of it.put) {
        const bytes = k === 'e' ? new Uint8Array(9).fill(byte) : large(byte, byte);
        if (!next.has(k)) next.set(k, nameOf(bytes));
      }
    } else if ('delete' in it) for (const k of it.delete) next.delete(k);
    return next;
  }

  test('at any step leaves each call done or not done, and nothing else on the disk', async () => {
    const plan = fc.record({
      calls: fc.array(call, { minLength: 1, maxLength: 8 }),
      nth: fc.integer({ min: 1, max: 40 }),
      when: fc.constantFrom(...kinds),
    });
    await fc.assert(
      fc.asyncProperty(plan, async ({ calls, nth, when }) => {
        const world = new World();
        const dying = world.open(crashAt(nth, when));
        let before: Model = new Map();
        let after = before;
        try {
          for (const [i, it] of calls.entries()) {
            before = after;
            after = applyToModel(before, it, i);
            await apply(dying.blocks, it, i);
          }
          before = after;
        } catch (error) {
          if (!(error instanceof Crash)) throw error;
        }
        dying.end();
        const next = world.open();
        await next.blocks.tidy();
        const found = await contentOf(next.blocks);
        expect([before, after]).toContainEqual(found);
        expect(await next.index.unsettled()).toEqual([]);
        await expectNoStrayFile(world, next.index);
      }),
      { numRuns: 150 },
    );
  });
});

type Call = { put: string[] } | { delete: string[] } | { tidy: boolean };

async function expectNoStrayFile(
  world: World,
  index: ReturnType<World['open']>['index'],
): Promise<void> {
  const segments = [...world.files.keys()].filter((name) => name !== 'reserve');
  expect(await index.emptyAmong(segments)).toEqual([]);
}

describe('a full medium', () => {
  test('refuses large blocks whole and keeps what is there', async () => {
    const world = new World();
    const { blocks } = world.open();
    await blocks.putMany([entry('a', 1)]);
    world.capacityBytes = world.usedBytes + SEGMENT_MIN_BYTES;
    await expect(blocks.putMany([entry('b', 2), entry('c', 3)])).rejects.toThrow(StoreFull);
    expect((await blocks.list('')).map(({ key }) => key)).toEqual(['a']);
    expect(world.files.size).toBe(2);
  });

  test('writes small things in the room kept for it, and frees itself', async () => {
    const world = new World();
    const { blocks, records } = world.open();
    await blocks.putMany([entry('a', 1, RESERVE_BYTES)]);
    world.capacityBytes = world.usedBytes;
    const restore = refusePutsWhenFull(world);
    try {
      const writes = [{ table: 't', key: 'k', value: Uint8Array.of(1) }];
      expect(await records.apply({ writes })).toBe(true);
      expect(world.files.has('reserve')).toBe(false);
      await expect(blocks.putMany([entry('b', 2)])).rejects.toThrow(StoreFull);
      await blocks.deleteMany(['a']);
      expect(world.files.has('reserve')).toBe(true);
      await blocks.putMany([entry('b', 2)]);
      expect(nameOf((await blocks.get('b'))!)).toBe(nameOf(large(2)));
    } finally {
      restore();
    }
  });

  test('gives back what is dead in its files before it refuses', async () => {
    const world = new World();
    const { blocks } = world.open();
    await blocks.putMany(['a', 'b', 'c', 'd'].map((key, i) => entry(key, i)));
    await blocks.deleteMany(['a', 'b', 'c']);
    world.capacityBytes = world.usedBytes + SEGMENT_MIN_BYTES;
    await blocks.putMany([entry('e', 5), entry('f', 6)]);
    expect((await blocks.list('')).map(({ key }) => key)).toEqual(['d', 'e', 'f']);
  });
});

test('blocks in files cannot be read where there are none', async () => {
  const { createBrowserStores } = await import('./index.ts');
  const world = new World();
  const first = world.open();
  await first.blocks.putMany([entry('a', 1)]);
  const parts = { indexedDB: world.database, random: () => new Uint8Array(8) };
  const { blocks } = await createBrowserStores('drive', parts);
  await expect(blocks.get('a')).rejects.toThrow(StoreUnavailable);
});

/** Every transaction that puts is refused while the medium is full, as Chromium does. */
function refusePutsWhenFull(world: World): () => void {
  const { put } = IDBObjectStore.prototype;
  IDBObjectStore.prototype.put = function (...args: [unknown, IDBValidKey?]) {
    const request = put.apply(this, args);
    if (world.usedBytes < world.capacityBytes) return request;
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  };
  return () => (IDBObjectStore.prototype.put = put);
}
