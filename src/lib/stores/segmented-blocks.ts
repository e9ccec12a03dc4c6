/**
 * Blocks whose large values lie in files: each call that stores some writes them as one new,
 * immutable file (a segment), which is several times cheaper for a browser than values in IndexedDB.
 * Small ones, such as the nodes of a tree, stay values.
 *
 * A file is written, and put to disk, before the index names it, and removed after the index has
 * ceased to. A segment goes when its last block goes; blocks that were stored together mostly die
 * together. One of which at least half is dead is written anew when its turn comes: at the start of
 * a later instance, or when the medium is full. An instance that dies leaves unsettled segments,
 * which the next one settles; see `block-index.ts`.
 */
import type { BlockIndex } from './block-index.ts';
import type { BlockLocation } from './types.ts';
import { GatheredReads } from './gathered-reads.ts';
import type { Reserve } from './reserve.ts';
import type { Presence, SegmentFiles } from './segment-files.ts';
import { StoreFull } from './types.ts';
import type { BlockEntry, BlockStore, ListedBlock, RoomLeft, RoomUse } from './types.ts';

/** From here on a value costs IndexedDB a file of its own anyway. */
export const SEGMENT_MIN_BYTES = 64 * 1024;
/** A segment of which no more than this part is alive is written anew. */
const SPARSE = 1 / 2;

/** What writing takes; a realm that lacks it, as a service worker does, can read all the same. */
export interface SegmentWriter {
  /** Without it no segments are written, and large blocks are values, too. */
  readonly presence?: Presence | undefined;
  readonly reserve?: Reserve | undefined;
}

export class SegmentedBlocks implements BlockStore {
  readonly #index: BlockIndex;
  readonly #files: SegmentFiles;
  readonly #reads: GatheredReads;
  readonly #presence: Presence | undefined;
  readonly #reserve: Reserve | undefined;
  /** Segments of ours that are being filled right now. */
  readonly #filling = new Set<string>();
  #lastSegment = 0;

  constructor(index: BlockIndex, files: SegmentFiles, writer: SegmentWriter = {}) {
    this.#index = index;
    this.#files = files;
    this.#reads = new GatheredReads(index, files);
    this.#presence = writer.presence;
    this.#reserve = writer.reserve;
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const bytes = await this.#reads.get(key);
    signal?.throwIfAborted();
    return bytes;
  }

  has(key: string): Promise<boolean> {
    return this.#index.has(key);
  }

  list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]> {
    return this.#index.list(prefix, after, limit);
  }

  async roomLeft(): Promise<RoomLeft> {
    return (await this.#reserve?.isKept()) === false ? 'tight' : 'ample';
  }

  async putMany(entries: readonly BlockEntry[], use: RoomUse = 'for content'): Promise<void> {
    const small = new Map<string, Uint8Array>();
    const large = new Map<string, Uint8Array>();
    for (const { key, bytes } of entries) {
      if (small.has(key) || large.has(key)) continue;
      const isLarge = this.#presence !== undefined && bytes.length >= SEGMENT_MIN_BYTES;
      (isLarge ? large : small).set(key, bytes);
    }
    const put = () => this.#put(small, large);
    if (use === 'for change') return this.#reserve?.backing(put) ?? put();
    const putContent = async (): Promise<void> => {
      // What is kept for making room is not for content: while it is in use, there is no room.
      await this.#reserve?.restore();
      await put();
    };
    try {
      await putContent();
    } catch (error) {
      if (!(error instanceof StoreFull) || !(await this.tidy())) throw error;
      await putContent();
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    const remove = () => this.#index.delete(keys, this.#presence?.id ?? '');
    const segments = await (this.#reserve?.backing(remove) ?? remove());
    await this.#removeEmpty(segments);
    await this.#reserve?.restore().catch(ignoreFull);
  }

  /**
   * Settles what this instance and those that died left: removes segments that are empty, writes
   * anew what is mostly dead. True if anything became free.
   */
  async tidy(): Promise<boolean> {
    const presence = this.#presence;
    if (presence === undefined) return false;
    let hasFreed = false;
    for (const { segment, instance } of await this.#index.unsettled()) {
      const settle = async (): Promise<void> => {
        if (await this.#settle(segment)) hasFreed = true;
      };
      if (instance !== presence.id) await presence.ifGone(instance, settle);
      else if (!this.#filling.has(segment)) await settle();
    }
    return hasFreed;
  }

  async #put(
    small: ReadonlyMap<string, Uint8Array>,
    large: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    const presence = this.#presence;
    if (presence === undefined || large.size === 0) await this.#index.put(small);
    else {
      await this.#fill(presence, large, (segment, places) =>
        this.#index.put(small, places, segment),
      );
    }
  }

  /** Writes values as a new segment, which `enter` makes known; an empty one is removed again. */
  async #fill(
    presence: Presence,
    values: ReadonlyMap<string, Uint8Array>,
    enter: (segment: string, places: ReadonlyMap<string, BlockLocation>) => Promise<boolean>,
  ): Promise<void> {
    const segment = `${presence.id}-${++this.#lastSegment}`;
    const places = new Map<string, BlockLocation>();
    let start = 0;
    for (const [key, { length }] of values) {
      places.set(key, { segment, start, length });
      start += length;
    }
    this.#filling.add(segment);
    let isUsed = false;
    try {
      await this.#index.unsettle([segment], presence.id);
      await this.#files.create(segment, [...values.values()]);
      isUsed = await enter(segment, places);
    } finally {
      if (!isUsed) await this.#removeEmpty([segment]).catch(leaveUnsettled);
      this.#filling.delete(segment);
    }
  }

  /** True if anything became free. */
  async #settle(segment: string): Promise<boolean> {
    if ((await this.#removeEmpty([segment])) > 0) return true;
    const sizeBytes = (await this.#files.sizeOf(segment)) ?? 0;
    const contents = await this.#index.contents(segment);
    let liveBytes = 0;
    for (const { length } of contents.values()) liveBytes += length;
    if (liveBytes <= sizeBytes * SPARSE) return this.#rewrite(segment, contents);
    await this.#index.settle([segment]);
    return false;
  }

  /** Without room for a copy everything stays as it is, and unsettled. */
  async #rewrite(from: string, contents: ReadonlyMap<string, BlockLocation>): Promise<boolean> {
    if (this.#presence === undefined) return false;
    const values = new Map<string, Uint8Array>();
    for (const [key, { start, length }] of contents) {
      const bytes = await this.#files.read(from, start, length);
      if (bytes !== undefined) values.set(key, bytes);
    }
    if (values.size < contents.size) return false;
    try {
      await this.#fill(this.#presence, values, (to, places) => this.#index.move(from, to, places));
    } catch (error) {
      ignoreFull(error);
      return false;
    }
    return (await this.#removeEmpty([from])) > 0;
  }

  /** Removes those of the segments in which no block lies, and says how many there were. */
  async #removeEmpty(segments: readonly string[]): Promise<number> {
    const empty = await this.#index.emptyAmong(segments);
    await Promise.all(empty.map((segment) => this.#files.remove(segment)));
    await this.#index.settle(empty);
    return empty.length;
  }
}

function ignoreFull(error: unknown): void {
  if (!(error instanceof StoreFull)) throw error;
}

function leaveUnsettled(): void {
  // Whatever failed here, the segment is still noted: it is looked at again.
}
