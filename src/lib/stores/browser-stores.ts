/**
 * The stores of a browser, for page, worker and service worker, several of them at once: records and
 * small blocks in IndexedDB, large blocks in files of the origin-private file system.
 *
 * Both are as lasting as each other: a segment is on disk before the index names it, the index is
 * written with relaxed durability (a power failure may cost the last seconds of an upload, never a
 * record), and a strict record write also puts to disk what was written to the database before it.
 *
 * Where the files or Web Locks are missing (an insecure address, some private windows), large blocks
 * are values in IndexedDB too, and so is what is kept in reserve. What lies in either place stays
 * there.
 */
import type { Random } from '#lib/bytes/index.ts';
import { BlockIndex } from './block-index.ts';
import { Connection } from './indexeddb-connection.ts';
import { IndexedDbRecords } from './indexeddb-records.ts';
import { canWriteFiles, OpfsFiles } from './opfs-files.ts';
import type { Directories } from './opfs-files.ts';
import { createPresence } from './presence.ts';
import type { Locks } from './presence.ts';
import { Reserve, reserveInDatabase } from './reserve.ts';
import type { ReservePlace } from './reserve.ts';
import { NO_FILES } from './segment-files.ts';
import { SegmentedBlocks } from './segmented-blocks.ts';
import type { SegmentWriter } from './segmented-blocks.ts';
import { StoreFull } from './types.ts';
import type { BlockStore, RecordStore } from './types.ts';

export interface BrowserStores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** Ends this instance; other tabs keep theirs. */
  close(): void;
  /** Deletes the database and the files with everything in them. */
  destroy(): Promise<void>;
}

/** The parts of a browser the stores stand on; each may be missing. */
export interface BrowserParts {
  readonly random: Random;
  readonly indexedDB: IDBFactory | undefined;
  /** `navigator.storage` */
  readonly storage?: Directories | undefined;
  /** `navigator.locks` */
  readonly locks?: Locks | undefined;
}

/** Opens (or makes) the stores called `name`. Throws {@link StoreUnavailable}. */
export async function createBrowserStores(
  name: string,
  parts: BrowserParts,
): Promise<BrowserStores> {
  const connection = new Connection(name, parts.indexedDB);
  await connection.open();
  const { storage } = parts;
  const files = storage && 'getDirectory' in storage ? new OpfsFiles(name, storage) : undefined;
  const writer = await createWriter(name, files, connection, parts);
  const blocks = new SegmentedBlocks(new BlockIndex(connection), files ?? NO_FILES, writer);
  // What those before left can wait, and the next start tries again.
  void blocks.tidy().catch(() => undefined);
  return {
    blocks,
    records: new IndexedDbRecords(connection, writer.reserve),
    close() {
      writer.presence?.end();
      connection.close();
    },
    async destroy() {
      writer.presence?.end();
      await connection.destroy();
      await files?.destroy();
    },
  };
}

/**
 * Tried out by keeping room in reserve: if that fails for another reason than room, nothing is
 * written there. A realm that may only read files leaves all of this to those who may write.
 */
async function createWriter(
  name: string,
  files: OpfsFiles | undefined,
  connection: Connection,
  { locks, random }: BrowserParts,
): Promise<SegmentWriter> {
  if (files !== undefined && !canWriteFiles()) return {};
  if (files !== undefined && locks !== undefined) {
    try {
      const reserve = await keptReserve(files);
      return { reserve, presence: await createPresence(name, locks, random) };
    } catch {
      // Values of the database then.
    }
  }
  return { reserve: await keptReserve(reserveInDatabase(connection)) };
}

async function keptReserve(place: ReservePlace): Promise<Reserve> {
  const reserve = new Reserve(place);
  await reserve.restore().catch((error: unknown) => {
    if (!(error instanceof StoreFull)) throw error;
  });
  return reserve;
}
