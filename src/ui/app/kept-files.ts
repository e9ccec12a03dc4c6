/**
 * The files of uploads, as handles that outlive the page: an upload that was broken off goes on at
 * a click. Only some browsers give handles; elsewhere the file is chosen again.
 *
 * A handle names a file of this device and is kept until its upload has ended, the person signs
 * out, or a month has passed. It gives no bytes before the person allowed it again.
 */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { CHUNK_BYTES, type Transfer, type UploadItem } from '#lib/client/index.ts';

/** Where a file was taken from: a file itself, or the folder it lies below. */
export interface FileOrigin {
  readonly handle: FileSystemHandle;
  /** Names from the folder down to the file; empty for a file. */
  readonly below: readonly string[];
}

/** Something to upload, with where it was taken from if the browser tells. */
export interface PickedItem extends UploadItem {
  readonly origin?: FileOrigin;
}

export interface KeptFile extends FileOrigin {
  readonly id: number;
  readonly account: string;
  readonly sizeBytes: number;
  readonly keptAtMs: number;
}

interface Schema extends DBSchema {
  files: { key: number; value: Omit<KeptFile, 'id'>; indexes: { account: string } };
}

const DATABASE = 'pyrgos-kept-files';
const KEPT_MS = 30 * 24 * 3_600_000;
const ENDED = new Set<Transfer['state']>(['done', 'cancelled']);

export class KeptFiles {
  readonly #clock: () => number;
  #database: Promise<IDBPDatabase<Schema>> | undefined;
  /** What belongs to the uploads of this visit. */
  readonly #ofTransfer = new Map<string, readonly number[]>();

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** Keeps what could be broken off: smaller files are stored at once or not at all. */
  async keep(account: string, transferId: string, items: readonly PickedItem[]): Promise<void> {
    const files = items.flatMap(({ file, origin }) => {
      return file && origin && file.size > CHUNK_BYTES ? [{ sizeBytes: file.size, origin }] : [];
    });
    if (files.length === 0) return;
    const keptAtMs = this.#clock();
    await this.#attempt(async (database) => {
      const { store, done } = database.transaction('files', 'readwrite');
      const ids = await Promise.all(
        files.map(({ sizeBytes, origin: { handle, below } }) =>
          store.add({ account, sizeBytes, handle, below, keptAtMs }),
        ),
      );
      await done;
      this.#ofTransfer.set(transferId, ids);
    });
  }

  /** The file of an upload that an earlier visit left unfinished, if its handle was kept. */
  async find(account: string, { name, totalBytes }: Transfer): Promise<KeptFile | undefined> {
    let found: KeptFile | undefined;
    await this.#attempt(async (database) => {
      const { store } = database.transaction('files', 'readwrite');
      for await (const cursor of store.index('account').iterate(account)) {
        const { value, primaryKey } = cursor;
        if (value.keptAtMs < this.#clock() - KEPT_MS) await cursor.delete();
        else if (value.sizeBytes === totalBytes && nameOfFile(value) === name) {
          found = { ...value, id: primaryKey };
        }
      }
    });
    return found;
  }

  /**
   * The file itself; undefined if the person did not allow it to be read, or it is no more where it
   * was. The browser asks the person, so it has to be called by a click.
   */
  async open(kept: KeptFile, transferId: string): Promise<File | undefined> {
    try {
      if ((await permission(kept.handle)) !== 'granted') return undefined;
      const file = await (await fileBelow(kept)).getFile();
      this.#ofTransfer.set(transferId, [kept.id]);
      return file;
    } catch {
      return undefined;
    }
  }

  /** Forgets the files of uploads that have ended. */
  settle(transfers: readonly Transfer[]): void {
    for (const { id, state } of transfers) {
      const ids = ENDED.has(state) ? this.#ofTransfer.get(id) : undefined;
      if (ids === undefined) continue;
      this.#ofTransfer.delete(id);
      void this.forget(ids);
    }
  }

  /** Forgets the file of an unfinished upload that is given up. */
  async giveUp(account: string, transfer: Transfer): Promise<void> {
    const kept = await this.find(account, transfer);
    if (kept !== undefined) await this.forget([kept.id]);
  }

  async forget(ids: readonly number[]): Promise<void> {
    await this.#attempt(async (database) => {
      const { store, done } = database.transaction('files', 'readwrite');
      await Promise.all([...ids.map((id) => store.delete(id)), done]);
    });
  }

  /** Forgets all files of an account. */
  async clear(account: string): Promise<void> {
    await this.#attempt(async (database) => {
      await this.forget(await database.getAllKeysFromIndex('files', 'account', account));
    });
  }

  /** Without a database, or in a browser that does not store handles, files are chosen again. */
  async #attempt(work: (database: IDBPDatabase<Schema>) => Promise<void>): Promise<void> {
    try {
      this.#database ??= openDatabase();
      await work(await this.#database);
    } catch {
      this.#database = undefined;
    }
  }
}

function openDatabase(): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(DATABASE, 1, {
    upgrade(database) {
      const files = database.createObjectStore('files', { autoIncrement: true });
      files.createIndex('account', 'account');
    },
  });
}

function nameOfFile({ handle, below }: FileOrigin): string {
  return below.at(-1) ?? handle.name;
}

/** What Chromium has beyond the types of the platform. */
interface AskingHandle {
  requestPermission?(options: { mode: 'read' }): Promise<PermissionState>;
}

async function permission(handle: FileSystemHandle & AskingHandle): Promise<PermissionState> {
  return (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted';
}

async function fileBelow({ handle, below }: FileOrigin): Promise<FileSystemFileHandle> {
  let at = handle;
  for (const [i, name] of below.entries()) {
    const folder = at as FileSystemDirectoryHandle;
    const isLast = i === below.length - 1;
    at = await (isLast ? folder.getFileHandle(name) : folder.getDirectoryHandle(name));
  }
  return at as FileSystemFileHandle;
}
