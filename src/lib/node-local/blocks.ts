/**
 * Blocks of the local node: accepting them (B-6 §2), reading them (B-6 §5) and transactions
 * (A-10 §2). Everything in a request is hostile.
 *
 * Tighter than the reference: the writer must belong to the `owner` named, and an empty block is
 * refused (its answer could not be told from an absent one). As lenient as it: dag-cbor need not be
 * canonical, though clients refuse to read such a block (A-1 §1.5, B-7 §6).
 */
import { walkToKey } from '#lib/champ/index.ts';
import { BULK_CHAMP_MAX_KEYS, CHAMP_NODES_MAX_BYTES, Cid } from '#lib/codec/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import { LookedUpBlock } from '#lib/node/index.ts';
import type { ChampKey, NodeBlocks, UnverifiedBlock } from '#lib/node/index.ts';
import {
  ChampRootMissing,
  checkBlock,
  checkBlockAccess,
  MalformedRequest,
  Unauthorised,
} from '#lib/protocol/index.ts';
import type { BlockFormat, BlockToWrite, CheckedBlock, Signatory } from '#lib/protocol/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { authoriseReads, authoriseWrites, blockStoreProperties } from './direct-transfer.ts';
import { storedOrFetched } from './fetch-block.ts';
import { ownNodeId, ownNodeIds } from './node-id.ts';
import { ownNodeRecord } from './node-records.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { afterChange } from './room.ts';
import { changedOwner, graceOf } from './usage.ts';
import { blockKey, readOwner, TABLE } from './records.ts';
import { Registry } from './writer-registry.ts';
import { checkTransactionId, newTransactionId } from './transaction-id.ts';
import { WriteQueue } from './write-batcher.ts';
import { accountOf } from './writer-account.ts';

/** What comes together is stored together, see {@link WriteQueue}: a batch of its size, about. */
const PARALLEL_PUTS = 16;

export function createLocalBlocks(deps: LocalNodeDeps): NodeBlocks {
  const queue = new WriteQueue(deps);
  const at = (owner: KeyHash) => partitionOf(deps, owner);
  const of = async (owner: KeyHash, writer: KeyHash) =>
    accountOf(deps.records, await at(owner), writer);
  return {
    parallelPuts: PARALLEL_PUTS,
    nodeId: () => ownNodeId(deps),
    nodeIds: () => ownNodeIds(deps),
    nodeRecord: (nodeId) => ownNodeRecord(deps, nodeId),
    properties: async () => blockStoreProperties(deps),
    peerAddresses: async () => deps.peerAddresses?.() ?? [],
    sizeBytes: async (owner, cid) => sizeOf(deps, await at(owner), cid),
    authoriseWrites: async (owner, writer, blocks, tid) => {
      checkTransactionId(tid);
      return authoriseWrites(deps, { owner: await of(owner, writer), writer, blocks, tid });
    },
    authoriseReads: async (owner, blocks) => authoriseReads(deps, await at(owner), blocks),
    startTransaction: async (owner) => newTransactionId(deps, await at(owner)),
    closeTransaction: async (owner, tid) => closeTransaction(deps, await at(owner), tid),
    put: async (owner, writer, blocks, format, tid, signal) =>
      putBlocks(deps, queue, {
        owner: await of(owner, writer),
        writer,
        blocks,
        format,
        tid,
        signal,
      }),
    get: async (owner, cid, bat, signal) => getBlock(deps, await at(owner), cid, bat, signal),
    champLookup: async (owner, root, keys, signal) =>
      champLookup(deps, await at(owner), root, keys, signal),
  };
}

interface PutRequest {
  readonly owner: KeyHash;
  readonly writer: KeyHash;
  readonly blocks: readonly BlockToWrite[];
  readonly format: BlockFormat;
  readonly tid: string;
  readonly signal?: AbortSignal | undefined;
}

async function putBlocks(
  deps: LocalNodeDeps,
  queue: WriteQueue,
  request: PutRequest,
): Promise<Cid[]> {
  const { owner, writer, blocks, format, tid, signal } = request;
  signal?.throwIfAborted();
  checkTransactionId(tid);
  if (blocks.length === 0) return [];
  // A writer without rights is refused after one record is read, before any signature is checked.
  await new Registry(deps.records).requireKnown(owner, writer);
  const key = await publicKeyOf(deps, owner, writer);
  const checking = checkBlocks(key, blocks, format);
  const sizeBytes = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const graceBytes = graceOf(format, sizeBytes);
  return queue.store({ owner, writer, tid, graceBytes, signal }, checking);
}

/** One after the other, to the first that is refused. */
async function checkBlocks(
  writer: Signatory,
  blocks: readonly BlockToWrite[],
  format: BlockFormat,
): Promise<CheckedBlock[]> {
  const checked: CheckedBlock[] = [];
  for (const block of blocks) checked.push(await checkBlock(writer, block, format));
  return checked;
}

async function sizeOf(deps: LocalNodeDeps, owner: KeyHash, cid: Cid): Promise<number> {
  if (cid.isIdentity) return cid.digest.length;
  const key = blockKey(owner, cid);
  const [listed] = await deps.blocks.list(key, undefined, 1);
  return listed?.key === key ? listed.sizeBytes : 0;
}

async function getBlock(
  deps: LocalNodeDeps,
  owner: KeyHash,
  cid: Cid,
  bat: BatWithId | undefined,
  signal: AbortSignal | undefined,
): Promise<UnverifiedBlock | undefined> {
  if (cid.isIdentity) return cid.digest.slice() as UnverifiedBlock;
  const bytes = await storedOrFetched(deps, owner, cid, bat, signal);
  if (bytes === undefined) return undefined;
  checkBlockAccess(bytes, cid.codec, bat);
  return bytes as UnverifiedBlock;
}

async function champLookup(
  deps: LocalNodeDeps,
  owner: KeyHash,
  root: Cid,
  keys: readonly ChampKey[],
  signal: AbortSignal | undefined,
): Promise<LookedUpBlock[]> {
  if (keys.length > BULK_CHAMP_MAX_KEYS) {
    throw new MalformedRequest(`A look-up asks for ${keys.length} keys at once.`);
  }
  const loads = new Map<string, Promise<Uint8Array | undefined>>();
  const load = (cid: Cid, bat?: BatWithId): Promise<Uint8Array | undefined> => {
    const key = blockKey(owner, cid);
    let pending = loads.get(key);
    if (pending === undefined) {
      loads.set(key, (pending = storedOrFetched(deps, owner, cid, bat, signal)));
    }
    return pending;
  };
  const rootBlock = await load(root, keys[0]?.bat);
  if (rootBlock === undefined) throw new ChampRootMissing('The root of a champ is not stored.');
  checkRootAccess(rootBlock, root, keys);
  const touched = new Map<string, Uint8Array>([[root.toString(), rootBlock]]);
  let nodeBytes = rootBlock.length;
  const visit = (cid: Cid, block: Uint8Array) => {
    const name = cid.toString();
    if (touched.has(name)) return;
    nodeBytes += block.length;
    if (nodeBytes > Math.max(CHAMP_NODES_MAX_BYTES, rootBlock.length)) {
      throw new MalformedRequest('The nodes of this champ are larger than may be answered.');
    }
    touched.set(name, block);
  };
  await Promise.all(
    keys.map(async ({ key, bat }) => {
      const value = await walkToKey(root, key, (cid) => load(cid), visit);
      if (!(value instanceof Cid) || value.isIdentity) return;
      const block = await load(value, bat);
      if (block === undefined) return;
      checkBlockAccess(block, value.codec, bat);
      touched.set(value.toString(), block);
    }),
  );
  return [...touched.values()].map((block) => new LookedUpBlock(block));
}

/** A root with BATs of its own (the secret-link champ) opens for any of the BATs shown. */
function checkRootAccess(block: Uint8Array, root: Cid, keys: readonly ChampKey[]): void {
  const bats = [undefined, ...keys.map(({ bat }) => bat)];
  const isAllowed = bats.some((bat) => {
    try {
      checkBlockAccess(block, root.codec, bat);
      return true;
    } catch (error) {
      if (error instanceof Unauthorised) return false;
      throw error;
    }
  });
  if (!isAllowed) throw new Unauthorised('This champ is protected.');
}

async function closeTransaction(deps: LocalNodeDeps, owner: KeyHash, tid: string): Promise<void> {
  checkTransactionId(tid);
  await compareAndSet(deps.records, async () => {
    const read = await readOwner(deps.records, owner);
    const prefix = `${owner.toString()}/${tid}/`;
    const listed = await deps.records.list(TABLE.transactions, prefix);
    if (listed.length === 0) return { result: undefined };
    const forgotten = listed.map(({ key }) => ({
      table: TABLE.transactions,
      key,
      value: undefined,
    }));
    const change = {
      expect: [read.entry],
      writes: [changedOwner(read), ...forgotten],
      durability: 'relaxed' as const,
    };
    return { change, result: undefined };
  });
  afterChange(deps, owner);
}
