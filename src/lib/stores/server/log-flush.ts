/**
 * Puts a database's log to disk beside the thread that wrote it: on a hard disk that takes longer
 * than everything else a node does, and SQLite itself would hold up the whole process for it. Those
 * who wait at the same moment share one flush.
 */
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';

export class LogFlush {
  readonly #file: string;
  #opening: Promise<FileHandle> | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** Does nothing yet. No lock of SQLite is on its log, so opening and closing it here ends none. */
  constructor(database: string) {
    this.#file = `${database}-wal`;
  }

  /** Everything that is in the log now is on the disk when this resolves. */
  flush(): Promise<void> {
    if (this.#running === undefined) return this.#begin();
    // The one under way may have begun too early.
    this.#next ??= this.#running.catch(() => undefined).then(() => this.#begin());
    return this.#next;
  }

  /** Resolves when nothing is in the log that somebody still waits for. */
  async settled(): Promise<void> {
    await (this.#next ?? this.#running);
  }

  async close(): Promise<void> {
    await this.settled().catch(() => undefined);
    const opening = this.#opening;
    this.#opening = undefined;
    await opening?.then((handle) => handle.close());
  }

  #begin(): Promise<void> {
    this.#next = undefined;
    this.#running = this.#flushFile().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #flushFile(): Promise<void> {
    this.#opening ??= openLog(this.#file);
    this.#opening.catch(() => (this.#opening = undefined));
    await (await this.#opening).datasync();
  }
}

/** The log, whose name is on the disk, too. */
async function openLog(file: string): Promise<FileHandle> {
  const handle = await open(file, 'r+');
  if (process.platform === 'win32') return handle;
  const folder = await open(dirname(file), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
  return handle;
}
