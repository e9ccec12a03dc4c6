/**
 * Accounts as files: a CAR of blocks and a description beside it. Reading and writing both, taking
 * an account out of a node and putting one in.
 */
export { blobPieces, readBlock, readBlockUnlessLost } from './blocks.ts';
export { formatDescription, parseDescription } from './description.ts';
export type { DescribedUser, Description } from './description.ts';
export {
  AccountChanging,
  AccountExists,
  BlocksLost,
  DuplicateBlock,
  IncompleteArchive,
  MalformedDescription,
  NotTheOwner,
} from './errors.ts';
export { exportAccount } from './export.ts';
export type { AccountExport, AccountToExport, ExportOptions, ExportProgress } from './export.ts';
export { importAccount } from './import.ts';
export type { Archive, Imported, ImportOptions } from './import.ts';
export { openArchive, openDamagedArchive } from './open-archive.ts';
export type { ArchiveFiles, DamagedArchive, OpenArchive, OpenOptions } from './open-archive.ts';
export { isSameState, readPointers } from './pointers.ts';
export type { VerifiedPointer } from './pointers.ts';
export { receiveAccount } from './receive.ts';
export type { Received, ReceiveOptions } from './receive.ts';
