/**
 * An archive as a node that holds its one account: verified down to the last block and signature as
 * an import is, and then read where it lies. Nothing is written anywhere.
 */
import type { Random } from '#lib/bytes/index.ts';
import { createLocalNode, type StorageNode } from '#lib/node/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createCarBlocks } from './car-blocks.ts';
import { blobPieces } from './blocks.ts';
import { importAccount, type ImportOptions } from './import.ts';

export interface ArchiveFiles {
  /** The text of `node.json`. */
  readonly description: string;
  /** `blocks.car`; it must stay as it is while the archive is open. */
  readonly blocks: Blob;
}

export interface OpenOptions extends ImportOptions {
  readonly clock: () => number;
  readonly random: Random;
}

export interface OpenArchive {
  readonly node: StorageNode;
  readonly username: string;
}

/** Throws what `importAccount` does. */
export async function openArchive(
  { description, blocks: file }: ArchiveFiles,
  { clock, random, ...options }: OpenOptions,
): Promise<OpenArchive> {
  const blocks = await createCarBlocks(file, options.signal);
  const deps = { blocks, records: createMemoryStores().records, clock, random };
  const { username } = await importAccount(
    deps,
    { description, blocks: blobPieces(file) },
    options,
  );
  return { node: createLocalNode(deps), username };
}
