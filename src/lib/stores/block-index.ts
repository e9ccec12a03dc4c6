/**
 * Which blocks there are and where their bytes lie: as values in IndexedDB, or in a segment file.
 * Nothing here touches a file.
 *
 * A segment is *unsettled* while an instance is about to fill it or has taken blocks from it: that
 * is noted before, and struck off when what follows is done, so an instance that finds such a note of an
 * instance that died knows where to look. Deleting writes nothing else, and what it writes is small:
 * a full browser refuses every other transaction.
 */
import { StoreUnavailable } from './types.ts';
import type { BlockLocation, ListedBlock } from './types.ts';
import type { Connection } from './indexeddb-connection.ts';
import { rangeOf } from './key-range.ts';

/** A segment somebody has to look at, and the instance that is at it. */
export interface Unsettled {
  readonly segment: string;
  readonly instance: string;
}

const BLOCK_TABLES = ['blocks', 'blockSizes', 'placed', 'unsettled'] as const;

export class BlockIndex {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The blocks themselves or where they lie, in the order of their keys. */
  async findAll(keys: readonly string[]): Promise<(Uint8Array | BlockLocation | undefined)[]> {
    const [bytes, places] = await this.#connection.read(['blocks', 'placed'], (tx) => {
      const [blocks, placed] = [tx.objectStore('blocks'), tx.objectStore('placed')];
      return Promise.all([
        Promise.all(keys.map((key) => blocks.get(key))),
        Promise.all(keys.map((key) => placed.get(key))),
      ]);
    });
    return keys.map((_, i) => bytes[i] ?? places[i]);
  }

  async has(key: string): Promise<boolean> {
    const count = await this.#connection.read(['blockSizes'], (tx) =>
      tx.objectStore('blockSizes').count(key),
    );
    return count > 0;
  }

  async list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]> {
    const range = rangeOf(prefix, after);
    if (range === undefined || limit === 0) return [];
    const [keys, sizes] = await this.#connection.read(['blockSizes'], (tx) => {
      const store = tx.objectStore('blockSizes');
      return Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
    });
    return keys.map((key, i) => ({ key, sizeBytes: sizes[i] ?? 0 }));
  }

  /**
   * Takes in blocks by value and by place, in one transaction; those that are there keep what they
   * have. The segment named is settled if any of its places was taken; false if none was.
   */
  async put(
    values: ReadonlyMap<string, Uint8Array>,
    places: ReadonlyMap<string, BlockLocation> = new Map(),
    segment?: string,
  ): Promise<boolean> {
    return this.#connection.write(BLOCK_TABLES, 'relaxed', async (tx) => {
      const sizes = tx.objectStore('blockSizes');
      const keys = [...values.keys(), ...places.keys()];
      const present = await Promise.all(keys.map((key) => sizes.getKey(key)));
      const absent = new Set(keys.filter((_, i) => present[i] === undefined));
      const puts: (() => Promise<unknown>)[] = [];
      for (const [key, bytes] of values) {
        if (!absent.has(key)) continue;
        puts.push(() => tx.objectStore('blocks').put(storable(bytes), key));
        puts.push(() => sizes.put(bytes.length, key));
      }
      for (const [key, place] of places) {
        if (!absent.has(key)) continue;
        puts.push(() => tx.objectStore('placed').put(place, key));
        puts.push(() => sizes.put(place.length, key));
      }
      const isUsed = [...places.keys()].some((key) => absent.has(key));
      if (segment !== undefined && isUsed) {
        puts.push(() => tx.objectStore('unsettled').delete(segment));
      }
      // Async, so that a refusal of one write is met together with the failures it causes.
      await Promise.all(puts.map(async (put) => put()));
      return isUsed;
    });
  }

  /** Removes blocks; the segments they lay in are unsettled from before then. Names those. */
  async delete(keys: readonly string[], instance: string): Promise<string[]> {
    const places = await this.#connection.read(['placed'], (tx) => {
      const placed = tx.objectStore('placed');
      return Promise.all(keys.map((key) => placed.get(key)));
    });
    const segments = new Set(places.flatMap((place) => place?.segment ?? []));
    if (segments.size > 0) await this.unsettle([...segments], instance);
    await this.#connection.write(BLOCK_TABLES, 'relaxed', async (tx) => {
      const tables = [tx.objectStore('blocks'), tx.objectStore('blockSizes')];
      const placed = tx.objectStore('placed');
      await Promise.all(
        keys.flatMap((key) => [...tables.map((table) => table.delete(key)), placed.delete(key)]),
      );
    });
    return [...segments];
  }

  /** Notes that `instance` is at work on segments. */
  async unsettle(segments: readonly string[], instance: string): Promise<void> {
    await this.#connection.write(['unsettled'], 'relaxed', async (tx) => {
      const unsettled = tx.objectStore('unsettled');
      await Promise.all(segments.map((segment) => unsettled.put(instance, segment)));
    });
  }

  async settle(segments: readonly string[]): Promise<void> {
    if (segments.length === 0) return;
    await this.#connection.write(['unsettled'], 'relaxed', async (tx) => {
      const unsettled = tx.objectStore('unsettled');
      await Promise.all(segments.map((segment) => unsettled.delete(segment)));
    });
  }

  async unsettled(): Promise<Unsettled[]> {
    const [segments, instances] = await this.#connection.read(['unsettled'], (tx) => {
      const store = tx.objectStore('unsettled');
      return Promise.all([store.getAllKeys(), store.getAll()]);
    });
    return segments.map((segment, i) => ({ segment, instance: instances[i] ?? '' }));
  }

  /** Those of the segments in which no block lies. */
  async emptyAmong(segments: readonly string[]): Promise<string[]> {
    if (segments.length === 0) return [];
    const counts = await this.#connection.read(['placed'], (tx) => {
      const bySegment = tx.objectStore('placed').index('segment');
      return Promise.all(segments.map((segment) => bySegment.count(segment)));
    });
    return segments.filter((_, i) => counts[i] === 0);
  }

  /** The blocks that lie in a segment. */
  async contents(segment: string): Promise<Map<string, BlockLocation>> {
    const [keys, places] = await this.#connection.read(['placed'], (tx) => {
      const bySegment = tx.objectStore('placed').index('segment');
      return Promise.all([bySegment.getAllKeys(segment), bySegment.getAll(segment)]);
    });
    return new Map(
      keys.map((key, i) => {
        const place = places[i];
        if (place === undefined) throw new StoreUnavailable('The index of blocks is damaged.');
        return [key, place];
      }),
    );
  }

  /**
   * Blocks that still lie in `from` lie at these places from now on, and `to` is settled; false if
   * there were none.
   */
  move(from: string, to: string, places: ReadonlyMap<string, BlockLocation>): Promise<boolean> {
    return this.#connection.write(['placed', 'unsettled'], 'relaxed', async (tx) => {
      const placed = tx.objectStore('placed');
      const present = await Promise.all([...places.keys()].map((key) => placed.get(key)));
      const moved = [...places].filter((_, i) => present[i]?.segment === from);
      await Promise.all(moved.map(async ([key, place]) => placed.put(place, key)));
      if (moved.length > 0) await tx.objectStore('unsettled').delete(to);
      return moved.length > 0;
    });
  }
}

/** Structured clone copies the whole buffer below a view, so a part of a larger one is cut out. */
export function storable(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
  return isWhole ? bytes : bytes.slice();
}
