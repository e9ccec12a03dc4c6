/**
 * Stores that live as long as the process: for tests, and as the reference the others are tested
 * against. Each call takes effect at one instant, as a transaction would.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { StoreFull } from './types.ts';
import type { BlockEntry, BlockStore, ListedBlock, ListedRecord } from './types.ts';
import type { RecordChange, RecordEntry, RecordStore, RoomLeft, RoomUse } from './types.ts';

export interface MemoryStoreOptions {
  /** Total bytes of blocks and records the stores accept; unlimited when absent. */
  readonly capacityBytes?: number;
}

/** What is kept for making room: of a small memory this part, of a large one so much. */
const RESERVE_SHARE = 1 / 8;
const RESERVE_MAX_BYTES = 4 * 1024 * 1024;

/** Empty stores that share one limit of bytes. Throws `StoreFull` from their writes beyond it. */
export function createMemoryStores(options: MemoryStoreOptions = {}): {
  blocks: BlockStore;
  records: RecordStore;
} {
  const room = new Room(options.capacityBytes ?? Infinity);
  return { blocks: new MemoryBlocks(room), records: new MemoryRecords(room) };
}

/** The space both stores share. */
class Room {
  readonly #capacityBytes: number;
  readonly #reserveBytes: number;
  #usedBytes = 0;

  constructor(capacityBytes: number) {
    this.#capacityBytes = capacityBytes;
    this.#reserveBytes = Math.min(RESERVE_MAX_BYTES, capacityBytes * RESERVE_SHARE);
  }

  take(bytes: number, use: RoomUse): void {
    const kept = use === 'for content' ? this.#reserveBytes : 0;
    if (bytes > 0 && this.#usedBytes + bytes > this.#capacityBytes - kept) throw new StoreFull();
    this.#usedBytes += bytes;
  }

  left(): RoomLeft {
    const leftBytes = this.#capacityBytes - this.#usedBytes;
    if (leftBytes > this.#reserveBytes) return 'ample';
    return leftBytes > this.#reserveBytes / 2 ? 'tight' : 'last';
  }
}

class MemoryBlocks implements BlockStore {
  readonly #room: Room;
  readonly #bytesByKey = new Map<string, Uint8Array>();

  constructor(room: Room) {
    this.#room = room;
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    return this.#bytesByKey.get(key)?.slice();
  }

  async has(key: string): Promise<boolean> {
    return this.#bytesByKey.has(key);
  }

  async putMany(entries: readonly BlockEntry[], use: RoomUse = 'for content'): Promise<void> {
    const added = new Map<string, Uint8Array>();
    for (const { key, bytes } of entries) {
      if (!this.#bytesByKey.has(key) && !added.has(key)) added.set(key, bytes.slice());
    }
    let addedBytes = 0;
    for (const bytes of added.values()) addedBytes += bytes.length;
    this.#room.take(addedBytes, use);
    for (const [key, bytes] of added) this.#bytesByKey.set(key, bytes);
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    for (const key of keys) {
      this.#room.take(-(this.#bytesByKey.get(key)?.length ?? 0), 'for change');
      this.#bytesByKey.delete(key);
    }
  }

  async list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]> {
    return keysInRange(this.#bytesByKey.keys(), prefix, after, limit).map((key) => ({
      key,
      sizeBytes: this.#bytesByKey.get(key)?.length ?? 0,
    }));
  }

  async roomLeft(): Promise<RoomLeft> {
    return this.#room.left();
  }
}

class MemoryRecords implements RecordStore {
  readonly #room: Room;
  readonly #tables = new Map<string, Map<string, Uint8Array>>();

  constructor(room: Room) {
    this.#room = room;
  }

  async get(table: string, key: string): Promise<Uint8Array | undefined> {
    return this.#table(table).get(key)?.slice();
  }

  async list(
    table: string,
    prefix: string,
    after?: string,
    limit?: number,
  ): Promise<ListedRecord[]> {
    const records = this.#table(table);
    return keysInRange(records.keys(), prefix, after, limit).map((key) => ({
      key,
      value: (records.get(key) ?? new Uint8Array()).slice(),
    }));
  }

  async apply(change: RecordChange): Promise<boolean> {
    if (!(change.expect ?? []).every((entry) => this.#holds(entry))) return false;
    let growthBytes = 0;
    for (const { table, key, value } of change.writes) {
      growthBytes += (value?.length ?? 0) - (this.#table(table).get(key)?.length ?? 0);
    }
    this.#room.take(growthBytes, 'for change');
    for (const { table, key, value } of change.writes) {
      if (value === undefined) this.#table(table).delete(key);
      else this.#table(table).set(key, value.slice());
    }
    return true;
  }

  #holds({ table, key, value }: RecordEntry): boolean {
    const stored = this.#table(table).get(key);
    if (stored === undefined || value === undefined) return stored === value;
    return equalBytes(stored, value);
  }

  #table(name: string): Map<string, Uint8Array> {
    let table = this.#tables.get(name);
    if (table === undefined) this.#tables.set(name, (table = new Map()));
    return table;
  }
}

function keysInRange(
  keys: Iterable<string>,
  prefix: string,
  after: string | undefined,
  limit: number | undefined,
): string[] {
  return [...keys]
    .filter((key) => key.startsWith(prefix) && (after === undefined || key > after))
    .sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
    .slice(0, limit);
}
