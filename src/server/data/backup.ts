/**
 * Backup of a running node into one archive, and back.
 *
 * Blocks never change, so they are copied first and while everything goes on; then the records, as
 * they stand at one instant; then the blocks that came meanwhile. What those records reach is looked
 * up in the archive: should a collection have removed a block just between the last two steps, the
 * records are taken once more.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemRandom } from '#lib/crypto/index.ts';
import { findDamage } from '#lib/node/index.ts';
import { backupSqliteRecords, createSqliteRecordStore } from '#lib/stores/server/index.ts';
import type { BlockEntry, BlockStore } from '#lib/stores/index.ts';
import { BadSetting } from '../settings/settings.ts';
import { openLocalStores, RECORDS_FILE } from './stores.ts';
import { BadArchive, readTar, TarWriter } from './tar.ts';

const BLOCKS_PREFIX = 'blocks/';
const LIST_PAGE = 1000;
const BATCH_BYTES = 8 * 2 ** 20;
const MAX_ATTEMPTS = 5;

export interface BackupResult {
  readonly blocks: number;
  readonly bytes: number;
  /** Blocks that the records need and the node itself does not have, or has damaged. */
  readonly damaged: number;
}

/** Writes the archive; nothing is at `file` before it is whole. Throws {@link BadSetting}. */
export async function backUp(
  dataFolder: string,
  file: string,
  clock: () => number,
): Promise<BackupResult> {
  if (existsSync(file)) throw new BadSetting(`${file} is there already.`);
  const part = `${file}.part`;
  const snapshot = `${file}.records`;
  for (const leftOver of [part, snapshot]) rmSync(leftOver, { force: true });
  mkdirSync(dirname(file), { recursive: true });
  const { blocks, close } = await openLocalStores(dataFolder);
  const tar = await TarWriter.create(part);
  try {
    const archive = new BlockArchive(blocks, tar, clock);
    await archive.addNew();
    let damaged = 0;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      rmSync(snapshot, { force: true });
      await backupSqliteRecords(join(dataFolder, RECORDS_FILE), snapshot);
      await archive.addNew();
      damaged = await countDamage(snapshot, archive, clock);
      if (damaged === 0) break;
    }
    await tar.addFile(RECORDS_FILE, snapshot, clock());
    await tar.finish();
    renameSync(part, file);
    return { blocks: archive.keys.size, bytes: archive.bytes, damaged };
  } catch (error) {
    await tar.abandon();
    rmSync(part, { force: true });
    throw error;
  } finally {
    for (const suffix of ['', '-wal', '-shm']) rmSync(snapshot + suffix, { force: true });
    await close();
  }
}

/** Fills an empty data folder from an archive. Throws {@link BadArchive}, {@link BadSetting}. */
export async function restore(
  dataFolder: string,
  file: string,
  clock: () => number,
): Promise<BackupResult> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const found = readdirSync(dataFolder).filter((name) => name !== 'node.json');
  if (found.length > 0) {
    throw new BadSetting(`${dataFolder} is not empty. A backup is restored into an empty folder.`);
  }
  const records = join(dataFolder, RECORDS_FILE);
  for await (const entry of readTar(file)) {
    if (entry.name === RECORDS_FILE) await entry.copyTo(records);
  }
  if (!existsSync(records)) throw new BadArchive(`${file} is no backup of a node.`);
  const stores = await openLocalStores(dataFolder);
  try {
    const { blocks, bytes } = await restoreBlocks(stores.blocks, file);
    const damaged = (await findDamage({ ...stores, clock, random: systemRandom })).length;
    return { blocks, bytes, damaged };
  } finally {
    await stores.close();
  }
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
