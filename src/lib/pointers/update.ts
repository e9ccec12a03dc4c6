/**
 * Pointer updates (A-6 §3): what a writer signs to move its pointer from one target to the next.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asList, Cid, decodeCbor, encodeCbor, MalformedCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { PublicSigningKey, sign, verifySigned } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';

/** A number when that is exact. Sequences grow by one a commit, so a bigint is only ever foreign. */
export type Sequence = number | bigint;

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

/** The update after one with this sequence (A-6 §3). */
export function nextSequence(previous: Sequence | undefined): Sequence {
  const next = BigInt(previous ?? 0) + 1n;
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : next;
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
  const stands = original === undefined ? updated === undefined : updated?.equals(original);
  if (stands === true) throw new MalformedPointer('A pointer update leaves the pointer as it is.');
}
