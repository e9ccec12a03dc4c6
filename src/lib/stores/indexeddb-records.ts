/**
 * Records in IndexedDB, in the database that also says where blocks lie: a strict write puts to disk
 * what was written before it. Each change is one transaction, whatever tab it comes from.
 */
import type { IDBPTransaction, StoreNames } from 'idb';
import { equalBytes } from '#lib/bytes/index.ts';
import { storable } from './block-index.ts';
import type { Connection, Schema } from './indexeddb-connection.ts';
import { rangeOf } from './key-range.ts';
import type { Reserve } from './reserve.ts';
import type { ListedRecord, RecordChange, RecordStore } from './types.ts';

export class IndexedDbRecords implements RecordStore {
  readonly #connection: Connection;
  readonly #reserve: Reserve | undefined;

  constructor(connection: Connection, reserve: Reserve | undefined) {
    this.#connection = connection;
    this.#reserve = reserve;
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

  apply(change: RecordChange): Promise<boolean> {
    const apply = () => this.#apply(change);
    return this.#reserve?.backing(apply) ?? apply();
  }

  #apply(change: RecordChange): Promise<boolean> {
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
