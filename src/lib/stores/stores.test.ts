/** The stores of a browser: what every kind does, and what is special to IndexedDB. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { describe, expect, test } from 'vitest';
import { createBrowserStores, createMemoryStores, StoreFull, StoreUnavailable } from './index.ts';
import { describeAgreement, describeBlockStore, describeRecordStore } from './testing.ts';
import { World } from './testing/world.ts';

describeBlockStore('memory', async () => createMemoryStores().blocks);
describeRecordStore('memory', async () => createMemoryStores().records);

const inIndexedDb = (indexedDB: IDBFactory | undefined) =>
  createBrowserStores('drive', { indexedDB, random: (length) => new Uint8Array(length) });
const createIndexedDb = () => inIndexedDb(new IDBFactory());
describeBlockStore('IndexedDB', async () => (await createIndexedDb()).blocks);
describeRecordStore('IndexedDB', async () => (await createIndexedDb()).records);

describeBlockStore('files', async () => new World().open().blocks);
describeRecordStore('IndexedDB beside files', async () => new World().open().records);

const bytes = (...values: number[]) => Uint8Array.from(values);

describe('IndexedDB', () => {
  describeAgreement('IndexedDB', createIndexedDb);
  describeAgreement('files', async () => new World().open());

  test('is seen by a second handle at once and gives way to a deletion', async () => {
    const factory = new IDBFactory();
    const [first, second] = await Promise.all([inIndexedDb(factory), inIndexedDb(factory)]);
    await first.blocks.putMany([{ key: 'k', bytes: bytes(1) }]);
    expect(await second.blocks.has('k')).toBe(true);
    await second.destroy();
    expect(await first.blocks.has('k')).toBe(false); // opened anew, empty
    await expect(second.blocks.has('k')).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('leaves a newer version of the database alone', async () => {
    const factory = new IDBFactory();
    const stores = await inIndexedDb(factory);
    await new Promise((resolve, reject) => {
      const request = factory.open('drive', 99); // passes only if the old handle gives way
      request.onsuccess = resolve;
      request.onerror = reject;
    });
    await expect(stores.blocks.has('k')).rejects.toBeInstanceOf(StoreUnavailable);
    await expect(inIndexedDb(factory)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('says so where a browser has none', async () => {
    await expect(inIndexedDb(undefined)).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test.each([1, 2, 3, 4])('has written nothing when the disk is full at write %i', async (nth) => {
    const stores = await createIndexedDb();
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

  test('writes small things in the room kept for it, and no content then', async () => {
    const stores = await createIndexedDb();
    expect(await stores.blocks.roomLeft?.()).toBe('ample');
    const entry = (key: string) => ({ key, bytes: bytes(1) });
    let putsLeft = 0;
    const { put } = IDBObjectStore.prototype;
    const { delete: remove } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.put = function (...args: [unknown, IDBValidKey?]) {
      if (putsLeft-- > 0) return put.apply(this, args);
      throw new DOMException('The disk is full.', 'QuotaExceededError');
    };
    IDBObjectStore.prototype.delete = function (key) {
      if (key === 'reserve') putsLeft = 3;
      return remove.call(this, key);
    };
    try {
      await expect(stores.blocks.putMany([entry('content')])).rejects.toBeInstanceOf(StoreFull);
      await stores.blocks.putMany([entry('change')], 'for change');
      expect(await stores.blocks.roomLeft?.()).toBe('tight');
      await expect(stores.blocks.putMany([entry('content')])).rejects.toBeInstanceOf(StoreFull);
    } finally {
      Object.assign(IDBObjectStore.prototype, { put, delete: remove });
    }
    expect((await stores.blocks.list('')).map(({ key }) => key)).toEqual(['change']);
    await stores.blocks.deleteMany(['change']);
    expect(await stores.blocks.roomLeft?.()).toBe('ample');
  });

  test('writes no record of a batch that does not fit', async () => {
    const stores = await createIndexedDb();
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

/** From the nth `put` on each aborts its transaction as a browser does when the disk is full. */
function failNthPut(nth: number): () => void {
  const { put } = IDBObjectStore.prototype;
  let seen = 0;
  IDBObjectStore.prototype.put = function (...args: [unknown, IDBValidKey?]) {
    const request = put.apply(this, args);
    if (++seen < nth) return request;
    throw new DOMException('The disk is full.', 'QuotaExceededError');
  };
  return () => (IDBObjectStore.prototype.put = put);
}
