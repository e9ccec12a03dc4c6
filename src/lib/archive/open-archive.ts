/**
 * An archive as a node that holds its one account: verified down to the last block and signature as
 * an import is, and then read where it lies. Nothing is written anywhere.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { createLocalNode } from '#lib/node-local/index.ts';
import { type StorageNode } from '#lib/node/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createCarBlocks } from './car-blocks.ts';
import { blobPieces } from './blocks.ts';
import { parseDescription } from './description.ts';
import { chosenUser, importAccount, type ImportOptions } from './import.ts';
import { receiveAccount } from './receive.ts';

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

/** An archive that is not whole, for those who want to know what of the account is hit. */
export interface DamagedArchive extends OpenArchive {
  /** Whether a block is there and what its CID says. */
  readonly holds: (cid: Cid) => boolean;
}

/**
 * Opens what is left of an archive that was refused. Nothing that comes out of it may be kept.
 * @throws MalformedArchive, MalformedDescription and their kin where nothing can be read
 */
export async function openDamagedArchive(
  { description: text, blocks: file }: ArchiveFiles,
  { clock, random, username, signal }: OpenOptions,
): Promise<DamagedArchive> {
  const description = parseDescription(text);
  const user = chosenUser(description, username);
  const blocks = await createCarBlocks(file, signal);
  const deps = { blocks, records: createMemoryStores().records, clock, random };
  const received = { description, user, blocks: blobPieces(file) };
  await receiveAccount(deps, received, { onFault: () => undefined, signal });
  const held = new Set(
    (await blocks.list('')).map(({ key }) => key.slice(key.lastIndexOf('/') + 1)),
  );
  const holds = (cid: Cid): boolean => held.has(cid.toString());
  return { node: createLocalNode(deps), username: user.username, holds };
}
