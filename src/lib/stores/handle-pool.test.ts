/** Handles to a database: each has one transaction at a time, and gives way to other tabs. */
import 'fake-indexeddb/auto';
import { IDBFactory } from 'fake-indexeddb';
import { wrap, type DBSchema, type IDBPDatabase } from 'idb';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { HandlePool, MAX_HANDLES } from './handle-pool.ts';
import { watchHandles } from './testing/handles.ts';
import { StoreUnavailable } from './types.ts';

interface Schema extends DBSchema {
  things: { key: string; value: number };
}

let factory: IDBFactory;
let opened: IDBPDatabase<Schema>[];
let failsToOpen: Error | undefined;
let pool: HandlePool<Schema>;
let watch: ReturnType<typeof watchHandles>;

beforeEach(() => {
  factory = new IDBFactory();
  opened = [];
  failsToOpen = undefined;
  pool = new HandlePool(openHandle);
  watch = watchHandles();
});
afterEach(() => watch.stop());

async function openHandle(): Promise<IDBPDatabase<Schema>> {
  if (failsToOpen !== undefined) throw failsToOpen;
  const request = factory.open('things', 1);
  request.addEventListener('upgradeneeded', () => request.result.createObjectStore('things'));
  const handle = (await wrap(request)) as unknown as IDBPDatabase<Schema>;
  opened.push(handle);
  return handle;
}

async function put(value: number, key = 'k'): Promise<void> {
  const transaction = await pool.begin(['things'], 'readwrite');
  await transaction.objectStore('things').put(value, key);
  await transaction.done;
}

/** Says what it read as soon as it knows, which is before the transaction has ended. */
async function get(key = 'k'): Promise<number | undefined> {
  const transaction = await pool.begin(['things'], 'readonly');
  return transaction.objectStore('things').get(key);
}

test('a handle never has two transactions at once, however many are asked for', async () => {
  await Promise.all(Array.from({ length: 40 }, (_, i) => put(i, `k${i}`)));
  const mixed = Array.from({ length: 100 }, async (_, i) => {
    if (i % 5 === 0) await put(i, `m${i}`);
    return get(`k${i % 40}`);
  });
  expect(await Promise.all(mixed)).toEqual(Array.from({ length: 100 }, (_, i) => i % 40));
  expect(watch.mostOnOne).toBe(1);
  expect(watch.mostAtOnce).toBe(MAX_HANDLES);
  expect(opened).toHaveLength(MAX_HANDLES);
});

test('one transaction after the other needs one handle', async () => {
  await pool.open();
  for (let i = 0; i < 10; i++) await put(i);
  expect(opened).toHaveLength(1);
});

test('transactions begin in the order in which they are asked for', async () => {
  await Promise.all(Array.from({ length: 30 }, (_, i) => put(i)));
  const found = [put(100), get(), put(101), get()];
  expect(await Promise.all(found)).toEqual([undefined, 100, undefined, 101]);
});

test('a transaction that is aborted frees its handle', async () => {
  for (let i = 0; i < MAX_HANDLES * 2; i++) {
    const transaction = await pool.begin(['things'], 'readwrite');
    transaction.abort();
  }
  await put(1);
  expect(await get()).toBe(1);
});

test('a transaction on a missing table fails, and frees its handle', async () => {
  for (let i = 0; i < MAX_HANDLES * 2; i++) {
    const begun = pool.begin(['nothing' as 'things'], 'readonly');
    await expect(begun).rejects.toMatchObject({ name: 'NotFoundError' });
  }
  await put(1);
  expect(opened).toHaveLength(1);
});

test('all handles give way to a deletion at once, and others are opened then', async () => {
  await Promise.all(Array.from({ length: MAX_HANDLES }, (_, i) => put(i)));
  await wrap(factory.deleteDatabase('things'));
  expect(await get()).toBeUndefined();
  await put(2);
  expect(await get()).toBe(2);
});

test('handles that were closed without a word are replaced', async () => {
  await Promise.all(Array.from({ length: MAX_HANDLES }, (_, i) => put(i)));
  for (const handle of opened) handle.close();
  await put(3);
  expect(await get()).toBe(3);
});

test('everybody hears why no handle can be opened, and the next one tries again', async () => {
  failsToOpen = new Error('The disk is gone.');
  const asked = await Promise.allSettled([get(), get(), put(1)]);
  expect(asked.map((each) => each.status === 'rejected' && each.reason)).toEqual(
    Array.from({ length: 3 }, () => failsToOpen),
  );
  failsToOpen = undefined;
  await put(4);
  expect(await get()).toBe(4);
});

test('where no second handle can be opened the first one serves', async () => {
  await pool.open();
  failsToOpen = new Error('No more handles.');
  await Promise.all(Array.from({ length: 20 }, (_, i) => put(i)));
  expect(await get()).toBe(19);
});

test('once closed it begins nothing, for those who wait neither', async () => {
  await pool.open();
  const asked = Array.from({ length: MAX_HANDLES * 2 }, () => get());
  pool.close();
  const last = asked.at(-1);
  await Promise.allSettled(asked);
  await expect(last).rejects.toBeInstanceOf(StoreUnavailable);
  await expect(get()).rejects.toBeInstanceOf(StoreUnavailable);
});
