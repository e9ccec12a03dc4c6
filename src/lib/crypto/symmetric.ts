/**
 * Secret-key encryption: XSalsa20-Poly1305 and the structures around it (A-2 §1, A-3 §1).
 *
 * A nonce is drawn at random for every sealing and never given twice with one key. A ciphertext is
 * hostile until it opened: nothing of it is answered before the authenticator fitted.
 */
import { equalConstantTime } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import {
  asBoolean,
  asBytes,
  asBytesOf,
  asInteger,
  asList,
  decodeCbor,
  encodeCbor,
  MalformedCbor,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { inUse } from './engine.ts';
import { CannotDecrypt } from './errors.ts';
import { lengthOf } from './pieces.ts';
import type { Pieces } from './pieces.ts';

export const NONCE_BYTES = 24;
/** How much longer a sealed text is than its plaintext. */
export const SEAL_OVERHEAD_BYTES = 16;

const XSALSA20_POLY1305 = 1;

/**
 * A 32-byte key and its "dirty" flag: true only on a data key that outlived a rotation of the other
 * keys, and whose data must be re-encrypted before the next change (A-8 §10). Part of equality.
 */
export class SymmetricKey {
  readonly bytes: Uint8Array;
  readonly dirty: boolean;

  constructor(bytes: Uint8Array, dirty = false) {
    if (bytes.length !== SECRET_BYTES) throw new RangeError('a symmetric key has 32 bytes');
    this.bytes = bytes;
    this.dirty = dirty;
  }

  static readonly null = new SymmetricKey(new Uint8Array(SECRET_BYTES));

  static random(random: Random): SymmetricKey {
    return new SymmetricKey(random(SECRET_BYTES));
  }

  static fromCbor(value: CborValue | undefined): SymmetricKey {
    const [type, key, dirty] = asList(value, 'a symmetric key');
    if (asInteger(type, 'the type of a symmetric key') !== XSALSA20_POLY1305) {
      throw new MalformedCbor('A symmetric key has an unknown type.');
    }
    const bytes = asBytesOf(key, SECRET_BYTES, 'a symmetric key');
    return new SymmetricKey(bytes, asBoolean(dirty, 'the flag of a symmetric key'));
  }

  toCbor(): CborValue {
    return [XSALSA20_POLY1305, this.bytes, this.dirty];
  }

  withDirty(dirty: boolean): SymmetricKey {
    return new SymmetricKey(this.bytes, dirty);
  }

  equals(other: SymmetricKey): boolean {
    return this.dirty === other.dirty && equalConstantTime(this.bytes, other.bytes);
  }
}

/**
 * Authenticator and ciphertext of `plain`: 16 bytes longer. Written into `sealed` when given (of
 * exactly that length, not overlapping), else into memory of its own that may be transferred.
 */
export function seal(
  key: SymmetricKey,
  nonce: Uint8Array,
  plain: Uint8Array,
  sealed: Uint8Array = new Uint8Array(plain.length + SEAL_OVERHEAD_BYTES),
): Uint8Array {
  checkNonce(nonce);
  if (sealed.length !== plain.length + SEAL_OVERHEAD_BYTES) {
    throw new RangeError('the output of seal has the wrong length');
  }
  inUse.seal(key.bytes, nonce, plain, sealed);
  return sealed;
}

/** As {@link seal} for bulk data: from pieces into pieces, whose lengths add up, without a copy. */
export function sealPieces(
  key: SymmetricKey,
  nonce: Uint8Array,
  plain: readonly Uint8Array[],
  sealed: readonly Uint8Array[],
): void {
  checkNonce(nonce);
  if (lengthOf(sealed) !== lengthOf(plain) + SEAL_OVERHEAD_BYTES) {
    throw new RangeError('the output of sealPieces has the wrong length');
  }
  inUse.seal(key.bytes, nonce, plain, sealed);
}

/**
 * The plaintext of `sealed` (in one piece or several): 16 bytes shorter, in `plain` when given, else
 * in memory of its own.
 * Throws {@link CannotDecrypt}.
 */
export function open(
  key: SymmetricKey,
  nonce: Uint8Array,
  sealed: Pieces,
  plain?: Uint8Array,
): Uint8Array {
  const length = lengthOf(sealed) - SEAL_OVERHEAD_BYTES;
  if (nonce.length !== NONCE_BYTES || length < 0) throw new CannotDecrypt();
  const out = plain ?? new Uint8Array(length);
  if (out.length !== length) {
    throw new RangeError('the output of open has the wrong length');
  }
  if (!inUse.open(key.bytes, nonce, sealed, out)) throw new CannotDecrypt();
  return out;
}

/** A CipherText of one value, or with `padTo` a PaddedCipherText: `[nonce, sealed]` (A-3 §1). */
export function sealCbor(
  key: SymmetricKey,
  value: CborValue,
  random: Random,
  padTo = 1,
): CborValue {
  const nonce = random(NONCE_BYTES);
  return [nonce, seal(key, nonce, zeroPadded(encodeCbor(value), padTo))];
}

/** The value inside a CipherText, padded or not. Throws {@link CannotDecrypt} or `MalformedCbor`. */
export function openCbor(key: SymmetricKey, cipherText: CborValue | undefined): CborValue {
  const [nonce, sealed] = asList(cipherText, 'a ciphertext');
  const plain = open(
    key,
    asBytesOf(nonce, NONCE_BYTES, 'the nonce of a ciphertext'),
    asBytes(sealed, 'a ciphertext'),
  );
  return decodeCbor(plain);
}

/** A SymmetricLink: the holder of `from` gets `to` (A-2 §1). */
export function keyLink(from: SymmetricKey, to: SymmetricKey, random: Random): CborValue {
  return sealCbor(from, to.toCbor(), random);
}

/**
 * The key behind a {@link keyLink}. Throws {@link CannotDecrypt} for another key, `MalformedCbor`.
 */
export function openKeyLink(from: SymmetricKey, link: CborValue | undefined): SymmetricKey {
  return SymmetricKey.fromCbor(openCbor(from, link));
}

/** `bytes` followed by zeros up to the next multiple of `blockSize`. */
export function zeroPadded(bytes: Uint8Array, blockSize: number): Uint8Array {
  const length = Math.ceil(bytes.length / blockSize) * blockSize;
  if (length === bytes.length) return bytes;
  const padded = new Uint8Array(length);
  padded.set(bytes);
  return padded;
}

function checkNonce(nonce: Uint8Array): void {
  if (nonce.length !== NONCE_BYTES) throw new RangeError('a nonce has 24 bytes');
}
