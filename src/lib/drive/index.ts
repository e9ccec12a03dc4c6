/**
 * The drive: paths, folders, files; upload, download by ranges, move, copy, delete. It knows
 * one person's tree and nobody else.
 */
export { Drive } from './drive.ts';
export type { Abortable, WriteOptions } from './drive.ts';
export type { EntryRecords } from './entry-records.ts';
export type { MovedEntry } from './move.ts';
export { mapNames, mapPaths, nameFault } from './disk-names.ts';
export type { NameFault, NameRules } from './disk-names.ts';
export {
  AlreadyUploading,
  BadUploadRecord,
  DanglingEntry,
  FileChangedMeanwhile,
  FileChangedWhileReading,
  FileDamaged,
  FolderDamaged,
  MoveIncomplete,
  MoveIntoItself,
  NameAmbiguous,
  NameExists,
  NotADirectory,
  NotAFile,
  NotWritable,
  PathNotFound,
  PathTooDeep,
  RangeOutsideFile,
  SourceChanged,
} from './errors.ts';
export type { Change } from './change.ts';
export { freeName } from './names.ts';
export { namedOnly, openAll, type View } from './nodes.ts';
export { followLinks, handleOf, openTarget } from './open.ts';
export { Ancestors } from './parents.ts';
export { reseal } from './reseal.ts';
export type { Resealed, ResealProgress } from './reseal.ts';
export { rotateEntry } from './rotate-entry.ts';
export type { RotatedEntry } from './rotate-entry.ts';
export type { RotationKind } from './rekey.ts';
export {
  appendSmall,
  childIn,
  ensureFolder,
  folderNamesIn,
  prefetchChildren,
  readSmall,
  removeIn,
  writeFilesIn,
  writeSmall,
} from './small-files.ts';
export type { FileIn } from './small-files.ts';
export { findRow, placeKey } from './listing.ts';
export { Roots, type Root } from './roots.ts';
export type { OpenUpload, OpenUploads } from './upload/open-uploads.ts';
export type { PropertyChange } from './properties.ts';
export { createFileReader } from './reader.ts';
export type { FileReader } from './reader.ts';
export { ChangesRefused } from './merge/refusals.ts';
export { MergeReport } from './merge/report.ts';
export { syncPending } from './merge/sync-pending.ts';
export { blobSource, bytesSource } from './sources.ts';
export {
  besideSystemNames,
  isSystemName,
  NameReserved,
  SystemFolderKept,
  TRASH_FOLDER,
} from './system-folders.ts';
export type { ByteSource } from './types.ts';
export type {
  ConflictChoice,
  Copied,
  DriveDeps,
  Handle,
  Home,
  LeftOut,
  ListedEntry,
  PartialFolder,
  Progress,
  ReaderDeps,
  Uploaded,
  UploadItem,
  UploadOptions,
} from './types.ts';
