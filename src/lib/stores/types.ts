/**
 * The two small interfaces everything durable goes through: bytes by key, and records with
 * compare-and-set batches. A store knows nothing of what it holds.
 *
 * Keys are non-empty text without U+FFFF and sort by UTF-16 code unit. Values are copied on the way
 * in and on the way out, so a caller may overwrite its bytes once a call has resolved. Blocks that
 * are read at the same moment may be parts of one buffer.
 */
import { PyrgosError } from '#lib/bytes/index.ts';

/** Immutable bytes by key. The key of a block is `<partition>/<cid text>`. */
export interface BlockStore {
  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined>;
  has(key: string): Promise<boolean>;
  /**
   * Stores all or none. A key that is already there keeps its value. Throws {@link StoreFull}, for
   * content (when absent) while there is still room that is kept for making room.
   */
  putMany(entries: readonly BlockEntry[], use?: RoomUse): Promise<void>;
  /** Removes all or none; absent keys are ignored. */
  deleteMany(keys: readonly string[]): Promise<void>;
  /** Keys that start with `prefix` and sort after `after`, in order, without reading their bytes. */
  list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]>;
  /** How much room there is; always ample where this is absent. */
  roomLeft?(): Promise<RoomLeft>;
}

/**
 * What blocks are for. Deleting writes before it frees anything, so every medium keeps some MiB that
 * only blocks `for change` may use: the structure that a deletion leaves behind. They cannot be told
 * from those of an upload, so the caller that makes them count looks at {@link BlockStore.roomLeft} then.
 */
export type RoomUse = 'for content' | 'for change';

/**
 * `tight`: content is refused, and changes should add next to nothing. `last`: what is left is
 * enough for changes that free more than they add.
 */
export type RoomLeft = 'ample' | 'tight' | 'last';

export interface BlockEntry {
  readonly key: string;
  readonly bytes: Uint8Array;
}

export interface ListedBlock {
  readonly key: string;
  readonly sizeBytes: number;
}

/** Small records in named tables (a table name has no `/`), changed by compare-and-set batches. */
export interface RecordStore {
  get(table: string, key: string): Promise<Uint8Array | undefined>;
  list(table: string, prefix: string, after?: string, limit?: number): Promise<ListedRecord[]>;
  /**
   * Applies all writes iff every expectation holds (equal bytes; `undefined` = absent), in one
   * durable transaction. `false` = an expectation failed and nothing was written.
   * Throws {@link StoreFull}, and then nothing was written either. Records are small, and all may
   * use the room that is kept for making room.
   */
  apply(change: RecordChange): Promise<boolean>;
}

export interface RecordEntry {
  readonly table: string;
  readonly key: string;
  /** `undefined`: the record is absent, or is to be removed. */
  readonly value: Uint8Array | undefined;
}

export interface RecordChange {
  readonly expect?: readonly RecordEntry[];
  readonly writes: readonly RecordEntry[];
  /**
   * A power failure may undo the change, but never one that was applied before a strict one that
   * survived. For what only matters once something strict refers to it. Strict when absent.
   */
  readonly durability?: 'relaxed';
}

export interface ListedRecord {
  readonly key: string;
  readonly value: Uint8Array;
}

/** The medium is full. Nothing of the refused call was written. */
export class StoreFull extends PyrgosError {
  override readonly name: string = 'StoreFull';
  override readonly kind = 'quota';
  constructor(options?: ErrorOptions) {
    super('There is no more room to store this.', options);
  }
}

/** The medium failed in another way: closed for good, damaged, or taken over by a newer version. */
export class StoreUnavailable extends PyrgosError {
  override readonly name: string = 'StoreUnavailable';
  override readonly kind = 'offline';
}

/** Where the bytes of one block lie. */
export interface BlockLocation {
  readonly segment: string;
  readonly start: number;
  readonly length: number;
}

/** Records kept changing under a write for a very long time. */
export class StoreContended extends PyrgosError {
  override readonly name: string = 'StoreContended';
  override readonly kind = 'conflict';
}
