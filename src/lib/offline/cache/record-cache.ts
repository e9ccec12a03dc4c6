/**
 * Small answers kept on this device. A cache may fail: reading then finds nothing, and writing does
 * nothing. Values are CBOR.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';

const TABLES = ['cache-pointers', 'cache-names', 'cache-chains', 'cache-logins'] as const;
type Table = (typeof TABLES)[number];

export class KeptRecords {
  readonly #records: RecordStore;

  constructor(records: RecordStore) {
    this.#records = records;
  }

  async get<T>(table: Table, key: string, read: (value: CborValue) => T): Promise<T | undefined> {
    return orNothing(async () => {
      const value = await this.#records.get(table, key);
      return value === undefined ? undefined : read(decodeCbor(value));
    });
  }

  async set(table: Table, key: string, value: CborValue | undefined): Promise<void> {
    await orNothing(async () => {
      const bytes = value === undefined ? undefined : encodeCbor(value);
      await this.#records.apply({ writes: [{ table, key, value: bytes }], durability: 'relaxed' });
    });
  }

  /**
   * Replaces a value by what `decide` makes of it, which may be itself; other tabs do not come
   * between.
   */
  async update(
    table: Table,
    key: string,
    decide: (before: CborValue | undefined) => CborValue | undefined,
  ): Promise<void> {
    await orNothing(async () => {
      for (;;) {
        const before = await this.#records.get(table, key);
        const value = decide(before === undefined ? undefined : decodeCbor(before));
        const bytes = value === undefined ? undefined : encodeCbor(value);
        const change = {
          expect: [{ table, key, value: before }],
          writes: [{ table, key, value: bytes }],
          durability: 'relaxed' as const,
        };
        if (await this.#records.apply(change)) return;
      }
    });
  }

  /** Removes what is kept under keys that start with `prefix`. */
  async remove(table: Table, prefix: string): Promise<void> {
    await orNothing(async () => {
      const listed = await this.#records.list(table, prefix);
      const writes = listed.map(({ key }) => ({ table, key, value: undefined }));
      await this.#records.apply({ writes });
    });
  }

  async clear(): Promise<void> {
    for (const table of TABLES) await this.remove(table, '');
  }
}

async function orNothing<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}
