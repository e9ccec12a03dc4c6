/**
 * What libp2p keeps in memory of peers and for the Kademlia table: records that anybody may send, each
 * under a key of its own, so the number and the size of all of it are bounded. What was not used for
 * the longest time goes first; others keep the same, and nodes send their records again.
 */
import { MemoryDatastore } from 'datastore-core';

type Key = Parameters<MemoryDatastore['put']>[0];

interface Kept {
  readonly key: Key;
  readonly bytes: number;
}

export interface DatastoreBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

const DEFAULT_BOUNDS: DatastoreBounds = { maxEntries: 50_000, maxBytes: 64 * 1024 * 1024 };

export class BoundedDatastore extends MemoryDatastore {
  readonly #bounds: DatastoreBounds;
  /** Least recently used first. */
  readonly #kept = new Map<string, Kept>();
  #bytes = 0;

  constructor(bounds: DatastoreBounds = DEFAULT_BOUNDS) {
    super();
    this.#bounds = bounds;
  }

  override put(...[key, value, options]: Parameters<MemoryDatastore['put']>): Key | Promise<Key> {
    const answer = super.put(key, value, options);
    this.#forget(key);
    this.#kept.set(key.toString(), { key, bytes: value.length });
    this.#bytes += value.length;
    for (const { key: oldest } of this.#kept.values()) {
      const { maxEntries, maxBytes } = this.#bounds;
      if (this.#kept.size <= maxEntries && this.#bytes <= maxBytes) break;
      void this.delete(oldest);
    }
    return answer;
  }

  override get(
    ...[key, options]: Parameters<MemoryDatastore['get']>
  ): Uint8Array | Promise<Uint8Array> {
    const name = key.toString();
    const kept = this.#kept.get(name);
    if (kept !== undefined) {
      this.#kept.delete(name);
      this.#kept.set(name, kept);
    }
    return super.get(key, options);
  }

  override delete(...[key, options]: Parameters<MemoryDatastore['delete']>): void | Promise<void> {
    this.#forget(key);
    return super.delete(key, options);
  }

  #forget(key: Key): void {
    const name = key.toString();
    this.#bytes -= this.#kept.get(name)?.bytes ?? 0;
    this.#kept.delete(name);
  }
}
