/** What is kept of strangers' records, and what goes first. */
import { Key } from 'interface-datastore';
import { expect, test } from 'vitest';
import { BoundedDatastore } from './bounded-datastore.ts';

const names = async (store: BoundedDatastore): Promise<string[]> => {
  const found: string[] = [];
  for await (const key of store.queryKeys({})) found.push(key.toString());
  return found.toSorted();
};

test('the entry that was not used for the longest time goes when there are too many', async () => {
  const store = new BoundedDatastore({ maxEntries: 3, maxBytes: 1000 });
  for (const name of ['/a', '/b', '/c']) await store.put(new Key(name), Uint8Array.of(1));
  expect(await store.get(new Key('/a'))).toEqual(Uint8Array.of(1));
  await store.put(new Key('/d'), Uint8Array.of(2));
  expect(await names(store)).toEqual(['/a', '/c', '/d']);
});

test('many bytes push out what is older, and one entry that is too long is not kept', async () => {
  const store = new BoundedDatastore({ maxEntries: 100, maxBytes: 1000 });
  await store.put(new Key('/a'), new Uint8Array(600));
  await store.put(new Key('/b'), new Uint8Array(600));
  expect(await names(store)).toEqual(['/b']);
  // Written again it counts once.
  for (let n = 0; n < 5; n++) await store.put(new Key('/b'), new Uint8Array(400));
  await store.put(new Key('/c'), new Uint8Array(600));
  expect(await names(store)).toEqual(['/b', '/c']);
  await store.delete(new Key('/b'));
  await store.put(new Key('/d'), new Uint8Array(400));
  expect(await names(store)).toEqual(['/c', '/d']);
  await store.put(new Key('/e'), new Uint8Array(1001));
  expect(await names(store)).toEqual([]);
});
