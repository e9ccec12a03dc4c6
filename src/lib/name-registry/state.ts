/**
 * The state that the registry shows: two pointers, each signed by its key, and the blocks that lead
 * from the operator's identity to the tree of names (B-2 §1, §8). The identity is the one thing that
 * is known beforehand; everything else is proved by signatures and hashes.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import { decodeBlock, decodeCbor, SIGNED_POINTER_MAX_BYTES } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { PublicSigningKey, verifyBlock, verifyOwnerProof } from '#lib/crypto/index.ts';
import type { KeyHash, KeyLookup } from '#lib/crypto/index.ts';
import { MalformedPointer, openPointer, WriterData } from '#lib/protocol/index.ts';
import type { PointerUpdate } from '#lib/protocol/index.ts';
import { RegistryIncomplete, RegistryRefused } from './errors.ts';
import type { RootRecord } from './records.ts';
import type { RegistrySource } from './source.ts';

/** What names the tree's key among the identity's owned keys (A-6 §2). */
export const PKI_LABEL = 'pki';

export interface StateBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

/** A state as it is shown, every signature verified; whether it may follow ours is not said yet. */
export interface ShownState extends Omit<RootRecord, 'number' | 'takenMs'> {
  /** The writers' states, which a mirror of this mirror will ask for. */
  readonly blocks: readonly StateBlock[];
}

/** What is asked, and what is known already. */
export interface StateQuestion {
  readonly source: RegistrySource;
  readonly identity: KeyHash;
  readonly known: RootRecord | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks for both pointers, and for the states they lead to where they differ from what is known.
 * Throws {@link RegistryRefused}, {@link RegistryIncomplete}, and whatever the source throws.
 */
export async function shownState(question: StateQuestion): Promise<ShownState> {
  const { identity, known } = question;
  const own = await pointerOf(question, identity);
  const isSameIdentity = known !== undefined && equalBytes(own.signed, known.identityPointer);
  const blocks: StateBlock[] = [];
  const pkiKey = isSameIdentity ? known.pkiKey : await findPkiKey(question, own, blocks);
  const pki = await pointerOf(question, pkiKey);
  const isSame = isSameIdentity && equalBytes(pki.signed, known.pkiPointer);
  const root = isSame ? known.root : await findTree(question, pkiKey, pki, blocks);
  return {
    root,
    pkiKey,
    identityPointer: own.signed,
    pkiPointer: pki.signed,
    identitySequence: sequenceOf(own.update),
    pkiSequence: sequenceOf(pki.update),
    blocks,
  };
}

interface OpenedPointer {
  readonly signed: Uint8Array;
  readonly update: PointerUpdate;
}

async function pointerOf(question: StateQuestion, writer: KeyHash): Promise<OpenedPointer> {
  const { source, identity, signal } = question;
  const signed = await source.pointer(identity, writer, signal);
  if (signed === undefined) throw new RegistryIncomplete();
  if (signed.length > SIGNED_POINTER_MAX_BYTES) {
    throw new MalformedPointer('A pointer of the registry is longer than a pointer may be.');
  }
  const key = PublicSigningKey.fromHash(writer) ?? (await keyBehind(question)(writer));
  return { signed, update: await openPointer(writer, signed, key) };
}

/** The named key, if it agreed to be the identity's. */
async function findPkiKey(
  question: StateQuestion,
  pointer: OpenedPointer,
  blocks: StateBlock[],
): Promise<KeyHash> {
  const { identity } = question;
  const data = await writerState(question, identity, pointer, blocks);
  return signedFault('The state of the registry names no key for names.', () =>
    verifyOwnerProof(data.named?.get(PKI_LABEL), identity, keyBehind(question)),
  );
}

async function findTree(
  question: StateQuestion,
  pkiKey: KeyHash,
  pointer: OpenedPointer,
  blocks: StateBlock[],
): Promise<Cid> {
  const { tree } = await writerState(question, pkiKey, pointer, blocks);
  if (tree === undefined) throw new RegistryRefused('The registry has no tree of names.');
  return tree;
}

async function writerState(
  question: StateQuestion,
  writer: KeyHash,
  { update }: OpenedPointer,
  blocks: StateBlock[],
): Promise<WriterData> {
  const cid = update.updated;
  if (cid === undefined) throw new RegistryRefused('The registry was taken down by its key.');
  const bytes = await verifiedBlock(question, cid);
  blocks.push({ cid, bytes });
  return signedFault('The state of the registry cannot be read.', async () =>
    WriterData.fromCbor(decodeBlock(bytes), writer),
  );
}

/** Keys of the first accounts are blocks, named by their hash (A-1 §7). */
function keyBehind(question: StateQuestion): KeyLookup {
  return async (hash) => PublicSigningKey.fromCbor(decodeCbor(await verifiedBlock(question, hash)));
}

/** Throws {@link RegistryIncomplete} for a block that cannot be had: another source may have it. */
async function verifiedBlock(
  { source, identity, signal }: StateQuestion,
  cid: Cid,
): Promise<Uint8Array> {
  if (cid.isIdentity) return cid.digest;
  const bytes = await source.block(identity, cid, signal);
  if (bytes === undefined) throw new RegistryIncomplete();
  await verifyBlock(cid, bytes);
  return bytes;
}

/** What was signed and cannot be right is the registry's fault, and no accident on the way. */
async function signedFault<T>(message: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PyrgosError) || error.kind === 'offline') throw error;
    throw new RegistryRefused(message, { cause: error });
  }
}

/** Updates of the oldest form have none, and come before all others. */
function sequenceOf({ sequence }: PointerUpdate): number {
  const number = Number(sequence ?? 0);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new RegistryRefused('A pointer of the registry has an impossible sequence number.');
}
