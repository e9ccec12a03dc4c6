/**
 * Where bytes lie: blocks and records behind two small interfaces, in memory or in a browser.
 * Nothing in this room knows what the bytes mean.
 */
export { createBrowserStores } from './browser-stores.ts';
export type { BrowserParts, BrowserStores } from './browser-stores.ts';
export { HandlePool } from './handle-pool.ts';
export { createMemoryStores } from './memory.ts';
export type { MemoryStoreOptions } from './memory.ts';
export { StoreFull, StoreContended, StoreUnavailable } from './types.ts';
export type {
  BlockEntry,
  BlockStore,
  ListedBlock,
  ListedRecord,
  RecordChange,
  RecordEntry,
  RecordStore,
  RoomLeft,
  RoomUse,
} from './types.ts';
