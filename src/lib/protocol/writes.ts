/** Writes inside larger requests (B-2 §6.1, B-3 §2): a block, or the move of a pointer. Hostile when read. */
import { asBoolean, asBytes, asLink, asMap, cborMap, field } from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import { asKeyHash, sign } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import { signPointer } from './pointer.ts';
import type { PointerUpdate } from './pointer.ts';

export interface BlockWrite {
  readonly writer: KeyHash;
  /** The block's hash, signed by the writer in the attached form. */
  readonly authorisation: Uint8Array;
  readonly bytes: Uint8Array;
  readonly isRaw: boolean;
}

export interface PointerWrite {
  readonly writer: KeyHash;
  readonly signed: Uint8Array;
}

export async function signBlockWrite(
  signer: Signer,
  cid: Cid,
  bytes: Uint8Array,
): Promise<BlockWrite> {
  const authorisation = await sign(signer, cid.digest);
  return { writer: signer.hash, authorisation, bytes, isRaw: cid.isRaw };
}

export async function signPointerWrite(
  signer: Signer,
  update: PointerUpdate,
): Promise<PointerWrite> {
  return { writer: signer.hash, signed: await signPointer(signer, update) };
}

export function blockWriteToCbor({ writer, authorisation, bytes, isRaw }: BlockWrite): CborMap {
  return cborMap([
    ['w', writer],
    ['s', authorisation],
    ['b', bytes],
    ['r', isRaw],
  ]);
}

export function pointerWriteToCbor({ writer, signed }: PointerWrite): CborMap {
  return cborMap([
    ['w', writer],
    ['s', signed],
  ]);
}

/** Throws `MalformedCbor`. */
export function blockWriteFromCbor(value: CborValue | undefined): BlockWrite {
  const what = 'A block write';
  const map = asMap(value, what);
  return {
    writer: writerOf(map, what),
    authorisation: asBytes(field(map, 's', what), 'The signature of a block'),
    bytes: asBytes(field(map, 'b', what), 'A block'),
    isRaw: asBoolean(field(map, 'r', what), 'The kind of a block'),
  };
}

/** Throws `MalformedCbor`. */
export function pointerWriteFromCbor(value: CborValue | undefined): PointerWrite {
  const what = 'A pointer write';
  const map = asMap(value, what);
  return { writer: writerOf(map, what), signed: asBytes(field(map, 's', what), 'A pointer') };
}

function writerOf(map: CborMap, what: string): KeyHash {
  return asKeyHash(asLink(field(map, 'w', what), 'The writer'), 'The writer');
}
