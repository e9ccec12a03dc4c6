/**
 * Segment files in the origin-private file system. Reading works in every realm; only a dedicated
 * worker is given the handles that write at once, without a copy of the file being made first.
 */
import { LruMap } from '#lib/collections/index.ts';
import { nameOf, translated } from './browser-errors.ts';
import type { SegmentFiles } from './segment-files.ts';
import { StoreFull } from './types.ts';

/** Files of segments being read; opening one costs about as much as reading half a MiB. */
const OPEN_FILES = 64;

/** The part of a FileSystemSyncAccessHandle that is used. */
interface AccessHandle {
  write(bytes: Uint8Array, options: { readonly at: number }): number;
  getSize(): number;
  flush(): void;
  close(): void;
}

interface WritableFile {
  createSyncAccessHandle(): Promise<AccessHandle>;
}

/** The part of `navigator.storage` that is used. */
export type Directories = Pick<StorageManager, 'getDirectory'>;

/** Whether this realm may write such files. */
export function canWriteFiles(): boolean {
  return (
    'FileSystemFileHandle' in globalThis &&
    'createSyncAccessHandle' in globalThis.FileSystemFileHandle.prototype
  );
}

export class OpfsFiles implements SegmentFiles {
  readonly #folder: string;
  readonly #storage: Directories;
  #opened: Promise<FileSystemDirectoryHandle> | undefined;
  /** The files never change, so neither does what was opened. */
  readonly #files = new LruMap<string, Promise<File>>(OPEN_FILES);

  constructor(folder: string, storage: Directories) {
    this.#folder = folder;
    this.#storage = storage;
  }

  async create(name: string, pieces: readonly Uint8Array[]): Promise<void> {
    try {
      const folder = await this.#open();
      const handle = await folder.getFileHandle(name, { create: true });
      try {
        await write(handle as unknown as WritableFile, pieces);
      } catch (error) {
        await folder.removeEntry(name).catch(ignored);
        throw error;
      }
    } catch (error) {
      this.#forgetFolder(error);
      throw translated(error);
    }
  }

  async read(name: string, start: number, length: number): Promise<Uint8Array | undefined> {
    const bytes = await this.#ifThere(async () => {
      const file = await this.#file(name);
      return new Uint8Array(await file.slice(start, start + length).arrayBuffer());
    });
    if (bytes === undefined) this.#files.delete(name);
    return bytes?.length === length ? bytes : undefined;
  }

  sizeOf(name: string): Promise<number | undefined> {
    return this.#ifThere(async () => (await this.#openFile(name)).size);
  }

  async remove(name: string): Promise<void> {
    this.#files.delete(name);
    await this.#ifThere(async () => (await this.#open()).removeEntry(name));
  }

  /** Removes the folder with everything in it. */
  async destroy(): Promise<void> {
    this.#opened = undefined;
    this.#files.clear();
    await this.#ifThere(async () => {
      const root = await this.#storage.getDirectory();
      await root.removeEntry(this.#folder, { recursive: true });
    });
  }

  #file(name: string): Promise<File> {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const file = this.#openFile(name);
    this.#files.set(name, file);
    return file;
  }

  async #openFile(name: string): Promise<File> {
    const handle = await (await this.#open()).getFileHandle(name);
    return handle.getFile();
  }

  #open(): Promise<FileSystemDirectoryHandle> {
    this.#opened ??= this.#storage
      .getDirectory()
      .then((root) => root.getDirectoryHandle(this.#folder, { create: true }));
    this.#opened.catch((error: unknown) => this.#forgetFolder(error));
    return this.#opened;
  }

  async #ifThere<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work();
    } catch (error) {
      this.#forgetFolder(error);
      if (nameOf(error) === 'NotFoundError') return undefined;
      throw translated(error);
    }
  }

  /** After any failure the folder is opened anew: somebody may have cleared this site's data. */
  #forgetFolder(error: unknown): void {
    if (error !== undefined) this.#opened = undefined;
  }
}

async function write(file: WritableFile, pieces: readonly Uint8Array[]): Promise<void> {
  const access = await file.createSyncAccessHandle();
  try {
    let end = 0;
    for (const piece of pieces) {
      for (let done = 0; done < piece.length;) {
        const written = access.write(piece.subarray(done), { at: end + done });
        if (written <= 0) throw new StoreFull();
        done += written;
      }
      end += piece.length;
    }
    access.flush();
    if (access.getSize() !== end) throw new StoreFull();
  } finally {
    access.close();
  }
}

function ignored(): void {
  // What led here is told instead; a file that stays is noted as unsettled.
}
