/** Calls about uploads, downloads and other transfers. */
import { failure, ids, path } from './common.ts';
import { conflictChoice } from './entries.ts';
import type { NumberedFile, Transfer, UploadItem } from '../types.ts';
import {
  type Parsed,
  type Parser,
  bytes,
  count,
  errorDescription,
  file,
  finite,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  shape,
  text,
} from '#lib/rpc/index.ts';

export const transfer: Parser<Transfer> = object(
  {
    id: text,
    direction: oneOf('up', 'down', 'copy', 'move', 'remove'),
    name: text,
    folderPath: path,
    totalBytes: count,
    doneBytes: count,
    files: count,
    filesDone: count,
    filesSkipped: count,
    filesFailed: count,
    state: oneOf('waiting', 'running', 'paused', 'failed', 'done', 'cancelled'),
    bytesPerSecond: finite,
  },
  {
    items: count,
    error: errorDescription,
    share: finite,
    secondsLeft: count,
    current: path,
    failure,
    needsFile: flag,
  },
);
const numberedFile: Parser<NumberedFile> = object(
  {
    at: count,
    path,
    sizeBytes: count,
    doneBytes: count,
    state: oneOf('waiting', 'running', 'done', 'failed', 'skipped', 'cancelled'),
  },
  { error: errorDescription },
);
const uploadItem: Parser<UploadItem> = object({ path }, { file });
/** Parts of a download that goes through the page, where no service worker can answer. */
const pageDownload = object({
  id: text,
  name: text,
  isArchive: flag,
  files: listOf(object({ path: text, sizeBytes: count, modifiedMs: finite, isFolder: flag })),
  leftOut: listOf(object({ path: text, reason: text })),
  /** Where an archive lists what it lacks. */
  listPath: text,
});
export type PageDownload = Parsed<typeof pageDownload>;

export const transferProtocol = {
  /** A ticket for playing or showing one file, as what its label says or as another type. */
  grantStream: shape(
    [text, nullable(text)],
    object({ ticketId: text, mimeType: text, sizeBytes: count }),
  ),
  grantDownload: shape([ids], object({ ticketId: text, name: text })),
  revokeTicket: shape([text], nothing),
  openPageDownload: shape([ids], pageDownload),
  readPageDownload: shape([text, count, count, count], bytes),
  closePageDownload: shape([text, nullable(text)], nothing),
  upload: shape([text, listOf(uploadItem), conflictChoice], text),
  pause: shape([text], nothing),
  resumeTransfer: shape([text], nothing),
  resumeWithFile: shape([text, file], nothing),
  cancel: shape([text], nothing),
  retry: shape([text], nothing),
  clearFinished: shape([], nothing),
  watchFiles: shape([text], nothing, listOf(numberedFile)),
};
