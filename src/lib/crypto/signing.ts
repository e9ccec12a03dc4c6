/**
 * Signing keys, their names, and signed things (A-2 §2, A-1 §7, B-1 "signed time", "signed request").
 *
 * A signed message is always "attached": signature, then message. Signing is deterministic. The
 * verifier gets the message from the verification and uses only that.
 */
import { concat, equalBytes, toMultibase } from '#lib/bytes/index.ts';
import type { Brand, Random } from '#lib/bytes/index.ts';
import {
  asBytesOf,
  asInteger,
  asLink,
  asList,
  asMap,
  cborMap,
  Cid,
  CODEC,
  decodeBlock,
  encodeCbor,
  field,
  HASH_TYPE,
  IDENTITY_MAX_BYTES,
  MalformedCbor,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { verifyEd25519 } from './ed25519.ts';
import { inUse } from './engine.ts';
import { BadSignature } from './errors.ts';
import { sha256 } from './hash.ts';
import { openCbor, sealCbor } from './symmetric.ts';
import type { SymmetricKey } from './symmetric.ts';

const SIGNATURE_BYTES = 64;

const ED25519 = 1;
const SECRET_KEY_BYTES = 64;

/** The name of a key: a CID of type sha2-256 or identity; in CBOR always a link. */
export type KeyHash = Brand<Cid, 'KeyHash'>;

/** The reserved name of no key: 32 zero bytes. */
export const NULL_KEY_HASH = Cid.sha256(CODEC.dagCbor, new Uint8Array(32)) as KeyHash;

/** Checks that a CID can name a key: by its hash, or by containing it. Throws `MalformedCbor`. */
export function toKeyHash(cid: Cid, what: string): KeyHash {
  const isInlined = cid.hashType === HASH_TYPE.identity && cid.digest.length <= IDENTITY_MAX_BYTES;
  if (isInlined || cid.hashType === HASH_TYPE.sha2_256) return cid as KeyHash;
  throw new MalformedCbor(`${what} is not the name of a key.`);
}

/** Reads a key hash from its link. */
export function asKeyHash(value: CborValue | undefined, what: string): KeyHash {
  return toKeyHash(asLink(value, what), what);
}

/** An Ed25519 key that verifies; its hash is the name of an identity or writer (A-2 §2). */
export class PublicSigningKey {
  /** 32 bytes of Ed25519. */
  readonly bytes: Uint8Array;
  #hash: KeyHash | undefined;

  constructor(bytes: Uint8Array) {
    if (bytes.length !== SECRET_BYTES) throw new RangeError('a public signing key has 32 bytes');
    this.bytes = bytes;
  }

  static fromCbor(value: CborValue | undefined): PublicSigningKey {
    return new PublicSigningKey(keyBytes(value, SECRET_BYTES, 'a public signing key'));
  }

  /** The key inside an inlined name; undefined if the name is a hash and the key must be fetched. */
  static fromHash(hash: KeyHash): PublicSigningKey | undefined {
    return hash.isIdentity ? PublicSigningKey.fromCbor(decodeBlock(hash.digest)) : undefined;
  }

  toCbor(): CborValue {
    return [ED25519, this.bytes];
  }

  /** The inlined name of this key. */
  hash(): KeyHash {
    this.#hash ??= Cid.identity(CODEC.dagCbor, encodeCbor(this.toCbor())) as KeyHash;
    return this.#hash;
  }

  equals(other: PublicSigningKey): boolean {
    return equalBytes(this.bytes, other.bytes);
  }
}

/** An Ed25519 pair; the public part always belongs to the seed (A-2 §2). */
export class SigningKeyPair {
  readonly publicKey: PublicSigningKey;
  /** 64 bytes: seed, then public key. */
  readonly secret: Uint8Array;

  private constructor(publicKey: PublicSigningKey, secret: Uint8Array) {
    this.publicKey = publicKey;
    this.secret = secret;
  }

  static fromSeed(seed: Uint8Array): SigningKeyPair {
    if (seed.length !== SECRET_BYTES) throw new RangeError('a seed has 32 bytes');
    const publicKey = inUse.ed25519PublicKey(seed);
    return new SigningKeyPair(new PublicSigningKey(publicKey), concat(seed, publicKey));
  }

  static random(random: Random): SigningKeyPair {
    return SigningKeyPair.fromSeed(random(SECRET_BYTES));
  }

  static fromCbor(value: CborValue | undefined): SigningKeyPair {
    const [publicPart, secretPart] = asList(value, 'a signing key pair');
    const publicKey = PublicSigningKey.fromCbor(publicPart);
    const secret = keyBytes(secretPart, SECRET_KEY_BYTES, 'a secret signing key');
    if (!equalBytes(secret.subarray(SECRET_BYTES), publicKey.bytes)) {
      throw new MalformedCbor('The two halves of a signing key pair do not belong together.');
    }
    return new SigningKeyPair(publicKey, secret);
  }

  get seed(): Uint8Array {
    return this.secret.subarray(0, SECRET_BYTES);
  }

  get hash(): KeyHash {
    return this.publicKey.hash();
  }

  toCbor(): CborValue {
    return [this.publicKey.toCbor(), [ED25519, this.secret]];
  }

  /** Text form, holding the secret: `z` and base58 of the CBOR. */
  toSecretText(): string {
    return toMultibase(encodeCbor(this.toCbor()));
  }
}

/** A secret signing key and the name of its public key: "SigningPrivateKeyAndPublicHash". */
export class Signer {
  readonly hash: KeyHash;
  /** 64 bytes: seed, then public key. */
  readonly secret: Uint8Array;

  private constructor(hash: KeyHash, secret: Uint8Array) {
    this.hash = hash;
    this.secret = secret;
  }

  static of(pair: SigningKeyPair): Signer {
    return new Signer(pair.hash, pair.secret);
  }

  static fromCbor(value: CborValue | undefined): Signer {
    const map = asMap(value, 'a signer');
    const hash = asKeyHash(field(map, 'p', 'a signer'), 'the key of a signer');
    const secret = keyBytes(field(map, 's', 'a signer'), SECRET_KEY_BYTES, 'a secret signing key');
    const publicKey = PublicSigningKey.fromHash(hash);
    if (publicKey !== undefined && !equalBytes(secret.subarray(SECRET_BYTES), publicKey.bytes)) {
      throw new MalformedCbor('The secret key of a signer belongs to another name.');
    }
    return new Signer(hash, secret);
  }

  toCbor(): CborValue {
    return cborMap([
      ['p', this.hash],
      ['s', [ED25519, this.secret]],
    ]);
  }
}

/** Whatever can sign. */
export type SecretHolder = Pick<Signer, 'secret'>;

/** Signature (64 bytes), then the message. */
export async function sign(signer: SecretHolder, message: Uint8Array): Promise<Uint8Array> {
  return concat(await signDetached(signer, message), message);
}

/** The signature alone (64 bytes). */
export function signDetached(signer: SecretHolder, message: Uint8Array): Promise<Uint8Array> {
  return Promise.resolve(inUse.ed25519Sign(signer.secret, message));
}

/** The message of an attached signature by `key`. Rejects with {@link BadSignature}. */
export async function verifySigned(key: PublicSigningKey, signed: Uint8Array): Promise<Uint8Array> {
  if (signed.length < SIGNATURE_BYTES) throw new BadSignature('A signed message is too short.');
  const message = signed.subarray(SIGNATURE_BYTES);
  await verifyDetached(key, message, signed.subarray(0, SIGNATURE_BYTES));
  return message;
}

/** Resolves if `signature` (64 bytes) of `message` is by `key`; rejects with {@link BadSignature}. */
export function verifyDetached(
  key: PublicSigningKey,
  message: Uint8Array,
  signature: Uint8Array,
): Promise<void> {
  if (verifyEd25519(key.bytes, message, signature)) return Promise.resolve();
  return Promise.reject(new BadSignature());
}

/** The authorisation to write a block: its SHA-256, signed; 96 bytes (A-2 §2). */
export async function signBlock(signer: SecretHolder, block: Uint8Array): Promise<Uint8Array> {
  return sign(signer, await sha256(block));
}

/** "I ask now": the time in milliseconds since 1970, signed (B-1). */
export function signTime(signer: SecretHolder, nowMs: number): Promise<Uint8Array> {
  return sign(signer, encodeCbor(nowMs));
}

/** "I ask for this now": path without leading slash and query, and the time, signed (B-1). */
export function signRequest(
  signer: SecretHolder,
  path: string,
  nowMs: number,
): Promise<Uint8Array> {
  const request = cborMap([
    ['p', path],
    ['t', nowMs],
  ]);
  return sign(signer, encodeCbor(request));
}

/** A SymmetricLinkToSigner: the holder of `from` can sign (A-2 §1). */
export function signerLink(from: SymmetricKey, signer: Signer, random: Random): CborValue {
  return sealCbor(from, signer.toCbor(), random);
}

/**
 * The signer behind a {@link signerLink}. Throws `CannotDecrypt` for another key, `MalformedCbor`.
 */
export function openSignerLink(from: SymmetricKey, link: CborValue | undefined): Signer {
  return Signer.fromCbor(openCbor(from, link));
}

/** `[type, bytes]` of an Ed25519 key. */
function keyBytes(value: CborValue | undefined, length: number, what: string): Uint8Array {
  const [type, bytes] = asList(value, what);
  if (asInteger(type, `the type of ${what}`) !== ED25519) {
    throw new MalformedCbor(`${what} has an unknown type.`);
  }
  return asBytesOf(bytes, length, what);
}
