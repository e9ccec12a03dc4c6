/**
 * Blocks as files of a folder, with an index in SQLite (`index.sqlite`) that says which files count.
 * Several processes of one machine may use a folder at once.
 *
 * A batch is stored in four steps: its files are noted as unfinished; written beside, put to disk
 * and renamed; the folders are put to disk; one transaction makes them all blocks. A crash before
 * the last step leaves none of them (the files are removed at a later opening), one after it leaves
 * all. Removal goes the other way round: the index first, then the files. No file is ever written
 * twice, so what is being read is never another's to change.
 */
import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { StoreFull, StoreUnavailable } from '../types.ts';
import type { BlockEntry, BlockStore, ListedBlock, RoomLeft, RoomUse } from '../types.ts';
import { BlockFiles, translatedFileError } from './block-files.ts';
import { openBlockIndex } from './block-index.ts';
import type { BlockFile, BlockIndex, FileWriter, UnfinishedFile } from './block-index.ts';

export interface DiskBlockStoreOptions {
  /**
   * `relaxed`: a power failure may cost blocks stored shortly before it; a crash of the process
   * never does. `strict` (each block is on disk once its call returns) when absent.
   */
  readonly durability?: 'relaxed';
  readonly clock?: () => number;
}

export interface DiskBlockStore extends BlockStore {
  /** Ends this handle after the calls that are under way. */
  close(): Promise<void>;
}

/** Files written at once within one batch. */
const PARALLEL_FILES = 4;
/** Whatever another machine or a process we cannot see began this long ago has failed. */
const ABANDONED_MS = 60 * 60 * 1000;

/**
 * Opens or makes a folder of blocks and removes what crashed writers left in it.
 * Throws {@link StoreUnavailable}, {@link StoreFull}.
 */
export async function createDiskBlockStore(
  folder: string,
  options: DiskBlockStoreOptions = {},
): Promise<DiskBlockStore> {
  const files = new BlockFiles(folder);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const index = openBlockIndex(join(folder, 'index.sqlite'), () => files.all());
    const store = new DiskBlocks(files, index, options);
    await store.removeLeftOvers();
    return store;
  } catch (error) {
    throw translatedFileError(error);
  }
}

class DiskBlocks implements DiskBlockStore {
  readonly #files: BlockFiles;
  readonly #index: BlockIndex;
  readonly #durability: 'strict' | 'relaxed';
  readonly #clock: () => number;
  readonly #writer: FileWriter = { host: hostname(), pid: process.pid };
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(files: BlockFiles, index: BlockIndex, options: DiskBlockStoreOptions) {
    this.#files = files;
    this.#index = index;
    this.#durability = options.durability ?? 'strict';
    this.#clock = options.clock ?? Date.now;
  }

  get(key: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#run(async () => {
      signal?.throwIfAborted();
      for (let found = this.#index.find(key); found !== undefined;) {
        const bytes = await this.#files.read(found);
        signal?.throwIfAborted();
        if (bytes !== undefined) return bytes;
        const again = this.#index.find(key); // deleted while it was opened, or put anew?
        if (again?.id === found.id) throw new StoreUnavailable("A block's file is missing.");
        found = again;
      }
      return undefined;
    });
  }

  async has(key: string): Promise<boolean> {
    const isThere = this.#index.find(key) !== undefined;
    await this.#index.settled();
    return isThere;
  }

  putMany(entries: readonly BlockEntry[], use: RoomUse = 'for content'): Promise<void> {
    return this.#run(async () => {
      const absent = new Map<string, Uint8Array>();
      for (const { key, bytes } of entries) {
        this.#files.checkKey(key);
        if (!absent.has(key) && this.#index.find(key) === undefined) absent.set(key, bytes);
      }
      // What another call just stored counts once it is on the disk.
      if (absent.size < entries.length) await this.#index.settled();
      if (absent.size === 0) return;
      await (use === 'for content' ? this.#writeContent(absent) : this.#writeChange(absent));
    });
  }

  async roomLeft(): Promise<RoomLeft> {
    return this.#index.reserve.left();
  }

  deleteMany(keys: readonly string[]): Promise<void> {
    return this.#run(async () => {
      const removed = this.#index.remove(keys, this.#writer, this.#clock());
      // No file goes before the disk knows that it is no block any more.
      await this.#flush();
      await this.#removeFiles(removed);
    });
  }

  async list(prefix: string, after?: string, limit?: number): Promise<ListedBlock[]> {
    return this.#index.list(prefix, after, limit);
  }

  async close(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
    await this.#index.close();
  }

  async removeLeftOvers(): Promise<void> {
    const nowMs = this.#clock();
    await this.#removeFiles(this.#index.unfinished().filter((file) => isLeftOver(file, nowMs)));
  }

  /** Refused early: the disk keeps room for what must be possible when it is full. */
  async #writeContent(bytesByKey: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const { reserve } = this.#index;
    let sizeBytes = 0;
    for (const { length } of bytesByKey.values()) sizeBytes += length;
    if (!reserve.admit(sizeBytes)) throw new StoreFull();
    try {
      await this.#write(bytesByKey, 'for content');
    } finally {
      reserve.done(sizeBytes);
    }
  }

  async #writeChange(bytesByKey: ReadonlyMap<string, Uint8Array>): Promise<void> {
    try {
      await this.#write(bytesByKey, 'for change');
    } catch (error) {
      const isFull = translatedFileError(error) instanceof StoreFull;
      if (!isFull || !this.#index.makeRoom()) throw error;
      await this.#write(bytesByKey, 'for change');
    }
  }

  async #write(bytesByKey: ReadonlyMap<string, Uint8Array>, use: RoomUse): Promise<void> {
    const keys = [...bytesByKey.keys()];
    const ids = this.#index.begin(keys, this.#writer, this.#clock(), use);
    const files = keys.map((key, i) => ({
      key,
      id: ids[i] ?? 0,
      sizeBytes: bytesByKey.get(key)?.length ?? 0,
    }));
    try {
      await this.#writeFiles(files, bytesByKey);
    } catch (error) {
      await this.#removeFiles(files);
      throw error;
    }
    // Should this fail, only the next opening knows whether the disk took it.
    const late = this.#index.add(files, use);
    await this.#flush();
    await this.#removeFiles(late);
  }

  async #flush(): Promise<void> {
    if (this.#durability === 'strict') await this.#index.flush();
  }

  async #writeFiles(
    files: readonly BlockFile[],
    bytesByKey: ReadonlyMap<string, Uint8Array>,
  ): Promise<void> {
    const isSynced = this.#durability === 'strict';
    const queue = files.values();
    const outcomes = await Promise.allSettled(
      Array.from({ length: PARALLEL_FILES }, async () => {
        for (const file of queue) {
          await this.#files.write(file, bytesByKey.get(file.key) ?? new Uint8Array(), isSynced);
        }
      }),
    );
    for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    if (isSynced) await this.#files.syncNames(files);
  }

  /** What cannot be removed now (a file open on Windows) stays noted for a later opening. */
  async #removeFiles(files: readonly Pick<BlockFile, 'key' | 'id'>[]): Promise<void> {
    const outcomes = await Promise.allSettled(files.map((file) => this.#files.remove(file)));
    this.#index.finish(
      files.flatMap(({ id }, i) => (outcomes[i]?.status === 'fulfilled' ? [id] : [])),
    );
  }

  async #run<T>(body: () => Promise<T>): Promise<T> {
    const run = body();
    this.#underWay.add(run);
    try {
      return await run;
    } catch (error) {
      throw translatedFileError(error);
    } finally {
      this.#underWay.delete(run);
    }
  }
}

/** True if the process that began this file will not finish it. */
function isLeftOver({ writer, sinceMs }: UnfinishedFile, nowMs: number): boolean {
  if (nowMs - sinceMs > ABANDONED_MS) return true;
  if (writer.host !== hostname()) return false;
  // An earlier process may have had our number.
  if (writer.pid === process.pid) return sinceMs < performance.timeOrigin;
  try {
    process.kill(writer.pid, 0);
    return false;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ESRCH';
  }
}
