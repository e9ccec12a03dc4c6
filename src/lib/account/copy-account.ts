/**
 * The blocks and pointers of an account from one node onto another that knows the account already.
 * Blocks go first; the pointers that make them visible follow, from the identity down.
 *
 * Copying again is cheap: pointers that are where they should be stay, and the node is asked whether
 * it has a large block before that is sent.
 */
import {
  readBlock,
  readBlockUnlessLost,
  readPointers,
  type VerifiedPointer,
} from '#lib/archive/index.ts';
import { decodeBlock, sameCid, type Cid } from '#lib/codec/index.ts';
import { Signer, type BatWithId, type KeyHash, type SigningKeyPair } from '#lib/crypto/index.ts';
import { reachableBlocks, type SignedPointer } from '#lib/node/index.ts';
import { nextSequence, openPointer, signPointer, WriterData } from '#lib/protocol/index.ts';
import type { Sequence } from '#lib/protocol/index.ts';
import { sendPointers, Snapshot, type Uploads } from '#lib/writers/index.ts';
import { MoveRefused } from './errors.ts';
import type { AccountDeps } from './session.ts';

/** What is read before it is sent. */
const BATCH_BYTES = 20 * 1024 * 1024;
/** What takes longer to send than to ask about. */
const LARGE_BLOCK_BYTES = 64 * 1024;
const ASKED_AT_ONCE = 8;

/** Where from, where to, and whose. */
export interface Copying {
  readonly from: AccountDeps;
  readonly to: AccountDeps;
  readonly identity: SigningKeyPair;
  /** Mirror BATs of the account: one of them opens every block. */
  readonly bats: readonly BatWithId[];
  readonly onBlock: (bytes: number) => void;
  readonly signal: AbortSignal | undefined;
}

/**
 * Sends every block the pointers lead to, under `uploads`' transaction. Where the new place `mayHave`
 * some of them it is asked for the large ones; answers how many it had. Those that are missing or
 * damaged at the old place are added to `lost`.
 */
export async function copyBlocks(
  copying: Copying,
  pointers: readonly VerifiedPointer[],
  uploads: Uploads,
  mayHave: boolean,
  lost: Cid[],
): Promise<number> {
  const { from, identity, bats, onBlock, signal } = copying;
  const signer = Signer.of(identity);
  let batch: { cid: Cid; bytes: Uint8Array; signer: Signer }[] = [];
  let batchBytes = 0;
  let spared = 0;
  const send = async (): Promise<void> => {
    const missing = mayHave ? await missingOf(copying, batch) : batch;
    await uploads.send(missing, signal);
    for (const { bytes } of batch) onBlock(bytes.length);
    spared += batch.length - missing.length;
    batch = [];
    batchBytes = 0;
  };
  const load = (...asked: Parameters<typeof readBlock>) => readBlockUnlessLost(lost, ...asked);
  for await (const block of blocksOf(from, identity.hash, pointers, bats, signal, load)) {
    // The identity may sign for every block of its account; only pointers need their own key.
    batch.push({ ...block, signer });
    batchBytes += block.bytes.length;
    if (batchBytes >= BATCH_BYTES) await send();
  }
  await send();
  return spared;
}

/** The blocks that have to be sent. */
async function missingOf<Block extends { readonly cid: Cid; readonly bytes: Uint8Array }>(
  { to, identity, signal }: Copying,
  blocks: readonly Block[],
): Promise<Block[]> {
  const missing: Block[] = [];
  for (let at = 0; at < blocks.length; at += ASKED_AT_ONCE) {
    signal?.throwIfAborted();
    const asked = blocks.slice(at, at + ASKED_AT_ONCE).map(async (block) => {
      const { cid, bytes } = block;
      if (bytes.length < LARGE_BLOCK_BYTES) return block;
      const there = await to.node.blocks.sizeBytes(identity.hash, cid);
      return there === bytes.length ? undefined : block;
    });
    for (const block of await Promise.all(asked)) if (block !== undefined) missing.push(block);
  }
  return missing;
}

/** Reads everything back from the new place, each block compared with its hash. */
export async function readBack(
  { to, identity, bats, onBlock, signal }: Copying,
  expected: readonly VerifiedPointer[],
): Promise<void> {
  const pointers = await readPointers(to, identity.hash, signal);
  const targets = new Map(pointers.map(({ writer, target }) => [writer.toString(), target]));
  for (const { writer, target } of expected) {
    if (!sameCid(targets.get(writer.toString()), target)) {
      throw new MoveRefused('The new place answers with another state than it was given.');
    }
  }
  for await (const block of blocksOf(to, identity.hash, pointers, bats, signal)) {
    onBlock(block.bytes.length);
  }
}

function blocksOf(
  deps: AccountDeps,
  owner: KeyHash,
  pointers: readonly VerifiedPointer[],
  bats: readonly BatWithId[],
  signal: AbortSignal | undefined,
  load: (...asked: Parameters<typeof readBlock>) => Promise<Uint8Array | undefined> = readBlock,
) {
  const roots = pointers.flatMap(({ target }) => target ?? []);
  const snapshot = new Snapshot({ ...deps, blockCache: NO_CACHE }, owner);
  return reachableBlocks(roots, (cid) => load(snapshot, cid, bats, signal), signal);
}

/** What is read back has to come from the node, not from memory. */
const NO_CACHE = { get: () => undefined, put: () => undefined };

/**
 * Moves the new place's pointers to the states that were copied: the identity's first, which lists
 * the others, and all of those at once.
 */
export async function copyPointers(
  copying: Copying,
  pointers: readonly VerifiedPointer[],
  signers: ReadonlyMap<string, Signer>,
): Promise<void> {
  const { to, identity } = copying;
  const updates: SignedPointer[] = [];
  for (const pointer of pointers) {
    const signer = signers.get(pointer.writer.toString());
    if (signer === undefined) continue;
    const signed = await updateFor(copying, pointer, signer);
    if (signed !== undefined) updates.push({ writer: pointer.writer, signed });
  }
  const isIdentity = ({ writer }: SignedPointer): boolean => writer.equals(identity.hash);
  const first = updates.find(isIdentity);
  const { pointers: target } = to.node;
  const owner = identity.hash;
  if (first !== undefined) {
    const send = (): Promise<void> => target.set(owner, first.writer, first.signed);
    await sendPointers(to, owner, [first], send);
  }
  const others = updates.filter((update) => !isIdentity(update));
  if (others.length > 0) {
    await sendPointers(to, owner, others, () => target.setMany(owner, others));
  }
}

/** Undefined: the new place is there already. */
async function updateFor(
  copying: Copying,
  { writer, signed, target }: VerifiedPointer,
  signer: Signer,
): Promise<Uint8Array | undefined> {
  const source = await openPointer(writer, signed);
  const present = await pointerAt(copying.to, copying.identity.hash, writer);
  if (sameCid(present.target, target)) return undefined;
  await requireOurs(copying, writer, present.target);
  const sequence = nextSequence(laterOf(source.sequence, present.sequence));
  return signPointer(signer, { original: present.target, updated: target, sequence });
}

async function pointerAt(
  { node }: AccountDeps,
  owner: KeyHash,
  writer: KeyHash,
): Promise<{ target: Cid | undefined; sequence: Sequence | undefined }> {
  const signed = await node.pointers.get(owner, writer);
  if (signed === undefined) return { target: undefined, sequence: undefined };
  const { updated, sequence } = await openPointer(writer, signed);
  return { target: updated, sequence };
}

/**
 * What an interrupted move left may be replaced: the first state, or one the old place had. Any
 * other was made at the new place and is nowhere else.
 */
async function requireOurs(
  { from, to, identity }: Copying,
  writer: KeyHash,
  target: Cid | undefined,
): Promise<void> {
  if (target === undefined) return;
  if ((await from.node.blocks.get(identity.hash, target)) !== undefined) return;
  const block = await new Snapshot(to, identity.hash).block(target);
  const { tree, owned, named } = WriterData.fromCbor(decodeBlock(block), writer);
  if (writer.equals(identity.hash) && !tree && !owned && !named) return;
  throw new MoveRefused('This account has been used at the new place already.');
}

function laterOf(a: Sequence | undefined, b: Sequence | undefined): Sequence | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a > b ? a : b;
}
