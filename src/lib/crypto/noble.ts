/**
 * The reference: every primitive from the noble libraries, in plain JavaScript.
 *
 * It is the fall-back where nothing faster may be loaded, and the judge of all other engines. The
 * limits are those of JavaScript: big integers do not take constant time.
 */
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { blake2b } from '@noble/hashes/blake2.js';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { concat, equalBytes } from '#lib/bytes/index.ts';
import { piecesOf } from './pieces.ts';
import type { Operations, ScryptCost } from './operations.ts';

/** scrypt may hold this much; callers cap the cost below it. */
const SCRYPT_MAX_BYTES = 1024 * 1024 * 1024 + 4096;

export const nobleOperations: Operations = {
  sha256Now: (data) => sha256(data),

  sha256: (data) => Promise.resolve(sha256(data)),

  blake2b512: (data) => blake2b(data, { dkLen: 64 }),

  scrypt,

  seal(key, nonce, plain, sealed) {
    const whole = xsalsa20poly1305(key, nonce).encrypt(concat(...piecesOf(plain)));
    let start = 0;
    for (const piece of piecesOf(sealed)) {
      piece.set(whole.subarray(start, start + piece.length));
      start += piece.length;
    }
  },

  open(key, nonce, sealed, plain) {
    try {
      plain.set(xsalsa20poly1305(key, nonce).decrypt(concat(...piecesOf(sealed))));
      return true;
    } catch {
      return false;
    }
  },

  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed),

  ed25519Sign: (secret, message) => ed25519.sign(message, secret.subarray(0, 32)),

  ed25519Verify: verifyCofactorless,

  x25519PublicKey: (secret) => x25519.getPublicKey(secret),

  x25519(secret, publicKey) {
    try {
      return x25519.getSharedSecret(secret, publicKey);
    } catch {
      return undefined;
    }
  },
};

async function scrypt(
  password: Uint8Array,
  salt: Uint8Array,
  { log2N, r, p, length }: ScryptCost,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  return scryptAsync(password, salt, {
    N: 2 ** log2N,
    r,
    p,
    dkLen: length,
    maxmem: SCRYPT_MAX_BYTES,
    onProgress: () => signal?.throwIfAborted(),
  });
}

/**
 * R is recomputed as [S]B − [k]A and compared byte for byte. noble's own `verify` multiplies the
 * equation by the cofactor and so accepts signatures that libsodium and most others refuse.
 */
function verifyCofactorless(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  try {
    const a = ed25519.Point.fromBytes(publicKey);
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    const k = littleEndian(sha512(concat(r, publicKey, message))) % ed25519.Point.Fn.ORDER;
    const expected = ed25519.Point.BASE.multiplyUnsafe(s).subtract(a.multiplyUnsafe(k));
    return equalBytes(expected.toBytes(), r);
  } catch {
    return false;
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let n = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i]!);
  return n;
}
