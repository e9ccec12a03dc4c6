/** For the tests of this room: empty stores of a browser. */
import { IDBFactory } from 'fake-indexeddb';
import { createBrowserStores, createMemoryStores } from '#lib/stores/index.ts';
import type { AccountedStores } from './accounting.ts';

export const inMemory = async (): Promise<AccountedStores> => createMemoryStores();

/** As in a browser without the origin-private file system. */
export async function inIndexedDb(): Promise<AccountedStores> {
  const indexedDB = new IDBFactory();
  const reopen = () =>
    createBrowserStores('drive', { indexedDB, random: (length) => new Uint8Array(length) });
  return { ...(await reopen()), reopen };
}
