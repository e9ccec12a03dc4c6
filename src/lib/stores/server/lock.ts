/**
 * A file that one process at a time can hold. It is an empty database under SQLite's exclusive lock,
 * which the operating system releases when the process ends, however it ends: nothing stale can be
 * left behind, and no process number has to be trusted.
 */
import type { DatabaseSync } from 'node:sqlite';
import { StoreUnavailable } from '../types.ts';
import { loadSqlite } from './sqlite.ts';

export interface HeldFile {
  release(): void;
}

/** SQLite's code for "another one holds it". */
const BUSY = 5;

/** Holds `file`, making it if need be; `undefined` when it is held already. Throws {@link StoreUnavailable}. */
export function holdFile(file: string): HeldFile | undefined {
  const { DatabaseSync } = loadSqlite();
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const code = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
    if (code === BUSY) return undefined;
    throw new StoreUnavailable(`${file} cannot be held.`, { cause: error });
  }
  const held = database;
  return {
    release: () => {
      if (held.isOpen) held.close();
    },
  };
}
