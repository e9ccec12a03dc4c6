/**
 * Every call the page can make to the engine, with what it takes, gives and reports. The parsers
 * are typed by `types.ts`, so a description that changes there must change here.
 */
import type {
  Account,
  ClientEvent,
  Entry,
  EntryDetails,
  ErrorDescription,
  Folder,
  Place,
  SessionState,
  StorageReport,
  Transfer,
  TransferFailure,
  TrashedEntry,
  UploadItem,
} from '../types.ts';
import {
  blob,
  byKind,
  bytes,
  count,
  file,
  finite,
  flag,
  listOf,
  nothing,
  nullable,
  object,
  oneOf,
  port,
  text,
  texts,
  type Parsed,
  type Parser,
} from './parsers.ts';
import { shape } from './rpc.ts';

const path = listOf(text);
const ids = listOf(text);

const entryFields = {
  id: text,
  name: text,
  kind: oneOf('folder', 'file'),
  mimeType: text,
  createdMs: nullable(finite),
  hidden: flag,
} as const;
const entry: Parser<Entry> = object(entryFields, { unreadable: text });
const trashedEntry: Parser<TrashedEntry> = object(
  { ...entryFields, from: path, trashedMs: finite },
  { unreadable: text },
);
const details: Parser<EntryDetails> = object(
  {
    id: text,
    sizeBytes: count,
    modifiedMs: finite,
    createdMs: finite,
    mimeType: text,
    hidden: flag,
  },
  { thumbnail: blob, contentHash: text, error: text },
);
const folder: Parser<Folder> = object({ entry, path, writable: flag });
const account: Parser<Account> = object({ username: text, staysSignedIn: flag });
const session: Parser<SessionState> = byKind({
  starting: object({}),
  'signed-out': object({ accounts: listOf(account) }),
  'signed-in': object({ username: text }),
});
const storage: Parser<StorageReport> = object(
  {
    place: oneOf('this-browser'),
    persistent: nullable(flag),
    usedBytes: count,
    quotaBytes: count,
  },
  { browserUsageBytes: count, browserQuotaBytes: count },
);
const error: Parser<ErrorDescription> = object({ name: text, message: text });
const failure: Parser<TransferFailure> = object({ path, error });
const transfer: Parser<Transfer> = object(
  {
    id: text,
    direction: oneOf('up', 'down'),
    name: text,
    folderPath: path,
    totalBytes: count,
    doneBytes: count,
    files: count,
    filesDone: count,
    state: oneOf('waiting', 'running', 'paused', 'failed', 'done', 'cancelled'),
    bytesPerSecond: finite,
  },
  { error, secondsLeft: count, current: path, failures: listOf(failure), needsFile: flag },
);
const event: Parser<ClientEvent> = byKind({
  session: object({ state: session }),
  transfers: object({ transfers: listOf(transfer) }),
  'folder-changed': object({ path }),
  storage: object({ report: storage }),
});
const place: Parser<Place> = object(
  { app: oneOf('drive', 'view', 'settings', 'trash'), path },
  { args: texts },
);
const uploadItem: Parser<UploadItem> = object({ path }, { file });
const conflictChoice = nullable(oneOf('keep-both', 'replace', 'skip'));
const verdict = object({ ok: flag }, { reason: text });
const credentials = object({ username: text, password: text, staySignedIn: flag });

/** Parts of a download that goes through the page, where no service worker can answer. */
const pageDownload = object({
  id: text,
  name: text,
  files: listOf(object({ path: text, sizeBytes: count, modifiedMs: finite, isFolder: flag })),
});
export type PageDownload = Parsed<typeof pageDownload>;

export const engineProtocol = {
  /** Reports events until it is aborted. */
  events: shape([], nothing, event),
  connectTickets: shape([port], nothing),

  checkUsername: shape([text], verdict),
  checkPassword: shape(
    [text, text],
    object({ ok: flag, score: oneOf(0, 1, 2, 3, 4) }, { reason: text }),
  ),
  suggestPassphrase: shape([], text),
  signUp: shape([credentials], nothing),
  signIn: shape([credentials], nothing),
  resume: shape([nullable(text)], flag),
  signOut: shape([], nothing),
  forgetAccount: shape([text], nothing),
  changePassword: shape([object({ oldPassword: text, newPassword: text })], nothing),

  openFolder: shape([path], folder),
  list: shape([text], nothing, object({ entries: listOf(entry), done: flag })),
  details: shape([ids], listOf(details)),
  find: shape([path], object({ entry, folder })),
  makeFolder: shape([text, text], entry),
  rename: shape([text, text], entry),
  move: shape([ids, text, conflictChoice], nothing),
  copy: shape([ids, text], nothing),
  trash: shape([ids], object({ undo: text })),
  undoTrash: shape([text], nothing),
  listTrash: shape([], nothing, object({ entries: listOf(trashedEntry), done: flag })),
  restore: shape([ids], nothing),
  removeForever: shape([ids], nothing),
  emptyTrash: shape([], nothing),

  readText: shape([text, count], object({ text, truncated: flag })),
  readBytes: shape([text, count, count], bytes),
  /** A ticket for playing or showing one file; `mimeType` says what it claims to be. */
  grantStream: shape([text], object({ ticketId: text, mimeType: text, sizeBytes: count })),
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

  sealPlace: shape([place], text),
  openPlace: shape([text], nullable(place)),
  storage: shape([], storage),
  freeUnused: shape([], count),
};
export type EngineProtocol = typeof engineProtocol;
