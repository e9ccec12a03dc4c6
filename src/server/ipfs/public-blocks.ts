/**
 * Blocks that anybody may have, without asking as whom: those of the registry of names, and the tables
 * in which accounts of this node say what they publish (A-6 §8, B-2 §8). Nothing else is given out
 * here, and never the block store itself: each block is reached from one of these two places, without
 * a BAT shown, and has none. Contents of published files have BATs in today's clients, so they are
 * not among them. What accounts stored is hostile.
 */
import { kindOf } from '#lib/bytes/index.ts';
import { CODEC, decodeBlock } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { batIdsOfBlock, verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NameRegistry } from '#lib/name-registry/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import type { ReachedBlock, StorageNode } from '#lib/node/index.ts';
import { openPointer, readWriterData } from '#lib/protocol/index.ts';

/** An account may publish any number of things; so many blocks of its tables are given out. */
const ACCOUNT_MAX_BLOCKS = 4096;

export interface PublicBlocksDeps {
  /** The local node: accounts whose home is elsewhere are for that home to share. */
  readonly node: Pick<StorageNode, 'blocks' | 'names' | 'pointers'>;
  readonly registry: Pick<NameRegistry, 'state' | 'block'> | undefined;
}

export type PublicBlocks = (signal: AbortSignal) => AsyncGenerator<ReachedBlock, void, void>;

/** Every public block, some more than once. Accounts that cannot be read are passed over. */
export function publicBlocks({ node, registry }: PublicBlocksDeps): PublicBlocks {
  return async function* (signal) {
    const state = await registry?.state();
    if (registry !== undefined && state !== undefined) {
      yield* reachableBlocks([state.root], (cid) => orNone(cid, registry.block(cid)), signal);
    }
    for (const name of await node.names.usernames()) {
      signal.throwIfAborted();
      yield* ofAccount(node, name, signal);
    }
  };
}

async function* ofAccount(
  node: PublicBlocksDeps['node'],
  name: string,
  signal: AbortSignal,
): AsyncGenerator<ReachedBlock, void, void> {
  const owner = await node.names.publicKey(name);
  if (owner === undefined) return;
  const load = (cid: Cid): Promise<Uint8Array | undefined> =>
    orNone(cid, node.blocks.get(owner, cid, undefined, signal));
  let left = ACCOUNT_MAX_BLOCKS;
  try {
    const published = await publishedBy(node, owner, load);
    if (published === undefined) return;
    for await (const block of reachableBlocks([published], load, signal)) {
      if (left-- === 0) return;
      yield block;
    }
  } catch (error) {
    signal.throwIfAborted();
    if (kindOf(error) === 'bug') throw error;
  }
}

/** Where the table of what an account publishes begins. */
async function publishedBy(
  { pointers }: PublicBlocksDeps['node'],
  owner: KeyHash,
  load: (cid: Cid) => Promise<Uint8Array | undefined>,
): Promise<Cid | undefined> {
  const signed = await pointers.get(owner, owner);
  const target = signed && (await openPointer(owner, signed)).updated;
  const block = target && (await load(target));
  return block && readWriterData(decodeBlock(block)).publicData;
}

/** A block of the right hash that has no BATs; `undefined` for any other, and for what is refused. */
async function orNone(
  cid: Cid,
  found: Promise<Uint8Array | undefined>,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await found;
    return bytes !== undefined && (await isPublic(cid, bytes)) ? bytes : undefined;
  } catch (error) {
    if (kindOf(error) === 'bug') throw error;
    return undefined;
  }
}

/** Whether bytes are the block of this name, and one that nobody needs a BAT for. */
export async function isPublic(cid: Cid, bytes: Uint8Array): Promise<boolean> {
  if (cid.codec !== CODEC.raw && cid.codec !== CODEC.dagCbor) return false;
  await verifyBlock(cid, bytes);
  return batIdsOfBlock(bytes, cid.codec).length === 0;
}
