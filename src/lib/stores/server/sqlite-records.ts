/**
 * Records in one SQLite file, for one or several processes of one machine. A change is one immediate
 * transaction: the expectations are looked at under the lock that the writes need.
 *
 * Strict changes are on disk when they return; relaxed ones reach the disk with the next strict one
 * or the next checkpoint, in their order. Nothing is read out that a strict change still waits for.
 */
import type { StatementSync } from 'node:sqlite';
import { equalBytes } from '#lib/bytes/index.ts';
import type { ListedRecord, RecordChange, RecordEntry, RecordStore } from '../types.ts';
import { keyFromBytes, keyRange, keyToBytes } from './key-order.ts';
import { copySqlite, openSqlite } from './sqlite.ts';
import type { Sqlite } from './sqlite.ts';

export interface SqliteRecordStore extends RecordStore {
  close(): Promise<void>;
}

/** Opens or makes `file`. Throws {@link StoreUnavailable}, {@link StoreFull}. */
export async function createSqliteRecordStore(file: string): Promise<SqliteRecordStore> {
  return new SqliteRecords(
    openSqlite({
      file,
      versions: [
        (database) => {
          database.exec(`
            CREATE TABLE records (
              "table" TEXT NOT NULL, key BLOB NOT NULL, value BLOB NOT NULL,
              PRIMARY KEY ("table", key)
            ) STRICT, WITHOUT ROWID
          `);
        },
      ],
    }),
  );
}

/**
 * Copies the records in `file` as they stand at one instant to `destination`, while any number of
 * processes use them. Throws {@link StoreUnavailable}, {@link StoreFull}.
 */
export function backupSqliteRecords(file: string, destination: string): Promise<void> {
  return copySqlite(file, destination);
}

class SqliteRecords implements SqliteRecordStore {
  readonly #sqlite: Sqlite;
  readonly #select: StatementSync;
  readonly #list: StatementSync;
  readonly #upsert: StatementSync;
  readonly #delete: StatementSync;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#select = sqlite.prepare('SELECT value FROM records WHERE "table" = ? AND key = ?');
    this.#list = sqlite.prepare(
      `SELECT key, value FROM records
       WHERE "table" = ? AND key >= ? AND key < ? ORDER BY key LIMIT ?`,
    );
    // Node binds an empty array as NULL.
    this.#upsert = sqlite.prepare(
      `INSERT INTO records VALUES (?, ?, coalesce(?, x''))
       ON CONFLICT DO UPDATE SET value = excluded.value`,
    );
    this.#delete = sqlite.prepare('DELETE FROM records WHERE "table" = ? AND key = ?');
  }

  async get(table: string, key: string): Promise<Uint8Array | undefined> {
    const value = this.#sqlite.read(() => this.#valueOf(table, key));
    await this.#sqlite.settled();
    return value;
  }

  async list(
    table: string,
    prefix: string,
    after?: string,
    limit?: number,
  ): Promise<ListedRecord[]> {
    const range = keyRange(prefix, after);
    const rows = this.#sqlite.read(() =>
      this.#list.all(table, range.from, range.before, limit ?? -1),
    );
    await this.#sqlite.settled();
    return rows.map(({ key, value }) => ({
      key: keyFromBytes(key as Uint8Array),
      value: value as Uint8Array,
    }));
  }

  async apply(change: RecordChange): Promise<boolean> {
    const isApplied = this.#sqlite.write(() => {
      if (!(change.expect ?? []).every((entry) => this.#holds(entry))) return undefined;
      for (const { table, key, value } of change.writes) {
        if (value === undefined) this.#delete.run(table, keyToBytes(key));
        else this.#upsert.run(table, keyToBytes(key), value);
      }
      return true;
    });
    const isStrict = isApplied === true && change.durability !== 'relaxed';
    await (isStrict ? this.#sqlite.flush() : this.#sqlite.settled());
    return isApplied ?? false;
  }

  close(): Promise<void> {
    return this.#sqlite.close();
  }

  #holds({ table, key, value }: RecordEntry): boolean {
    const stored = this.#valueOf(table, key);
    if (stored === undefined || value === undefined) return stored === value;
    return equalBytes(stored, value);
  }

  #valueOf(table: string, key: string): Uint8Array | undefined {
    return this.#select.get(table, keyToBytes(key))?.['value'] as Uint8Array | undefined;
  }
}
