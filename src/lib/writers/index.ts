/**
 * Writing spaces: reading them as consistent snapshots and changing them by buffered
 * commits. Knows keys that sign, but none that encrypt: what the blocks mean is not known here.
 */
export { createBlockCache } from './block-cache.ts';
export type { BlockCache } from './block-cache.ts';
export { Commit } from './commit.ts';
export type { SpaceDeps, WriterState } from './deps.ts';
export {
  BlockMissing,
  CommitSpent,
  NoSuchSpace,
  NotOwned,
  WriteConflict,
  WrongAcknowledgement,
} from './errors.ts';
export { ownedBy, verifyOwned } from './owned-keys.ts';
export { readConsistently } from './read-consistently.ts';
export { sendPointers } from './set-pointers.ts';
export { Snapshot } from './snapshot.ts';
export type { MappedBlock, MappedRequest } from './snapshot.ts';
export { Uploads } from './uploads.ts';
export { createWriterLock, withWriterLock } from './writer-lock.ts';
export type { WriterLock } from './writer-lock.ts';
export {
  createLastingPointerMemory,
  createPointerMemory,
  isNews,
  PointerRolledBack,
  rememberBesidePending,
} from './pointer-memory.ts';
export type { PointerMemory } from './pointer-memory.ts';
