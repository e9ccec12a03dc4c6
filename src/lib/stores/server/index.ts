/**
 * Where a self-hosted node keeps its bytes: blocks on disk, records in SQLite. Needs Node; nothing
 * of this may reach the site.
 */
export { createDiskBlockStore } from './disk-blocks.ts';
export type { DiskBlockStore, DiskBlockStoreOptions } from './disk-blocks.ts';
export { holdFile } from './lock.ts';
export type { HeldFile } from './lock.ts';
export { backupSqliteRecords, createSqliteRecordStore } from './sqlite-records.ts';
export type { SqliteRecordStore } from './sqlite-records.ts';
