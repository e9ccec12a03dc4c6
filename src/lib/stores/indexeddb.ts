/**
 * Stores in IndexedDB, for page, worker and service worker, several of them at once.
 *
 * One database holds both, so that a strict record write also puts to disk what was written before
 * it. Blocks are written with relaxed durability (a power failure may cost the last seconds of an
 * upload, never a record), records with strict. Sizes lie in a table of their own: listing 100,000
 * blocks must not read them.
 */
import type { IDBPTransaction, StoreNames } from 'idb';
import { equalBytes } from '#lib/bytes/index.ts';
import { Connection } from './indexeddb-connection.ts';
import type { Schema } from './indexeddb-connection.ts';
import type { BlockEntry, BlockStore, ListedBlock, ListedRecord } from './types.ts';
import type { RecordChange, RecordStore } from './types.ts';

export interface IndexedDbStores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** Ends this handle; other tabs keep theirs. */
  close(): void;
  /** Deletes the database with everything in it. */
  destroy(): Promise<void>;
}

/** Opens (or makes) the database `name`. Throws {@link StoreUnavailable}. */
export async function createIndexedDbStores(
  name: string,
  factory: IDBFactory | undefined = globalThis.indexedDB,
): Promise<IndexedDbStores> {
  const connection = new Connection(name, factory);
  await connection.open();
  return {
    blocks: new IndexedDbBlocks(connection),
    records: new IndexedDbRecords(connection),
    close: () => connection.close(),
    destroy: () => connection.destroy(),
  };
}

const BLOCK_TABLES = ['blocks', 'blockSizes'] as const;

class IndexedDbBlocks implements BlockStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    signal?.throwIfAborted();
    const bytes = await this.#connection.read(['blocks'], (tx) =>
      tx.objectStore('blocks').get(key),
    );
    signal?.throwIfAborted();
    return bytes;
  }

  async has(key: string): Promise<boolean> {
    const count = await this.#connection.read(['blockSizes'], (tx) =>
      tx.objectStore('blockSizes').count(key),
    );
    return count > 0;
  }

  async putMany(entries: readonly BlockEntry[]): Promise<void> {
    // The first of two with one key counts; a map keeps the last.
    const byKey = new Map(entries.toReversed().map(({ key, bytes }) => [key, bytes]));
    await this.#connection.write(BLOCK_TABLES, 'relaxed', async (tx) => {
      const [blocks, sizes] = [tx.objectStore('blocks'), tx.objectStore('blockSizes')];
      const keys = [...byKey.keys()];
      const present = await Promise.all(keys.map((key) => sizes.getKey(key)));
      const absent = [...byKey].filter((_, i) => present[i] === undefined);
      // Async, so that a refusal of one write is met together with the failures it causes.
      const putBlock = async (key: string, bytes: Uint8Array) => blocks.put(storable(bytes), key);
      const putSize = async (key: string, bytes: Uint8Array) => sizes.put(bytes.length, key);
      await Promise.all(
        absent.flatMap(([key, bytes]) => [putBlock(key, bytes), putSize(key, bytes)]),
      );
    });
  }

  async deleteMany(keys: readonly string[]): Promise<void> {
    await this.#connection.write(BLOCK_TABLES, 'relaxed', async (tx) => {
      const [blocks, sizes] = [tx.objectStore('blocks'), tx.objectStore('blockSizes')];
      await Promise.all(keys.flatMap((key) => [blocks.delete(key), sizes.delete(key)]));
    });
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
}

class IndexedDbRecords implements RecordStore {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  async get(table: string, key: string): Promise<Uint8Array | undefined> {
    return this.#connection.read(['records'], (tx) =>
      tx.objectStore('records').get(recordKey(table, key)),
    );
  }

  async list(
    table: string,
    prefix: string,
    after?: string,
    limit?: number,
  ): Promise<ListedRecord[]> {
    const tablePrefix = recordKey(table, '');
    const from = after === undefined ? undefined : recordKey(table, after);
    const range = rangeOf(recordKey(table, prefix), from);
    if (range === undefined || limit === 0) return [];
    const [keys, values] = await this.#connection.read(['records'], (tx) => {
      const store = tx.objectStore('records');
      return Promise.all([store.getAllKeys(range, limit), store.getAll(range, limit)]);
    });
    return keys.map((key, i) => ({
      key: key.slice(tablePrefix.length),
      value: values[i] ?? new Uint8Array(),
    }));
  }

  async apply(change: RecordChange): Promise<boolean> {
    return this.#connection.write(['records'], change.durability ?? 'strict', async (tx) => {
      if (!(await expectationsHold(tx, change))) return false;
      const store = tx.objectStore('records');
      await Promise.all(
        change.writes.map(async ({ table, key, value }) => {
          if (value === undefined) await store.delete(recordKey(table, key));
          else await store.put(storable(value), recordKey(table, key));
        }),
      );
      return true;
    });
  }
}

async function expectationsHold(
  tx: IDBPTransaction<Schema, StoreNames<Schema>[], 'readwrite'>,
  { expect = [] }: RecordChange,
): Promise<boolean> {
  const store = tx.objectStore('records');
  const stored = await Promise.all(
    expect.map(({ table, key }) => store.get(recordKey(table, key))),
  );
  return expect.every(({ value }, i) => {
    const found = stored[i];
    return found === undefined || value === undefined ? found === value : equalBytes(found, value);
  });
}

function recordKey(table: string, key: string): string {
  return `${table}/${key}`;
}

/** Keys with a prefix, after a given one. `undefined`: there can be none. */
function rangeOf(prefix: string, after: string | undefined): IDBKeyRange | undefined {
  const end = `${prefix}\uffff`;
  if (after === undefined || after < prefix) return IDBKeyRange.bound(prefix, end, false, true);
  return after < end ? IDBKeyRange.bound(after, end, true, true) : undefined;
}

/** Structured clone copies the whole buffer below a view, so a part of a larger one is cut out. */
function storable(bytes: Uint8Array): Uint8Array {
  const isWhole = bytes.buffer instanceof ArrayBuffer && bytes.length === bytes.buffer.byteLength;
  return isWhole ? bytes : bytes.slice();
}
