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
import type { BlockIndex, Place } from './block-index.ts';
import { GatheredReads } from './gathered-reads.ts';
import type { Reserve } from './reserve.ts';
import type { Presence, SegmentFiles } from './segment-files.ts';
import { StoreFull } from './types.ts';
import type { BlockEntry, BlockStore, ListedBlock } from './types.ts';

/** From here on a value costs IndexedDB a file of its own anyway. */
export const SEGMENT_MIN_BYTES = 64 * 1024;
/** A segment of which no more than this part is alive is written anew. */
const SPARSE = 1 / 2;

/** What writing takes; a realm that lacks it, as a service worker does, can read all the same. */
export interface SegmentWriter {
  readonly presence: Presence;
  readonly reserve: Reserve;
}

export class SegmentedBlocks implements BlockStore {
  readonly #index: BlockIndex;
  readonly #files: SegmentFiles;
  readonly #reads: GatheredReads;
  readonly #writer: SegmentWriter | undefined;
  /** Segments of ours that are being filled right now. */
  readonly #filling = new Set<string>();
  #lastSegment = 0;

  constructor(index: BlockIndex, files: SegmentFiles, writer: SegmentWriter | undefined) {
    this.#index = index;
    this.#files = files;
    this.#reads = new GatheredReads(index, files);
    this.#writer = writer;
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

  async putMany(entries: readonly BlockEntry[]): Promise<void> {
    const small = new Map<string, Uint8Array>();
    const large = new Map<string, Uint8Array>();
    for (const { key, bytes } of entries) {
      if (small.has(key) || large.has(key)) continue;
      const isLarge = this.#writer !== undefined && bytes.length >= SEGMENT_MIN_BYTES;
      (isLarge ? large : small).set(key, bytes);
    }
    const writer = this.#writer;
    const put = () => this.#index.put(small);
    if (writer === undefined) await put();
    else if (large.size === 0) await writer.reserve.backing(put);
    else {
      try {
        await this.#putWithSegment(writer, small, large);
      } catch (error) {
        if (!(error instanceof StoreFull) || !(await this.tidy())) throw error;
        await this.#putWithSegment(writer, small, large);
      }
    }
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    const { presence, reserve } = this.#writer ?? {};
    const remove = () => this.#index.delete(keys, presence?.id ?? '');
    const segments = await (reserve?.backing(remove) ?? remove());
    await this.#removeEmpty(segments);
    await reserve?.restore().catch(ignoreFull);
  }

  /**
   * Settles what this instance and those that died left: removes segments that are empty, writes
   * anew what is mostly dead. True if anything became free.
   */
  async tidy(): Promise<boolean> {
    if (this.#writer === undefined) return false;
    const { presence } = this.#writer;
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

  async #putWithSegment(
    writer: SegmentWriter,
    small: ReadonlyMap<string, Uint8Array>,
    large: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    // What is kept for making room is not for content: while it is in use, there is no room.
    await writer.reserve.restore();
    await this.#fill(writer, large, (segment, places) => this.#index.put(small, places, segment));
  }

  /** Writes values as a new segment, which `enter` makes known; an empty one is removed again. */
  async #fill(
    { presence }: SegmentWriter,
    values: ReadonlyMap<string, Uint8Array>,
    enter: (segment: string, places: ReadonlyMap<string, Place>) => Promise<boolean>,
  ): Promise<void> {
    const segment = `${presence.id}-${++this.#lastSegment}`;
    const places = new Map<string, Place>();
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
  async #rewrite(from: string, contents: ReadonlyMap<string, Place>): Promise<boolean> {
    if (this.#writer === undefined) return false;
    const values = new Map<string, Uint8Array>();
    for (const [key, { start, length }] of contents) {
      const bytes = await this.#files.read(from, start, length);
      if (bytes !== undefined) values.set(key, bytes);
    }
    if (values.size < contents.size) return false;
    try {
      await this.#fill(this.#writer, values, (to, places) => this.#index.move(from, to, places));
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
