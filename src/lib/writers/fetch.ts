/**
 * Where answers come in: everything a node answers is checked here before anything else sees it. A block by its
 * hash, a pointer by its signature and age, a writer's state by its controller (A-6 §4).
 */
import { CODEC, decodeBlock } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { PublicSigningKey, verifyBlock } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { openPointer, WriterData } from '#lib/protocol/index.ts';
import type { PointerState } from '#lib/protocol/index.ts';
import type { SpaceDeps, WriterState } from './deps.ts';
import { BlockMissing } from './errors.ts';
import { PointerRolledBack } from './pointer-memory.ts';

const ATTEMPTS = 3;

/** A verified block. Throws {@link BlockMissing}, `DamagedBlock`, and what the node refuses with. */
export async function fetchBlock(
  deps: SpaceDeps,
  owner: KeyHash,
  cid: Cid,
  bat?: BatWithId,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (cid.isIdentity) return cid.digest;
  const cached = deps.blockCache?.get(cid);
  if (cached !== undefined) return cached;
  const block = await fetchUnverified(deps, owner, cid, bat, signal);
  await verifyBlock(cid, block);
  if (cid.codec === CODEC.dagCbor) deps.blockCache?.put(cid, block);
  return block;
}

/** A block as the node answered it. Throws {@link BlockMissing}, and what the node refuses with. */
export async function fetchUnverified(
  deps: SpaceDeps,
  owner: KeyHash,
  cid: Cid,
  bat?: BatWithId,
  signal?: AbortSignal,
): Promise<UnverifiedBlock> {
  const block = await deps.node.blocks.get(owner, cid, bat, signal);
  if (block === undefined) throw new BlockMissing(cid);
  return block;
}

/** The present state of a writer. Throws `BadSignature`, `PointerRolledBack` and others by name. */
export async function fetchState(
  deps: SpaceDeps,
  owner: KeyHash,
  writer: KeyHash,
  signal?: AbortSignal,
): Promise<WriterState> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await fetchStateOnce(deps, owner, writer, attempt > 1, signal);
    } catch (error) {
      // The pointer may have moved while its answer was under way: then a newer one was seen
      // meanwhile (perhaps by another tab, which knows more than what was read here a moment ago),
      // or the block it named is already collected. Looking again settles all of it.
      const mayBeRace = error instanceof PointerRolledBack || error instanceof BlockMissing;
      if (!mayBeRace || attempt === ATTEMPTS) throw error;
    }
  }
}

async function fetchStateOnce(
  deps: SpaceDeps,
  owner: KeyHash,
  writer: KeyHash,
  isFresh: boolean,
  signal?: AbortSignal,
): Promise<WriterState> {
  signal?.throwIfAborted();
  const { target, sequence } = await fetchPointer(deps, owner, writer, isFresh, signal);
  if (target === undefined) return { writer, target, sequence, data: undefined };
  const block = await fetchBlock(deps, owner, target, undefined, signal);
  return { writer, target, sequence, data: WriterData.fromCbor(decodeBlock(block), writer) };
}

async function fetchPointer(
  deps: SpaceDeps,
  owner: KeyHash,
  writer: KeyHash,
  isFresh: boolean,
  signal?: AbortSignal,
): Promise<PointerState> {
  const signed = await deps.node.pointers.get(owner, writer, { isFresh });
  let state: PointerState = { target: undefined, sequence: undefined };
  if (signed !== undefined) {
    const key = await keyOf(deps, owner, writer, signal);
    const { updated, sequence } = await openPointer(writer, signed, key);
    state = { target: updated, sequence };
  }
  await deps.pointerMemory.see(writer, state);
  return state;
}

/** The key behind a hash: in the hash itself, or for legacy accounts in a block (A-1 §7). */
async function keyOf(
  deps: SpaceDeps,
  owner: KeyHash,
  writer: KeyHash,
  signal?: AbortSignal,
): Promise<PublicSigningKey> {
  const inlined = PublicSigningKey.fromHash(writer);
  if (inlined !== undefined) return inlined;
  const block = await fetchBlock(deps, owner, writer, undefined, signal);
  return PublicSigningKey.fromCbor(decodeBlock(block));
}
