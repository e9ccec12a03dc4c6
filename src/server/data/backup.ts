/**
 * Backup of a running node into one archive, and back.
 *
 * Blocks never change, so they are copied first and while everything goes on; then the records, as
 * they stand at one instant; then the blocks that came meanwhile. What those records reach is looked
 * up in the archive: should a collection have removed a block just between the last two steps, the
 * records are taken once more.
 */
import { lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemRandom } from '#lib/crypto/index.ts';
import { findDamage } from '#lib/node-local/index.ts';
import {
  backupSqliteRecords,
  createDiskBlockStore,
  createSqliteRecordStore,
} from '#lib/stores/server/index.ts';
import type { BlockEntry, BlockStore } from '#lib/stores/index.ts';
import { BadSetting } from '../settings/settings.ts';
import { BLOCKS_FOLDER, openLocalStores, RECORDS_FILE } from './stores.ts';
import { BadArchive, readTar, TarWriter } from './tar.ts';

const BLOCKS_PREFIX = 'blocks/';
const CONFIGURATION_FILE = 'node.json';
const LIST_PAGE = 1000;
const BATCH_BYTES = 8 * 2 ** 20;
const MAX_ATTEMPTS = 5;

export interface BackupResult {
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks that the records need and the node itself does not have, or has damaged. */
  readonly damaged: number;
}

/**
 * Writes the archive; nothing is at `file` before it is whole and was read back. Throws
 * {@link BadSetting}.
 */
export async function backUp(
  dataFolder: string,
  file: string,
  clock: () => number,
): Promise<BackupResult> {
  // Also a link that leads nowhere is something.
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) {
    throw new BadSetting(`${file} is there already.`);
  }
  const snapshot = `${file}.records`;
  rmSync(snapshot, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const { blocks, close } = await openLocalStores(dataFolder);
  try {
    const tar = await TarWriter.create(file);
    try {
      const archive = new BlockArchive(blocks, tar, clock);
      const damaged = await archiveAll(dataFolder, snapshot, archive, clock);
      await tar.addFile(RECORDS_FILE, snapshot, clock());
      await tar.finish();
      return { blocks: archive.keys.size, bytes: archive.bytes, damaged };
    } catch (error) {
      await tar.abandon();
      throw error;
    }
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(snapshot + suffix, { force: true });
    await close();
  }
}

/** Blocks, then records, then the blocks that came meanwhile; answers how much is damaged. */
async function archiveAll(
  dataFolder: string,
  snapshot: string,
  archive: BlockArchive,
  clock: () => number,
): Promise<number> {
  await archive.addNew();
  let damaged = 0;
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    rmSync(snapshot, { force: true });
    await backupSqliteRecords(join(dataFolder, RECORDS_FILE), snapshot);
    await archive.addNew();
    damaged = await countDamage(snapshot, archive, clock);
    if (damaged === 0) break;
  }
  return damaged;
}

/**
 * Fills an empty data folder from an archive. The records come last: without them the folder is no
 * node yet, so one that breaks off is never taken for one. Then nothing of it stays.
 * Throws {@link BadArchive}, {@link BadSetting}.
 */
export async function restore(
  dataFolder: string,
  file: string,
  clock: () => number,
): Promise<BackupResult> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const found = readdirSync(dataFolder).filter((name) => name !== CONFIGURATION_FILE);
  if (found.length > 0) {
    throw new BadSetting(`${dataFolder} is not empty. A backup is restored into an empty folder.`);
  }
  try {
    return await fill(dataFolder, file, clock);
  } catch (error) {
    for (const name of readdirSync(dataFolder)) {
      if (name === CONFIGURATION_FILE) continue;
      rmSync(join(dataFolder, name), { recursive: true, force: true });
    }
    throw error;
  }
}

async function fill(dataFolder: string, file: string, clock: () => number): Promise<BackupResult> {
  await requireRecords(file);
  const store = await createDiskBlockStore(join(dataFolder, BLOCKS_FOLDER));
  const { blocks, bytes } = await restoreBlocks(store, file).finally(() => store.close());
  for await (const entry of readTar(file)) {
    if (entry.name === RECORDS_FILE) await entry.copyTo(join(dataFolder, RECORDS_FILE));
  }
  const stores = await openLocalStores(dataFolder);
  try {
    const damaged = (await findDamage({ ...stores, clock, random: systemRandom })).length;
    return { blocks, bytes, damaged };
  } finally {
    await stores.close();
  }
}

async function requireRecords(file: string): Promise<void> {
  for await (const { name } of readTar(file)) if (name === RECORDS_FILE) return;
  throw new BadArchive(`${file} is no backup of a node.`);
}

async function restoreBlocks(
  store: BlockStore,
  file: string,
): Promise<{ blocks: number; bytes: number }> {
  let batch: BlockEntry[] = [];
  let batchBytes = 0;
  let blocks = 0;
  let bytes = 0;
  const flush = async (): Promise<void> => {
    await store.putMany(batch);
    batch = [];
    batchBytes = 0;
  };
  for await (const entry of readTar(file)) {
    if (!entry.name.startsWith(BLOCKS_PREFIX)) continue;
    batch.push({ key: entry.name.slice(BLOCKS_PREFIX.length), bytes: await entry.bytes() });
    blocks++;
    bytes += entry.sizeBytes;
    batchBytes += entry.sizeBytes;
    if (batchBytes >= BATCH_BYTES) await flush();
  }
  await flush();
  return { blocks, bytes };
}

/** The blocks of a store on their way into an archive. */
class BlockArchive {
  readonly keys = new Set<string>();
  bytes = 0;
  readonly store: BlockStore;
  readonly #tar: TarWriter;
  readonly #clock: () => number;

  constructor(store: BlockStore, tar: TarWriter, clock: () => number) {
    this.store = store;
    this.#tar = tar;
    this.#clock = clock;
  }

  /** Adds whatever is there and not yet archived. */
  async addNew(): Promise<void> {
    for (let after: string | undefined; ;) {
      const page = await this.store.list('', after, LIST_PAGE);
      for (const { key } of page) if (!this.keys.has(key)) await this.#add(key);
      after = page.at(-1)?.key;
      if (page.length < LIST_PAGE) return;
    }
  }

  async #add(key: string): Promise<void> {
    const bytes = await this.store.get(key);
    if (bytes === undefined) return; // collected meanwhile
    await this.#tar.add(BLOCKS_PREFIX + key, bytes, this.#clock());
    this.keys.add(key);
    this.bytes += bytes.length;
  }
}

/** Blocks that these records reach and that are not in the archive, or not what they should be. */
async function countDamage(
  snapshot: string,
  { keys, store }: BlockArchive,
  clock: () => number,
): Promise<number> {
  const records = await createSqliteRecordStore(snapshot);
  try {
    const archived: BlockStore = {
      get: async (key) => (keys.has(key) ? store.get(key) : undefined),
      has: async (key) => keys.has(key),
      list: (...args) => store.list(...args),
      putMany: () => Promise.reject(new TypeError('An archive is only read here.')),
      deleteMany: () => Promise.reject(new TypeError('An archive is only read here.')),
    };
    return (await findDamage({ records, blocks: archived, clock, random: systemRandom })).length;
  } finally {
    await records.close();
  }
}
