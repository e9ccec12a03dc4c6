/** Calls about folders, files and their bytes. */
import { failure, ids, path } from './common.ts';
import type {
  Copied,
  Entry,
  EntryDetails,
  Folder,
  FolderSum,
  Inspected,
  Made,
  PictureSize,
  TrashedEntry,
  Undoable,
} from '../types.ts';
import {
  type Parser,
  blob,
  bytes,
  count,
  finite,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  port,
  shape,
  text,
} from '#lib/rpc/index.ts';

const entryFields = {
  id: text,
  name: text,
  kind: oneOf('folder', 'file'),
  mimeType: text,
  createdMs: nullable(finite),
  hidden: flag,
} as const;
const entryOptions = { unreadable: text, editable: flag, given: flag } as const;
export const entry: Parser<Entry> = object(entryFields, entryOptions);
const made: Parser<Made> = object(entryFields, { ...entryOptions, undo: text });
export const undoable: Parser<Undoable> = object({}, { undo: text });
const trashedEntry: Parser<TrashedEntry> = object(
  { ...entryFields, from: path, trashedMs: finite, path },
  { unreadable: text },
);
const inspected: Parser<Inspected> = object({
  viewer: nullable(oneOf('image', 'video', 'audio', 'text', 'pdf', 'document')),
  kind: oneOf('image', 'video', 'audio', 'text', 'document', 'archive', 'other'),
  mimeType: text,
  sizeBytes: count,
});
const details: Parser<EntryDetails> = object(
  {
    id: text,
    sizeBytes: count,
    modifiedMs: finite,
    mimeType: text,
    hidden: flag,
  },
  { createdMs: finite, thumbnail: blob, contentHash: text, error: text },
);
const sum: Parser<FolderSum> = object({
  bytes: count,
  files: count,
  folders: count,
  unreadable: count,
});
const pictureSize: Parser<PictureSize> = object({ width: count, height: count });
const folder: Parser<Folder> = object({ entry, path, writable: flag });
const copied: Parser<Copied> = object({ leftOut: listOf(failure) }, { undo: text });
export const conflictChoice = nullable(oneOf('keep-both', 'replace', 'skip'));
/** What tabs tell each other, too. */
export const folderChange = {
  path,
  change: oneOf('added', 'removed', 'renamed', 'unknown'),
  names: listOf(text),
};

export const entryProtocol = {
  openFolder: shape([path], folder),
  list: shape([text], nothing, object({ entries: listOf(entry), done: flag })),
  details: shape([ids], listOf(details)),
  find: shape([path], object({ entry, folder })),
  measure: shape([ids], sum, sum),
  pictureSize: shape([text], nullable(pictureSize)),
  makeFolder: shape([text, text], made),
  makeFile: shape([text, text], made),
  rename: shape([text, text], made),
  move: shape([ids, text, conflictChoice], undoable),
  copy: shape([ids, text], copied),
  trash: shape([ids], undoable),
  undo: shape([text], nothing),
  listTrash: shape([], nothing, object({ entries: listOf(trashedEntry), done: flag })),
  restore: shape([ids], undoable),
  removeForever: shape([ids], nothing),
  emptyTrash: shape([], nothing),
  inspect: shape([text], inspected),
  readText: shape([text, count, nullable(text)], object({ text, encoding: text, truncated: flag })),
  /** Answers a viewer's frame about this file, over the port, until it is aborted. */
  serveViewer: shape([text, port], nothing),
  readBytes: shape([text, count, count], bytes),
};
