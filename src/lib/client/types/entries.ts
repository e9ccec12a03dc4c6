/** Entries of a tree, and what can be asked of them. */
import type { ErrorDescription } from '#lib/rpc/index.ts';

export type EntryId = string; // opaque, valid for this session of the engine; never in a URL

export interface Entry {
  readonly id: EntryId;
  readonly name: string;
  readonly kind: 'folder' | 'file';
  readonly mimeType: string;
  readonly createdMs: number | undefined;
  readonly hidden: boolean;
  readonly unreadable?: string; // sentence: why it cannot be opened; can still be removed
  readonly editable?: boolean; // in the tree of somebody else: it may be changed, whatever its folder
  readonly given?: boolean; // in the tree of somebody else: shared by itself, so that it can be left
}

/** The id for `undo`; absent where the operation cannot be undone. */
export interface Undoable {
  readonly undo?: string;
}

/** An entry an operation made or changed. */
export type Made = Entry & Undoable;

export interface TransferFailure {
  readonly path: readonly string[];
  readonly error: ErrorDescription;
}

/** A copy; what could not be read, with all below it, is not in it. */
export type Copied = Undoable & { readonly leftOut: readonly TransferFailure[] };

/** Something in the trash, with the folder it was in, and where it lies now. */
export interface TrashedEntry extends Entry {
  readonly from: readonly string[];
  readonly trashedMs: number;
  readonly path: readonly string[];
}

/** How much lies in folders. */
export interface FolderSum {
  readonly bytes: number;
  readonly files: number;
  /** Below those asked about. */
  readonly folders: number;
  /** Neither counted nor added: they could not be opened. */
  readonly unreadable: number;
}

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

export interface EntryDetails {
  readonly id: EntryId;
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  /** Absent where nothing says it: an uploaded file has only its own time. */
  readonly createdMs?: number;
  readonly mimeType: string;
  readonly hidden: boolean;
  readonly thumbnail?: Blob;
  readonly contentHash?: string;
  readonly error?: string;
}

/** What a file is by its first bytes, its name and its label, and which viewer shows it. */
export interface Inspected {
  readonly viewer: 'image' | 'video' | 'audio' | 'text' | 'pdf' | 'document' | undefined; // undefined: none
  readonly kind: 'image' | 'video' | 'audio' | 'text' | 'document' | 'archive' | 'other';
  readonly mimeType: string; // to ask for a stream with
  readonly sizeBytes: number;
}

export interface ReadText {
  readonly text: string;
  readonly encoding: string; // a label of the Encoding standard
  readonly truncated: boolean;
}

export interface Folder {
  readonly entry: Entry;
  readonly path: readonly string[]; // from its root: [username] is the home
  readonly writable: boolean;
}

export type ConflictChoice = 'keep-both' | 'replace' | 'skip';

/** What happened to entries of one folder. */
export interface FolderChange {
  /** The folder, from its root. */
  readonly path: readonly string[];
  /** Anything may have happened where it is `unknown`. */
  readonly change: 'added' | 'removed' | 'renamed' | 'unknown';
  /** The entries, of those renamed the old names and the new; empty where it is not known which. */
  readonly names: readonly string[];
  /** Where it was done; `elsewhere` is another device of the account, or another person. */
  readonly by: 'this-tab' | 'another-tab' | 'elsewhere';
}

/** Folders, files and their bytes. */
export interface EntryCalls {
  openFolder(path: readonly string[], signal?: AbortSignal): Promise<Folder>;
  list(
    folder: EntryId,
    onBatch: (entries: readonly Entry[], done: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  details(ids: readonly EntryId[], signal?: AbortSignal): Promise<readonly EntryDetails[]>; // rows on screen only; batched
  find(path: readonly string[], signal?: AbortSignal): Promise<{ entry: Entry; folder: Folder }>;
  measure(
    ids: readonly EntryId[],
    onSum: (sum: FolderSum) => void,
    signal?: AbortSignal,
  ): Promise<FolderSum>; // walks everything below
  pictureSize(id: EntryId, signal?: AbortSignal): Promise<PictureSize | undefined>;
  makeFolder(folder: EntryId, name: string): Promise<Made>;
  /** An empty file. */
  makeFile(folder: EntryId, name: string): Promise<Made>;
  rename(id: EntryId, name: string): Promise<Made>;
  move(ids: readonly EntryId[], target: EntryId, onConflict?: ConflictChoice): Promise<Undoable>;
  copy(ids: readonly EntryId[], target: EntryId, signal?: AbortSignal): Promise<Copied>; // throws where nothing could be read
  trash(ids: readonly EntryId[]): Promise<Undoable>; // into the hidden folder `.trash` of the home, with where it came from
  undo(undo: string): Promise<void>; // refuses, with CannotUndo or NameExists, what would harm what changed since
  listTrash(
    onBatch: (entries: readonly TrashedEntry[], done: boolean) => void,
    signal?: AbortSignal,
  ): Promise<void>;
  restore(ids: readonly EntryId[]): Promise<Undoable>;
  removeForever(ids: readonly EntryId[]): Promise<void>;
  emptyTrash(): Promise<void>;
  inspect(id: EntryId, signal?: AbortSignal): Promise<Inspected>; // what it is, by its bytes
  readText(id: EntryId, limitBytes: number, encoding?: string): Promise<ReadText>; // without an encoding: a guess
  readBytes(id: EntryId, start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>; // hex view, small pieces
  canStream(): Promise<boolean>; // false: `streamUrl` reads a file whole before it answers
  streamUrl(
    id: EntryId,
    mimeType?: string,
  ): Promise<{ url: string; via: 'service-worker' | 'page'; release(): void }>; // for <video>, <audio>, <img>
}
