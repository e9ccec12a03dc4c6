/**
 * Where a self-hosted node keeps its bytes: blocks on disk or in an S3-compatible service, records in
 * SQLite or PostgreSQL. Needs Node; nothing of this may reach the site.
 */
export { createDiskBlockStore } from './disk-blocks.ts';
export type { DiskBlockStore, DiskBlockStoreOptions } from './disk-blocks.ts';
export { holdFile } from './lock.ts';
export type { HeldFile } from './lock.ts';
export { contendForLock } from './postgres-lock.ts';
export type { LockedWork, PostgresLock, PostgresLockOptions } from './postgres-lock.ts';
export { createPostgresRecordStore } from './postgres-records.ts';
export type { PostgresRecordStore, PostgresRecordStoreOptions } from './postgres-records.ts';
export { createS3BlockStore } from './s3-blocks.ts';
export type { S3BlockStore, S3BlockStoreOptions } from './s3-blocks.ts';
export type { ObjectSpelling } from './s3-names.ts';
export type { BlockToPut, PresignedRequest } from './s3-presign.ts';
export { backupSqliteRecords, createSqliteRecordStore } from './sqlite-records.ts';
export type { SqliteRecordStore } from './sqlite-records.ts';
