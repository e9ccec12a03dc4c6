/**
 * Which Ed25519 signatures count. One rule for every engine, so that no two readers of a space can
 * disagree about who wrote it:
 *
 * 1. S is below the order of the group;
 * 2. the public key is a canonical encoding and not of small order;
 * 3. R is not of small order;
 * 4. R equals the canonical encoding of [S]B − [k]A (no cofactor).
 *
 * This is libsodium's rule. Engines are only asked about 4; the byte checks 1 to 3 are made here,
 * because engines differ in exactly these.
 */
import { fromHex } from '#lib/bytes/index.ts';
import { inUse } from './engine.ts';

const SIGNATURE_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;

/** True if `signature` (64 bytes) of `message` is by `publicKey`. Never throws. */
export function verifyEd25519(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (publicKey.length !== PUBLIC_KEY_BYTES || signature.length !== SIGNATURE_BYTES) return false;
  if (!isBelow(signature.subarray(32), GROUP_ORDER)) return false;
  if (!isCanonicalPoint(publicKey) || hasSmallOrder(publicKey)) return false;
  if (hasSmallOrder(signature.subarray(0, 32))) return false;
  return inUse.ed25519Verify(publicKey, message, signature);
}

/** Little endian: 2^252 + 27742317777372353535851937790883648493, and 2^255 − 19. */
const GROUP_ORDER = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010');
const FIELD_PRIME = fromHex('edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f');

/** The y coordinates of the eight points of small order: 0, 1, −1, the two of order 8, and p, p + 1. */
const SMALL_ORDER_Y = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map(fromHex);

function isCanonicalPoint(point: Uint8Array): boolean {
  const y = Uint8Array.from(point);
  y[31]! &= 0x7f;
  return isBelow(y, FIELD_PRIME);
}

function hasSmallOrder(point: Uint8Array): boolean {
  return SMALL_ORDER_Y.some((y) =>
    y.every((byte, i) => byte === (i < 31 ? point[i] : point[31]! & 0x7f)),
  );
}

/** Compares little-endian numbers of 32 bytes. */
function isBelow(n: Uint8Array, limit: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    if (n[i] !== limit[i]) return n[i]! < limit[i]!;
  }
  return false;
}
