/** What the segmented store needs of a browser besides IndexedDB; see `opfs-files.ts`, `presence.ts`. */
import { StoreUnavailable } from './types.ts';

/** Files of one folder that are written once, as a whole, and then only read or removed. */
export interface SegmentFiles {
  /**
   * Writes a new file of these pieces, one after the other; it outlasts a power failure when this
   * resolves. All or nothing. Throws {@link StoreFull}.
   */
  create(name: string, pieces: readonly Uint8Array[]): Promise<void>;
  /** Bytes [start, start + length) in a buffer of their own; `undefined`: no such file, or it is shorter. */
  read(name: string, start: number, length: number): Promise<Uint8Array | undefined>;
  /** `undefined`: no such file. */
  sizeOf(name: string): Promise<number | undefined>;
  /** A file that is not there is ignored. */
  remove(name: string): Promise<void>;
}

/** Which instances of the store are alive, in whatever tab. */
export interface Presence {
  /** Of this instance, unlike any other's, ever. */
  readonly id: string;
  /** Runs `work` alone if the instance is no more, else not at all. */
  ifGone(id: string, work: () => Promise<void>): Promise<void>;
  /** This instance is no more. */
  end(): void;
}

/** Where a browser has no files. A block that was put into one before cannot be read then. */
export const NO_FILES: SegmentFiles = {
  create: unavailable,
  read: unavailable,
  sizeOf: unavailable,
  remove: unavailable,
};

function unavailable(): Promise<never> {
  return Promise.reject(new StoreUnavailable('This browser keeps no files here.'));
}
