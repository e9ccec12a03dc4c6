/**
 * Public-key encryption (A-2 §3): type 1 is NaCl's box over Curve25519, read and written for legacy
 * peers; type 2, what every new account has, adds ML-KEM-1024 so that both must be broken.
 *
 * Both ends of a message are of one type. Keys and messages of others are hostile: points of low
 * order and malformed ML-KEM keys are refused with {@link BadKey}.
 */
import { hsalsa } from '@noble/ciphers/salsa.js';
import { ml_kem1024 as mlkem } from '@noble/post-quantum/ml-kem.js';
import { concat, equalConstantTime } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import {
  asBytes,
  asBytesOf,
  asMap,
  cborMap,
  decodeBlock,
  encodeCbor,
  field,
  MalformedCbor,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { HYBRID, MLKEM_CIPHERTEXT_BYTES, PublicBoxingKey } from './boxing-keys.ts';
import type { SecretBoxingKey } from './boxing-keys.ts';
import { inUse } from './engine.ts';
import { BadKey, CannotDecrypt } from './errors.ts';
import { kdf } from './hash.ts';
import {
  NONCE_BYTES,
  open,
  seal,
  SEAL_OVERHEAD_BYTES,
  SymmetricKey,
  zeroPadded,
} from './symmetric.ts';

/** `message` for the holder of `recipient`, from `sender`; an AsymmetricCipherText. */
export function box(
  message: Uint8Array,
  recipient: PublicBoxingKey,
  sender: SecretBoxingKey,
  random: Random,
): Uint8Array {
  if (recipient.type !== sender.type) throw new BadKey('Both keys of a box must be of one kind.');
  return recipient.type === HYBRID
    ? hybridBox(message, recipient, sender, random)
    : curveBox(message, recipient.curve, sender.curve, random);
}

/** The message of {@link box}. Throws {@link CannotDecrypt}, {@link BadKey} or `MalformedCbor`. */
export function unbox(
  cipher: Uint8Array,
  recipient: SecretBoxingKey,
  sender: PublicBoxingKey,
): Uint8Array {
  if (recipient.type !== sender.type) throw new CannotDecrypt();
  return recipient.type === HYBRID
    ? openHybridBox(cipher, recipient, sender)
    : openCurveBox(cipher, recipient.curve, sender.curve);
}

/** A PaddedAsymmetricCipherText: zeros up to a multiple of `padTo`, then boxed. */
export function boxPadded(
  message: Uint8Array,
  padTo: number,
  recipient: PublicBoxingKey,
  sender: SecretBoxingKey,
  random: Random,
): Uint8Array {
  return box(zeroPadded(message, padTo), recipient, sender, random);
}

/** A SourcedAsymmetricCipherText: the boxed message with the key of its sender. */
export interface SourcedCipherText {
  readonly sender: PublicBoxingKey;
  readonly cipher: Uint8Array;
}

/** Writes a boxed message with its sender (A-2 §3). */
export function sourcedToCbor({ sender, cipher }: SourcedCipherText): CborValue {
  return cborMap([
    ['k', sender.toCbor()],
    ['c', cipher],
  ]);
}

/**
 * Reads a boxed message; nothing of it is verified before it is unboxed. Throws `MalformedCbor`.
 */
export function sourcedFromCbor(value: CborValue | undefined): SourcedCipherText {
  const map = asMap(value, 'a boxed message');
  return {
    sender: PublicBoxingKey.fromCbor(field(map, 'k', 'a boxed message')),
    cipher: asBytes(field(map, 'c', 'a boxed message'), 'a boxed message'),
  };
}

/** NaCl's box with the nonce appended. */
function curveBox(
  message: Uint8Array,
  recipientPublic: Uint8Array,
  senderSecret: Uint8Array,
  random: Random,
): Uint8Array {
  const nonce = random(NONCE_BYTES);
  return concat(seal(sharedKey(senderSecret, recipientPublic), nonce, message), nonce);
}

function openCurveBox(
  cipher: Uint8Array,
  recipientSecret: Uint8Array,
  senderPublic: Uint8Array,
): Uint8Array {
  const sealedLength = cipher.length - NONCE_BYTES;
  if (sealedLength < SEAL_OVERHEAD_BYTES) throw new CannotDecrypt();
  const nonce = cipher.subarray(sealedLength);
  return open(sharedKey(recipientSecret, senderPublic), nonce, cipher.subarray(0, sealedLength));
}

function hybridBox(
  message: Uint8Array,
  recipient: PublicBoxingKey,
  sender: SecretBoxingKey,
  random: Random,
): Uint8Array {
  const curveSecret = random(SECRET_BYTES);
  const { cipherText, sharedSecret } = encapsulate(recipient.mlkem, random(SECRET_BYTES));
  const key = new SymmetricKey(kdf(concat(curveSecret, sharedSecret)));
  const boxed = curveBox(curveSecret, recipient.curve, sender.curve, random);
  const nonce = random(NONCE_BYTES);
  const map = cborMap([
    ['c', boxed],
    ['m', cipherText],
    ['i', seal(key, nonce, message)],
    ['n', nonce],
  ]);
  return encodeCbor(map);
}

function openHybridBox(
  cipher: Uint8Array,
  recipient: SecretBoxingKey,
  sender: PublicBoxingKey,
): Uint8Array {
  const what = 'a boxed message';
  const map = asMap(decodeBlock(cipher), what);
  const encapsulated = asBytesOf(field(map, 'm', what), MLKEM_CIPHERTEXT_BYTES, what);
  const nonce = asBytesOf(field(map, 'n', what), NONCE_BYTES, what);
  const sealed = asBytes(field(map, 'i', what), what);
  const boxed = asBytes(field(map, 'c', what), what);
  const curveSecret = openCurveBox(boxed, recipient.curve, sender.curve);
  if (curveSecret.length !== SECRET_BYTES) throw new MalformedCbor('A boxed message is malformed.');
  // A wrong ML-KEM ciphertext yields another secret, not an error; the seal below finds out.
  const shared = decapsulate(encapsulated, recipient.mlkem);
  return open(new SymmetricKey(kdf(concat(curveSecret, shared))), nonce, sealed);
}

/** HSalsa20 of the X25519 secret with a zero nonce: "crypto_box_beforenm". */
function sharedKey(secret: Uint8Array, publicKey: Uint8Array): SymmetricKey {
  const shared = inUse.x25519(secret, publicKey);
  if (shared === undefined || equalConstantTime(shared, new Uint8Array(SECRET_BYTES))) {
    throw new BadKey('A public key is of low order and must not be used.');
  }
  const out = new Uint32Array(8);
  hsalsa(SIGMA, words(shared), new Uint32Array(4), out);
  return new SymmetricKey(new Uint8Array(out.buffer));
}

/** "expand 32-byte k" as little-endian words. */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

function encapsulate(publicKey: Uint8Array, message: Uint8Array) {
  try {
    return mlkem.encapsulate(publicKey, message);
  } catch {
    throw new BadKey('A public ML-KEM key is malformed.');
  }
}

function decapsulate(cipherText: Uint8Array, secretKey: Uint8Array): Uint8Array {
  try {
    return mlkem.decapsulate(cipherText, secretKey);
  } catch {
    throw new BadKey('A secret ML-KEM key is malformed.');
  }
}
