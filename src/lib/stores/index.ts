/**
 * Where bytes lie: blocks and records behind two small interfaces, in memory or in IndexedDB.
 * Nothing in this room knows what the bytes mean.
 */
export { createIndexedDbStores } from './indexeddb.ts';
export type { IndexedDbStores } from './indexeddb.ts';
export { createMemoryStores } from './memory.ts';
export type { MemoryStoreOptions } from './memory.ts';
export { StoreFull, StoreUnavailable } from './types.ts';
export type {
  BlockEntry,
  BlockStore,
  ListedBlock,
  ListedRecord,
  RecordChange,
  RecordEntry,
  RecordStore,
} from './types.ts';
