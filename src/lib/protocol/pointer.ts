/**
 * Pointer updates (A-6 §3): what a writer signs to move its pointer from one target to the next, and
 * whether an update may follow the pointer as it is (A-6 §4, B-6 §3). Input: hostile.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  asInteger,
  asList,
  Cid,
  decodeBlock,
  decodeCbor,
  encodeCbor,
  MalformedCbor,
  sameCid,
  SIGNED_POINTER_MAX_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { PublicSigningKey, sign, verifySigned } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import { openSignedBy, type Signatory } from './authorisation.ts';
import type { Sequence } from './sequence.ts';
import { MalformedRequest, parseRequest, PointerConflict, PointerRefused } from './refusals.ts';

const SIGNATURE_BYTES = 64;

/** Where a writer's pointer stands. A deleted space has a sequence and no target. */
export interface PointerState {
  readonly target: Cid | undefined;
  /** Absent in one that was never written, or of the legacy form. */
  readonly sequence: Sequence | undefined;
}

export interface PointerUpdate {
  /** The target this replaces; absent: there was none. */
  readonly original: Cid | undefined;
  /** The new target, a WriterData block; absent: the writing space is deleted. */
  readonly updated: Cid | undefined;
  /** Absent only in updates of the legacy form. */
  readonly sequence: Sequence | undefined;
}

/** A pointer that is not what A-6 §3 says it should be. */
export class MalformedPointer extends PyrgosError {
  override readonly name: string = 'MalformedPointer';
  override readonly kind = 'damaged';
}

/** `[original, updated, sequence]`, or the legacy form without sequence. Throws {@link MalformedPointer}. */
export function pointerUpdateToCbor(update: PointerUpdate): CborValue {
  checkMoves(update);
  const targets = [update.original?.bytes ?? null, update.updated?.bytes ?? null];
  return update.sequence === undefined ? targets : [...targets, update.sequence];
}

/** Reads an update, which may come from anywhere. Throws {@link MalformedPointer}. */
export function pointerUpdateFromCbor(value: CborValue): PointerUpdate {
  try {
    const [original, updated, sequence, ...more] = asList(value, 'A pointer update');
    if (more.length > 0) throw new MalformedPointer('A pointer update has too many elements.');
    const update = {
      original: targetOf(original),
      updated: targetOf(updated),
      sequence: sequenceOf(sequence),
    };
    checkMoves(update);
    return update;
  } catch (error) {
    if (error instanceof MalformedPointer || !(error instanceof PyrgosError)) throw error;
    throw new MalformedPointer(error.message, { cause: error });
  }
}

/** The attached form in which updates are sent, stored and served. */
export function signPointer(signer: Signer, update: PointerUpdate): Promise<Uint8Array> {
  return sign(signer, encodeCbor(pointerUpdateToCbor(update)));
}

/**
 * Opens a pointer that a node says is the writer's. Throws `BadSignature` unless the writer signed
 * it, {@link MalformedPointer} if what was signed is no update. `key` is needed only for a writer
 * whose hash does not contain its key (legacy, A-1 §7).
 */
export async function openPointer(
  writer: KeyHash,
  signed: Uint8Array,
  key = PublicSigningKey.fromHash(writer),
): Promise<PointerUpdate> {
  if (key === undefined) throw new MalformedPointer('The key of a writer is not known.');
  const message = await verifySigned(key, signed);
  try {
    return pointerUpdateFromCbor(decodeCbor(message));
  } catch (error) {
    if (!(error instanceof MalformedCbor)) throw error;
    throw new MalformedPointer(error.message, { cause: error });
  }
}

function targetOf(value: CborValue | undefined): Cid | undefined {
  if (value === null) return undefined;
  if (value instanceof Uint8Array) return Cid.fromBytes(value);
  throw new MalformedPointer('A target of a pointer update is neither a hash nor null.');
}

function sequenceOf(value: CborValue | undefined): Sequence | undefined {
  if (value === undefined || typeof value === 'number' || typeof value === 'bigint') return value;
  throw new MalformedPointer('The sequence of a pointer update is not a number.');
}

function checkMoves({ original, updated }: PointerUpdate): void {
  if (!sameCid(original, updated)) return;
  throw new MalformedPointer('A pointer update leaves the pointer as it is.');
}

/**
 * What a node asks of an update that is sent to it: its length, the writer's signature, canonical
 * form. Throws {@link MalformedRequest}, `WrongSignature`.
 */
export async function openPointerUpdate(
  writer: Signatory,
  signed: Uint8Array,
): Promise<PointerUpdate> {
  if (signed.length > SIGNED_POINTER_MAX_BYTES) {
    throw new MalformedRequest(`A pointer update has ${signed.length} bytes.`);
  }
  return parsePointerUpdate(await openSignedBy(writer, signed, 'The pointer update'));
}

/**
 * The update inside a signed pointer, as nodes take it: in canonical form, with a sequence that a
 * number holds exactly. Its callers have checked the signature, or do not rely on it.
 */
export function parsePointerUpdate(bytes: Uint8Array): PointerUpdate {
  return parseRequest('The pointer update', () => {
    const update = pointerUpdateFromCbor(decodeBlock(bytes));
    if (update.sequence !== undefined) asInteger(update.sequence, 'The sequence number');
    return update;
  });
}

/** The state a stored (hence once verified) pointer stands for. */
export function pointerStateOf(signed: Uint8Array | undefined): PointerState {
  if (signed === undefined) return { target: undefined, sequence: undefined };
  const { updated, sequence } = parsePointerUpdate(signed.subarray(SIGNATURE_BYTES));
  return { target: updated, sequence };
}

/** Throws {@link PointerConflict} or {@link PointerRefused} unless `update` may follow `current`. */
export function checkSuccession(current: PointerState, update: PointerUpdate): void {
  if (!sameCid(current.target, update.original)) {
    throw new PointerConflict(current.target, current.sequence);
  }
  if (current.sequence === undefined) return;
  if (update.sequence === undefined || update.sequence <= current.sequence) {
    throw new PointerRefused('sequence', 'A pointer update does not raise the sequence number.');
  }
}
