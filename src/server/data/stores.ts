/**
 * The data folder, and where blocks and records lie.
 *
 * | in the folder    | what |
 * |------------------|------|
 * | `records.sqlite` | records: names, pointers, logins, quotas … |
 * | `blocks/`        | blocks, one file each, and their index |
 * | `lock`           | held by the one node that may run on the folder |
 * | `running/`       | where the nodes on the folder are, see `running.ts` |
 * | `node.json`      | the configuration, if there is any |
 *
 * Operator's commands open the stores beside a running node, without the lock: every change is a
 * compare-and-set in the stores.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  createDiskBlockStore,
  createSqliteRecordStore,
  holdFile,
} from '#lib/stores/server/index.ts';
import type { HeldFile } from '#lib/stores/server/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { runningAddresses } from './running.ts';

export interface OpenStores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** After the calls under way. */
  close(): Promise<void>;
}

/** Another process uses the data folder. */
export class FolderInUse extends PyrgosError {
  override readonly name: string = 'FolderInUse';
  override readonly kind = 'offline';
}

export const RECORDS_FILE = 'records.sqlite';
export const BLOCKS_FOLDER = 'blocks';
const LOCK_FILE = 'lock';

/**
 * Opens a data folder for this process alone, as for a drive on disk without a node. Throws
 * {@link FolderInUse}, `StoreUnavailable`, `StoreFull`.
 */
export async function openNodeStores(dataFolder: string): Promise<OpenStores> {
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 });
  const lock = holdFolder(dataFolder);
  try {
    const stores = await openLocalStores(dataFolder);
    return {
      ...stores,
      close: async () => {
        await stores.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Opens the stores of a folder beside other processes that use them. */
export async function openLocalStores(dataFolder: string): Promise<OpenStores> {
  const records = await createSqliteRecordStore(join(dataFolder, RECORDS_FILE));
  try {
    const blocks = await createDiskBlockStore(join(dataFolder, BLOCKS_FOLDER));
    return {
      blocks,
      records,
      close: async () => {
        await blocks.close();
        await records.close();
      },
    };
  } catch (error) {
    await records.close();
    throw error;
  }
}

/** Throws {@link FolderInUse}. */
export function holdFolder(dataFolder: string): HeldFile {
  const held = holdFile(join(dataFolder, LOCK_FILE));
  if (held === undefined) throw new FolderInUse(inUseMessage(dataFolder));
  return held;
}

function inUseMessage(dataFolder: string): string {
  const [address] = runningAddresses(dataFolder);
  const where = address === undefined ? '' : ` It is at ${address}.`;
  return `Another node is running on ${dataFolder}.${where} Stop it first, or use another folder.`;
}
