/**
 * One SQLite file: opened with a write-ahead log, shared by several processes, changed in immediate
 * transactions that are strict (on disk when {@link Sqlite.flush} resolves) or relaxed (never ahead
 * of a strict one).
 *
 * `node:sqlite` is synchronous, so within one process no two transactions overlap. What takes long in
 * a transaction is waiting for the disk: that is done beside this thread, and a reader of what is
 * not on the disk yet waits for it, too, before anybody hears of it ({@link Sqlite.settled}).
 */
import { closeSync, openSync } from 'node:fs';
import type * as SqliteModule from 'node:sqlite';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { StoreFull, StoreUnavailable } from '../types.ts';
import type { RoomUse } from '../types.ts';
import { isGrowthRefused } from './growth.ts';
import { LogFlush } from './log-flush.ts';
import { Reserve } from './reserve.ts';

/** How long a transaction waits for another process. */
const BUSY_MS = 10_000;
/** The log is cut back to this after a burst. */
const LOG_MAX_BYTES = 64 * 1024 * 1024;
/** On a disk that may soon be full the log is small, in bytes and in pages. */
const TIGHT_LOG_BYTES = 1024 * 1024;
const TIGHT_LOG_PAGES = 250;
const CACHE_KIB = 16 * 1024;

export interface SqliteOptions {
  readonly file: string;
  /** One step of SQL for each version the file had; those it lacks are run at opening. */
  readonly versions: readonly ((database: DatabaseSync) => void)[];
}

/**
 * Opens or makes the file, on a full disk, too: a log is begun at opening. Throws
 * {@link StoreUnavailable}, {@link StoreFull}.
 */
export function openSqlite(options: SqliteOptions): Sqlite {
  const reserve = new Reserve(options.file);
  try {
    return open(options, reserve);
  } catch (error) {
    if (!(error instanceof StoreFull) || !reserve.giveUp()) throw error;
    return open(options, reserve);
  }
}

function open(options: SqliteOptions, reserve: Reserve): Sqlite {
  return translating(options.file, () => {
    const { DatabaseSync } = loadSqlite();
    makePrivate(options.file);
    const database = new DatabaseSync(options.file, { timeout: BUSY_MS });
    try {
      database.exec(`
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA journal_size_limit = ${String(LOG_MAX_BYTES)};
        PRAGMA cache_size = -${String(CACHE_KIB)};
        PRAGMA trusted_schema = OFF;
      `);
      if (reserve.isTight) {
        database.exec(`
          PRAGMA journal_size_limit = ${String(TIGHT_LOG_BYTES)};
          PRAGMA wal_autocheckpoint = ${String(TIGHT_LOG_PAGES)};
        `);
      }
      migrate(database, options);
      return new Sqlite(options.file, database, reserve);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

export class Sqlite {
  readonly file: string;
  readonly #database: DatabaseSync;
  /** The room kept on its disk. */
  readonly reserve: Reserve;
  readonly #log: LogFlush;

  constructor(file: string, database: DatabaseSync, reserve: Reserve) {
    this.file = file;
    this.#database = database;
    this.reserve = reserve;
    this.#log = new LogFlush(file);
  }

  prepare(sql: string): StatementSync {
    return this.#database.prepare(sql);
  }

  /** A look that throws the errors of this room. */
  read<T>(body: () => T): T {
    return translating(this.file, body);
  }

  /**
   * Everything `body` does takes effect together, or nothing of it. `undefined` takes it back. On a
   * full disk it is done once more in the room that is kept, but not for content.
   */
  write<T>(body: () => T, use: RoomUse = 'for change'): T {
    const write = (): T => translating(this.file, () => this.#transaction(body));
    try {
      return write();
    } catch (error) {
      if (!(error instanceof StoreFull) || use === 'for content') throw error;
    }
    this.makeRoom();
    return write();
  }

  /** Gives up the room that is kept, and that of the log. False if there was none kept. */
  makeRoom(): boolean {
    const hasGiven = this.reserve.giveUp();
    try {
      this.#database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    } catch {
      // Then the log stays; what is to be written may fit all the same.
    }
    return hasGiven;
  }

  /** Everything written before is on the disk when this resolves. Throws {@link StoreUnavailable}. */
  flush(): Promise<void> {
    return this.#log.flush().catch(refusedByDisk(this.file));
  }

  /** Resolves when what was read before is on the disk, as far as somebody waits for that. */
  settled(): Promise<void> {
    return this.#log.settled().catch(refusedByDisk(this.file));
  }

  async close(): Promise<void> {
    await this.#log.close();
    await this.reserve.settled();
    if (this.#database.isOpen) this.#database.close();
  }

  #transaction<T>(body: () => T): T {
    this.reserve.onChange();
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = body();
      this.#database.exec(result === undefined ? 'ROLLBACK' : 'COMMIT');
      return result;
    } catch (error) {
      // A failed write may have ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      throw error;
    }
  }
}

function refusedByDisk(file: string): (error: unknown) => never {
  return (cause) => {
    throw new StoreUnavailable(
      `${file} could not be put to disk. Whether the last changes were kept is unknown.`,
      { cause },
    );
  };
}

/**
 * Copies a database that is in use, as it stood at one instant, without holding up its writers or
 * this process. `destination` is overwritten. Throws {@link StoreUnavailable}, {@link StoreFull}.
 */
export async function copySqlite(file: string, destination: string): Promise<void> {
  const { DatabaseSync, backup } = loadSqlite();
  const source = translating(
    file,
    () => new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS }),
  );
  try {
    makePrivate(destination);
    // All pages in one step: a step that follows a change by another process starts anew.
    await backup(source, destination, { rate: -1 });
  } catch (error) {
    throw translated(destination, error);
  } finally {
    source.close();
  }
}

/**
 * Makes the file if it is missing, for its owner alone: there are secrets of second factors in it,
 * and its folder may be open to others. The files SQLite puts beside it are as it is. One that is
 * there is not touched: closing a file ends every lock this process has on it, SQLite's too.
 */
function makePrivate(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600));
  } catch {
    // It is there, or cannot be; SQLite says what is wrong when it opens the file.
  }
}

function migrate(database: DatabaseSync, { file, versions }: SqliteOptions): void {
  if (versionOf(database) === versions.length) return;
  database.exec('BEGIN EXCLUSIVE');
  try {
    const version = versionOf(database); // another process may have been first
    if (version > versions.length) {
      throw new StoreUnavailable(`${file} was made by a newer version of this program.`);
    }
    for (const step of versions.slice(version)) step(database);
    database.exec(`PRAGMA user_version = ${String(versions.length)}`);
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/**
 * Node 22 warns of its SQLite being experimental, on standard error and once a process. The version
 * is locked and the conformance tests run on it, so that one warning is dropped, and no other.
 */
export function loadSqlite(): typeof SqliteModule {
  const { emitWarning } = process;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]) => {
    const isExpected = rest[0] === 'ExperimentalWarning' && String(warning).includes('SQLite');
    if (!isExpected) Reflect.apply(emitWarning, process, [warning, ...rest]);
  };
  try {
    return process.getBuiltinModule('node:sqlite');
  } finally {
    process.emitWarning = emitWarning;
  }
}

function translating<T>(file: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw translated(file, error);
  }
}

/** SQLite's primary result codes, as far as they tell a person what to do. */
const BUSY = 5;
const READ_ONLY = 8;
const CORRUPT = 11;
const FULL = 13;
const CANNOT_OPEN = 14;
const NOT_A_DATABASE = 26;
/** No room for the index of the log, whose pages are asked for at opening. */
const LOG_INDEX_SIZE = 10 | (19 << 8);

/** Of the refusals to write SQLite knows the full disk alone; a limit or a quota is among the others. */
const WRITE_FAILED = 10 | (3 << 8);

const REASONS = new Map([
  [BUSY, 'is being written by another process for too long'],
  [READ_ONLY, 'may not be written by this user'],
  [CORRUPT, 'is damaged'],
  [CANNOT_OPEN, 'could not be opened: is its folder there, and writable?'],
  [NOT_A_DATABASE, 'is not a database of this program'],
]);

function translated(file: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error;
  if (error.code === 'ERR_INVALID_STATE') {
    return new StoreUnavailable(`${file} was closed.`, { cause: error });
  }
  if (error.code !== 'ERR_SQLITE_ERROR') return error;
  const extended = 'errcode' in error ? Number(error.errcode) : 0;
  const code = extended & 0xff;
  const isFull = code === FULL || extended === LOG_INDEX_SIZE;
  if (isFull || (extended === WRITE_FAILED && isGrowthRefused(file))) {
    return new StoreFull({ cause: error });
  }
  const reason = REASONS.get(code) ?? 'could not be read or written';
  return new StoreUnavailable(`${file} ${reason}.`, { cause: error });
}
