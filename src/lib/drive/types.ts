/** The words of the drive: what it needs, what it hands out. */
import type { PyrgosError } from '#lib/bytes/index.ts';
import type {
  Capability,
  ChildToWrite,
  ChunkCipher,
  FileProperties,
  OpenNode,
  Thumbnail,
  Time,
} from '#lib/cryptree/index.ts';
import type { BatId, KeyHash, Signer } from '#lib/crypto/index.ts';
import type { SpaceDeps, WriterLock } from '#lib/writers/index.ts';

/** Bytes of an upload, read in pieces (see `sources.ts`). */
export interface ByteSource {
  readonly sizeBytes: number;
  readonly modifiedMs?: number;
  /** As finely as the wire has it; stands before {@link modifiedMs}. */
  readonly modified?: Time;
  /**
   * Bytes [start, end), exactly that many.
   * @throws SourceChanged when the file changed under us
   */
  read(start: number, end: number, signal?: AbortSignal): Promise<Uint8Array>;
}

/** What reading a file needs. Small on purpose: the service worker holds no more. */
export interface ReaderDeps extends SpaceDeps {
  readonly cipher: ChunkCipher;
  /** Content bytes of one chunk; 5 MiB on the wire (A-3 §2.5). Only tests make it smaller. */
  readonly chunkBytes?: number;
}

export interface DriveDeps extends ReaderDeps {
  /** Children of one directory chunk; 500 on the wire (A-8 §8). Only tests make it smaller. */
  readonly childrenPerChunk?: number;
  /** Makes a small picture of a file, or undefined when it cannot. Never fails an upload. */
  readonly thumbnailer?: (
    source: ByteSource,
    mimeType: string,
    signal?: AbortSignal,
  ) => Promise<Thumbnail | undefined>;
  /** Serialises changes of one writing space; by default within this instance. */
  readonly lock?: WriterLock;
}

/** Where a signed-in person's tree begins. */
export interface Home {
  readonly owner: KeyHash;
  readonly username: string;
  readonly capability: Capability;
  readonly signer: Signer;
  /** Id of the person's mirror BAT (A-4 §2), put on what he creates in his own space. */
  readonly mirrorBatId?: BatId;
}

/**
 * A file or directory that was opened: immutable, a picture of the moment. Operations take
 * handles and look again at the state they change.
 */
export interface Handle {
  /** The name it is listed under: the link's, when a link node stands before it (A-8 §9). */
  readonly name: string;
  readonly isDirectory: boolean;
  readonly capability: Capability;
  readonly properties: FileProperties;
  readonly node: OpenNode;
  /** The link node that its parent's entry points to, if there is one. */
  readonly link?: { readonly capability: Capability; readonly node: OpenNode };
  /** Signs for the writing space it lies in; absent when it may only be read. */
  readonly signer: Signer | undefined;
  /** The directory it was opened from; absent for a home and for a bare capability. */
  readonly parent: Handle | undefined;
  /** How its entries are found where its own list may not be read, or not all of it. */
  readonly partial?: PartialFolder;
}

/** A folder of another tree of which only some entries may be seen. */
export interface PartialFolder {
  list(folder: Handle, signal?: AbortSignal): AsyncGenerator<ListedEntry[], void, void>;
  /** Handles of its rows; what cannot be opened is the error in its place. */
  openMany(
    folder: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]>;
}

/** A row of a folder: what the folder's own list says. Truth is in the opened {@link Handle}. */
export interface ListedEntry {
  readonly name: string;
  /** Where the row points: the target, or the link node before it. Absent if that is unreadable. */
  readonly capability: Capability | undefined;
  readonly isDirectory: boolean;
  readonly mimeType: string;
  readonly createdSeconds: number | bigint | undefined;
  /** The entry as it stands in the list: what operations on the folder match by. */
  readonly child: ChildToWrite;
  /** A sentence saying why it cannot be opened; it can still be removed. */
  readonly unreadable?: string;
  /** It is here by a capability of its own, whether its folder lists it or not. */
  readonly isGiven?: boolean;
}

export type ConflictChoice = 'keep-both' | 'replace' | 'skip';

export interface UploadItem {
  /** Relative to the folder; the last is the name, the folders before it are made. */
  readonly path: readonly string[];
  /** Absent: an empty folder. */
  readonly source?: ByteSource;
  readonly hidden?: boolean;
}

/** Bytes count when they are sealed; a retry may take some back. */
export interface Progress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly files: number;
  /** The file being worked on. */
  readonly current?: readonly string[];
}

export interface UploadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
  /** What to do about a name that is taken; without it {@link NameExists} is thrown. */
  readonly onConflict?: ConflictChoice;
  /** Told after each commit which items are in place now, and will stay whatever happens next. */
  readonly onUploaded?: (uploaded: readonly Uploaded[]) => void;
  /**
   * Told of files that changed or went away while they were being read; they are left out. Without
   * it the first one ends the upload.
   */
  readonly onUnreadable?: (path: readonly string[], error: Error) => void;
  /** Awaited before each chunk is read: a transfer list pauses an upload by not answering. */
  readonly pace?: (signal?: AbortSignal) => Promise<void>;
}

/** What became of one upload item. */
export interface Uploaded {
  readonly path: readonly string[];
  readonly outcome: 'stored' | 'unchanged' | 'skipped';
}

/** What could not be read and is missing from what was done, with all below it. */
export interface LeftOut {
  /** Below the folder it was asked of. */
  readonly path: readonly string[];
  readonly error: PyrgosError;
}

/** What became of a copy. */
export interface Copied {
  readonly uploaded: readonly Uploaded[];
  /** Empty: the copy is whole. */
  readonly leftOut: readonly LeftOut[];
}
