/** The same behaviour of every kind of store, and what is special to IndexedDB. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIndexedDbStores, createMemoryStores, StoreFull, StoreUnavailable } from './index.ts';
import type { BlockStore, RecordEntry, RecordStore } from './index.ts';

interface Stores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
}

const kinds: [string, () => Promise<Stores>][] = [
  ['memory', async () => createMemoryStores()],
  ['IndexedDB', () => createIndexedDbStores('drive', new IDBFactory())],
];

const bytes = (...values: number[]) => Uint8Array.from(values);

describe.each(kinds)('blocks in %s', (_kind, create) => {
  test('are there after they were put, and absent otherwise', async () => {
    const { blocks } = await create();
    await blocks.putMany([
      { key: 'a/1', bytes: bytes(1, 2) },
      { key: 'a/2', bytes: new Uint8Array(0) },
    ]);
    expect(await blocks.get('a/1')).toEqual(bytes(1, 2));
    expect(await blocks.get('a/2')).toEqual(new Uint8Array(0));
    expect(await blocks.get('a/3')).toBeUndefined();
    expect([await blocks.has('a/1'), await blocks.has('a/3')]).toEqual([true, false]);
  });

  test('keep their first value, also within one call', async () => {
    const { blocks } = await create();
    await blocks.putMany([{ key: 'k', bytes: bytes(1) }]);
    await blocks.putMany([{ key: 'k', bytes: bytes(2, 2) }]);
    expect(await blocks.get('k')).toEqual(bytes(1));
    expect(await blocks.list('')).toEqual([{ key: 'k', sizeBytes: 1 }]);
  });

  test('are copies: neither the given nor the returned buffer is shared', async () => {
    const { blocks } = await create();
    const given = bytes(9, 1, 2, 9).subarray(1, 3);
    await blocks.putMany([{ key: 'k', bytes: given }]);
    given.fill(0);
    const first = await blocks.get('k');
    expect(first).toEqual(bytes(1, 2));
    expect(first?.buffer.byteLength).toBe(2);
    first?.fill(7);
    expect(await blocks.get('k')).toEqual(bytes(1, 2));
  });

  test('are deleted, absent ones being ignored', async () => {
    const { blocks } = await create();
    await blocks.putMany([
      { key: 'a', bytes: bytes(1) },
      { key: 'b', bytes: bytes(2) },
    ]);
    await blocks.deleteMany(['a', 'z']);
    expect(await blocks.list('')).toEqual([{ key: 'b', sizeBytes: 1 }]);
    expect(await blocks.has('a')).toBe(false);
  });

  test('are listed by prefix, in order, page by page', async () => {
    const { blocks } = await create();
    const keys = ['a/1', 'a/10', 'a/2', 'b/1', 'a0', 'A/1'];
    await blocks.putMany(keys.map((key, i) => ({ key, bytes: new Uint8Array(i) })));
    const keysOf = async (...args: [string, string?, number?]) =>
      (await blocks.list(...args)).map(({ key }) => key);
    expect(await keysOf('a/')).toEqual(['a/1', 'a/10', 'a/2']);
    expect(await keysOf('a/', 'a/1', 1)).toEqual(['a/10']);
    expect(await keysOf('a/', 'a/2')).toEqual([]);
    expect(await keysOf('a/', 'A')).toEqual(['a/1', 'a/10', 'a/2']);
    expect(await keysOf('a/', 'z')).toEqual([]);
    expect(await keysOf('', undefined, 0)).toEqual([]);
  });

  test('are not read once their reader has given up', async () => {
    const { blocks } = await create();
    await expect(blocks.get('k', AbortSignal.abort())).rejects.toHaveProperty('name', 'AbortError');
  });
});

describe.each(kinds)('records in %s', (_kind, create) => {
  test('change together iff every expectation holds', async () => {
    const { records } = await create();
    const write = (value: Uint8Array | undefined): RecordEntry => ({ table: 't', key: 'k', value });
    const other: RecordEntry = { table: 'u', key: 'k', value: bytes(5) };
    expect(
      await records.apply({ expect: [write(undefined)], writes: [write(bytes(1)), other] }),
    ).toBe(true);
    expect(await records.apply({ expect: [write(undefined)], writes: [write(bytes(2))] })).toBe(
      false,
    );
    expect(
      await records.apply({ expect: [write(bytes(1, 0)), other], writes: [write(bytes(2))] }),
    ).toBe(false);
    expect(await records.get('t', 'k')).toEqual(bytes(1));
    expect(
      await records.apply({ expect: [write(bytes(1)), other], writes: [write(undefined)] }),
    ).toBe(true);
    expect(await records.get('t', 'k')).toBeUndefined();
    expect(await records.get('u', 'k')).toEqual(bytes(5));
  });

  test('are listed within their table only', async () => {
    const { records } = await create();
    const writes = ['x/1', 'x/2', 'y'].flatMap((key) => [
      { table: 't', key, value: bytes(1) },
      { table: 'tt', key, value: bytes(2) },
    ]);
    await records.apply({ writes });
    expect(await records.list('t', '')).toHaveLength(3);
    expect(await records.list('t', 'x/', 'x/1')).toEqual([{ key: 'x/2', value: bytes(1) }]);
    expect(await records.list('t', '', undefined, 2)).toHaveLength(2);
  });

  test('let exactly one of many competing writers succeed', async () => {
    const { records } = await create();
    const absent = { table: 't', key: 'k', value: undefined };
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        records.apply({ expect: [absent], writes: [{ table: 't', key: 'k', value: bytes(i) }] }),
      ),
    );
    expect(outcomes.filter(Boolean)).toHaveLength(1);
  });
});

describe('IndexedDB', () => {
  test('agrees with memory over random calls', async () => {
    const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'é', '😀');
    const call = fc.oneof(
      fc.record({ call: fc.constant('put' as const), keys: fc.array(key), byte: fc.nat(255) }),
      fc.record({ call: fc.constant('delete' as const), keys: fc.array(key), byte: fc.nat(255) }),
      fc.record({ call: fc.constant('apply' as const), keys: fc.array(key), byte: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 20 }), async (calls) => {
        const pair = await Promise.all(kinds.map(([, create]) => create()));
        for (const { call, keys, byte } of calls) {
          const [left, right] = await Promise.all(
            pair.map(async ({ blocks, records }) => {
              const entries = keys.map((k, i) => ({ key: k, bytes: bytes(byte, i) }));
              if (call === 'put') return blocks.putMany(entries);
              if (call === 'delete') return blocks.deleteMany(keys);
              const [first] = keys;
              const value = byte === 0 ? undefined : bytes(byte);
              const expectation = { table: 't', key: first ?? 'a', value: bytes(byte - 1) };
              return records.apply({
                expect: byte > 1 ? [expectation] : [],
                writes: keys.map((k) => ({ table: 't', key: k, value })),
              });
            }),
          );
          expect(right).toEqual(left);
        }
        const [left, right] = await Promise.all(
          pair.map(async ({ blocks, records }) => ({
            blocks: await blocks.list(''),
            records: await records.list('t', ''),
          })),
        );
        expect(right).toEqual(left);
      }),
      { numRuns: 30 },
    );
  });

  test('is seen by a second handle at once and gives way to a deletion', async () => {
    const factory = new IDBFactory();
    const [first, second] = await Promise.all([
      createIndexedDbStores('drive', factory),
      createIndexedDbStores('drive', factory),
    ]);
    await first.blocks.putMany([{ key: 'k', bytes: bytes(1) }]);
    expect(await second.blocks.has('k')).toBe(true);
    await second.destroy();
    expect(await first.blocks.has('k')).toBe(false); // opened anew, empty
    await expect(second.blocks.has('k')).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('leaves a newer version of the database alone', async () => {
    const factory = new IDBFactory();
    const stores = await createIndexedDbStores('drive', factory);
    await new Promise((resolve, reject) => {
      const request = factory.open('drive', 2); // passes only if the old handle gives way
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    await expect(stores.blocks.has('k')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(createIndexedDbStores('drive', factory)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('says so where a browser has none', async () => {
    const none = undefined as unknown as IDBFactory;
    const had = globalThis.indexedDB;
    Reflect.deleteProperty(globalThis, 'indexedDB');
    await expect(createIndexedDbStores('drive', none)).rejects.toBeInstanceOf(StoreUnavailable);
    globalThis.indexedDB = had;
  });

  test.each([1, 2, 3, 4])('has written nothing when the disk is full at write %i', async (nth) => {
    const stores = await createIndexedDbStores('drive', new IDBFactory());
    const restore = failNthPut(nth);
    const entries = [1, 2].map((n) => ({ key: `k${n}`, bytes: bytes(n) }));
    try {
      await expect(stores.blocks.putMany(entries)).rejects.toBeInstanceOf(StoreFull);
    } finally {
      restore();
    }
    expect(await stores.blocks.list('')).toEqual([]);
    expect(await stores.blocks.get('k1')).toBeUndefined();
  });

  test('writes no record of a batch that does not fit', async () => {
    const stores = await createIndexedDbStores('drive', new IDBFactory());
    const restore = failNthPut(2);
    const writes = ['a', 'b'].map((key) => ({ table: 't', key, value: bytes(1) }));
    try {
      await expect(stores.records.apply({ writes })).rejects.toBeInstanceOf(StoreFull);
    } finally {
      restore();
    }
    expect(await stores.records.list('t', '')).toEqual([]);
  });
});

test('memory with a capacity refuses a whole batch that does not fit', async () => {
  const { blocks, records } = createMemoryStores({ capacityBytes: 10 });
  const entries = ['a', 'b'].map((key) => ({ key, bytes: new Uint8Array(6) }));
  await expect(blocks.putMany(entries)).rejects.toBeInstanceOf(StoreFull);
  expect(await blocks.list('')).toEqual([]);
  await blocks.putMany([{ key: 'a', bytes: new Uint8Array(6) }]);
  const write = { table: 't', key: 'k', value: new Uint8Array(5) };
  await expect(records.apply({ writes: [write] })).rejects.toBeInstanceOf(StoreFull);
  await blocks.deleteMany(['a']);
  expect(await records.apply({ writes: [write] })).toBe(true);
});

/** The nth `put` from now aborts its transaction as a browser does when the disk is full. */
function failNthPut(nth: number): () => void {
  const { put } = IDBObjectStore.prototype;
  let seen = 0;
  IDBObjectStore.prototype.put = function (...args: [unknown, IDBValidKey?]) {
    const request = put.apply(this, args);
    if (++seen !== nth) return request;
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  };
  return () => (IDBObjectStore.prototype.put = put);
}
