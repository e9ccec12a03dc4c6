/**
 * What a folder of blocks holds: the index that makes a file a block. Present = listed here; the
 * row and the list of unfinished files change in one transaction, so a crash leaves no doubt about
 * any file.
 *
 * The index can be made again from the names of the files (see `block-files.ts`).
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ListedBlock, RoomUse } from '../types.ts';
import { keyFromBytes, keyRange, keyToBytes } from './key-order.ts';
import type { Reserve } from './reserve.ts';
import { openSqlite } from './sqlite.ts';
import type { Sqlite } from './sqlite.ts';

/** A file: its number is never used for another one. */
export interface BlockFile {
  readonly key: string;
  readonly id: number;
  readonly sizeBytes: number;
}

export interface UnfinishedFile {
  readonly key: string;
  readonly id: number;
  readonly writer: FileWriter;
  readonly sinceMs: number;
}

/** A process, as far as another one on the same folder can know it. */
export interface FileWriter {
  readonly host: string;
  readonly pid: number;
}

/** Opens or makes the index; a new one lists what `filesAlreadyThere` finds. */
export function openBlockIndex(
  file: string,
  filesAlreadyThere: () => Iterable<BlockFile>,
): BlockIndex {
  const sqlite = openSqlite({
    file,
    versions: [
      (database) => {
        database.exec(`
          CREATE TABLE blocks (key BLOB PRIMARY KEY, id INTEGER NOT NULL, size INTEGER NOT NULL)
            STRICT, WITHOUT ROWID;
          CREATE TABLE unfinished (
            id INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL,
            host TEXT NOT NULL, pid INTEGER NOT NULL, since_ms INTEGER NOT NULL
          ) STRICT;
        `);
        adopt(database, filesAlreadyThere());
      },
    ],
  });
  return new BlockIndex(sqlite);
}

export class BlockIndex {
  readonly #sqlite: Sqlite;
  readonly #find: StatementSync;
  readonly #list: StatementSync;
  readonly #add: StatementSync;
  readonly #remove: StatementSync;
  readonly #begin: StatementSync;
  readonly #beginRemoval: StatementSync;
  readonly #finish: StatementSync;
  readonly #unfinished: StatementSync;

  constructor(sqlite: Sqlite) {
    this.#sqlite = sqlite;
    this.#find = sqlite.prepare('SELECT id, size FROM blocks WHERE key = ?');
    this.#list = sqlite.prepare(
      'SELECT key, size FROM blocks WHERE key >= ? AND key < ? ORDER BY key LIMIT ?',
    );
    this.#add = sqlite.prepare('INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#remove = sqlite.prepare('DELETE FROM blocks WHERE key = ? RETURNING id');
    this.#begin = sqlite.prepare(
      'INSERT INTO unfinished (key, host, pid, since_ms) VALUES (?, ?, ?, ?)',
    );
    this.#beginRemoval = sqlite.prepare('INSERT INTO unfinished VALUES (?, ?, ?, ?, ?)');
    this.#finish = sqlite.prepare('DELETE FROM unfinished WHERE id = ?');
    this.#unfinished = sqlite.prepare('SELECT id, key, host, pid, since_ms FROM unfinished');
  }

  find(key: string): BlockFile | undefined {
    const row = this.#sqlite.read(() => this.#find.get(keyToBytes(key)));
    return row && { key, id: Number(row['id']), sizeBytes: Number(row['size']) };
  }

  list(prefix: string, after: string | undefined, limit: number | undefined): ListedBlock[] {
    const range = keyRange(prefix, after);
    const rows = this.#sqlite.read(() => this.#list.all(range.from, range.before, limit ?? -1));
    return rows.map(({ key, size }) => ({
      key: keyFromBytes(key as Uint8Array),
      sizeBytes: Number(size),
    }));
  }

  /** Numbers for files that are about to be written. */
  begin(keys: readonly string[], { host, pid }: FileWriter, nowMs: number, use: RoomUse): number[] {
    const note = (key: string): number =>
      Number(this.#begin.run(keyToBytes(key), host, pid, nowMs).lastInsertRowid);
    return this.#sqlite.write(() => keys.map(note), use);
  }

  /** Whole files become blocks, all together. Answers those whose key another one was first at. */
  add(files: readonly BlockFile[], use: RoomUse): BlockFile[] {
    const add = (): BlockFile[] =>
      files.filter(({ key, id, sizeBytes }) => {
        const isFirst = this.#add.run(keyToBytes(key), id, sizeBytes).changes === 1;
        if (isFirst) this.#finish.run(id);
        return !isFirst;
      });
    return this.#sqlite.write(add, use);
  }

  /** Blocks cease to be, all together. Answers the files they were, which are now unfinished. */
  remove(
    keys: readonly string[],
    { host, pid }: FileWriter,
    nowMs: number,
  ): { readonly key: string; readonly id: number }[] {
    return this.#sqlite.write(() =>
      keys.flatMap((key) => {
        const row = this.#remove.get(keyToBytes(key));
        if (row === undefined) return [];
        this.#beginRemoval.run(Number(row['id']), keyToBytes(key), host, pid, nowMs);
        return { key, id: Number(row['id']) };
      }),
    );
  }

  unfinished(): UnfinishedFile[] {
    return this.#sqlite
      .read(() => this.#unfinished.all())
      .map(({ id, key, host, pid, since_ms }) => ({
        id: Number(id),
        key: keyFromBytes(key as Uint8Array),
        writer: { host: String(host), pid: Number(pid) },
        sinceMs: Number(since_ms),
      }));
  }

  /** These files are gone. */
  finish(ids: readonly number[]): void {
    if (ids.length === 0) return;
    this.#sqlite.write(() => ids.map((id) => this.#finish.run(id)));
  }

  /** The room kept on the disk for what must be possible when it is full. */
  get reserve(): Reserve {
    return this.#sqlite.reserve;
  }

  /** Gives up the room that is kept; false if there was none. */
  makeRoom(): boolean {
    return this.#sqlite.makeRoom();
  }

  /** All of the above is on the disk when this resolves. */
  flush(): Promise<void> {
    return this.#sqlite.flush();
  }

  /** Resolves when what was found is on the disk, as far as somebody waits for that. */
  settled(): Promise<void> {
    return this.#sqlite.settled();
  }

  close(): Promise<void> {
    return this.#sqlite.close();
  }
}

/** Takes in the files of a folder whose index was lost; of two with one key, either will do. */
function adopt(database: DatabaseSync, files: Iterable<BlockFile>): void {
  const add = database.prepare('INSERT INTO blocks VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
  const give = database.prepare("INSERT INTO unfinished VALUES (?, ?, '', 0, 0)");
  let highestId = 0;
  for (const { key, id, sizeBytes } of files) {
    highestId = Math.max(highestId, id);
    const isFirst = add.run(keyToBytes(key), id, sizeBytes).changes === 1;
    if (!isFirst) give.run(id, keyToBytes(key));
  }
  // AUTOINCREMENT goes on after the highest number it has seen.
  give.run(highestId + 1, new Uint8Array([0]));
  database.exec(`DELETE FROM unfinished WHERE id = ${String(highestId + 1)}`);
}
