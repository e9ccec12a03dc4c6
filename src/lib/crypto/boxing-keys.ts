/** Keys for public-key encryption and their serialised forms (A-2 §3). */
import { ml_kem1024 as mlkem } from '@noble/post-quantum/ml-kem.js';
import { equalBytes } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import {
  asBytesOf,
  asInteger,
  asList,
  asMap,
  cborMap,
  Cid,
  CODEC,
  encodeCbor,
  field,
  IDENTITY_MAX_BYTES,
  MalformedCbor,
  SECRET_BYTES,
} from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { inUse } from './engine.ts';
import { hashBlockNow } from './hash.ts';
import type { KeyHash } from './signing.ts';

/** Curve25519 alone: legacy. */
export const CURVE25519 = 1;
/** Curve25519 and ML-KEM-1024. */
export const HYBRID = 2;
export type BoxingKeyType = typeof CURVE25519 | typeof HYBRID;

const MLKEM_PUBLIC_BYTES = 1568;
const MLKEM_SECRET_BYTES = 3168;
const MLKEM_SEED_BYTES = 64;
export const MLKEM_CIPHERTEXT_BYTES = 1568;

const NO_MLKEM = new Uint8Array(0);

/** The two parts that both kinds of boxing key have; `mlkem` is empty for type 1. */
interface Parts {
  readonly type: BoxingKeyType;
  readonly curve: Uint8Array;
  readonly mlkem: Uint8Array;
}

/** A key that anybody may encrypt to (A-2 §3). */
export class PublicBoxingKey implements Parts {
  readonly type: BoxingKeyType;
  readonly curve: Uint8Array;
  readonly mlkem: Uint8Array;

  constructor({ type, curve, mlkem }: Parts) {
    this.type = type;
    this.curve = curve;
    this.mlkem = mlkem;
  }

  static fromCbor(value: CborValue | undefined): PublicBoxingKey {
    return new PublicBoxingKey(readParts(value, 'p', MLKEM_PUBLIC_BYTES, 'a public boxing key'));
  }

  toCbor(): CborValue {
    return writeParts(this, 'p');
  }

  /** Its name: inlined if short enough (type 1), else of the block that {@link toCbor} makes (type 2). */
  hash(): KeyHash {
    const block = encodeCbor(this.toCbor());
    const isInlined = block.length <= IDENTITY_MAX_BYTES;
    const cid = isInlined ? Cid.identity(CODEC.dagCbor, block) : hashBlockNow(block, CODEC.dagCbor);
    return cid as KeyHash;
  }

  equals(other: PublicBoxingKey): boolean {
    return (
      this.type === other.type &&
      equalBytes(this.curve, other.curve) &&
      equalBytes(this.mlkem, other.mlkem)
    );
  }
}

/** The key that opens what was encrypted to its public part (A-2 §3). */
export class SecretBoxingKey implements Parts {
  readonly type: BoxingKeyType;
  readonly curve: Uint8Array;
  readonly mlkem: Uint8Array;

  constructor({ type, curve, mlkem }: Parts) {
    this.type = type;
    this.curve = curve;
    this.mlkem = mlkem;
  }

  static fromCbor(value: CborValue | undefined): SecretBoxingKey {
    return new SecretBoxingKey(readParts(value, 's', MLKEM_SECRET_BYTES, 'a secret boxing key'));
  }

  toCbor(): CborValue {
    return writeParts(this, 's');
  }
}

/** Both parts of a boxing key, which belong together and are of one type (A-2 §3). */
export class BoxingKeyPair {
  readonly publicKey: PublicBoxingKey;
  readonly secretKey: SecretBoxingKey;

  private constructor(publicKey: PublicBoxingKey, secretKey: SecretBoxingKey) {
    this.publicKey = publicKey;
    this.secretKey = secretKey;
  }

  /** A new pair of type 2. */
  static random(random: Random): BoxingKeyPair {
    const curve = random(SECRET_BYTES);
    const { publicKey, secretKey } = mlkem.keygen(random(MLKEM_SEED_BYTES));
    return new BoxingKeyPair(
      new PublicBoxingKey({ type: HYBRID, curve: inUse.x25519PublicKey(curve), mlkem: publicKey }),
      new SecretBoxingKey({ type: HYBRID, curve, mlkem: secretKey }),
    );
  }

  /** The pair of type 1 that legacy accounts derive from their password. */
  static fromCurveSecret(curve: Uint8Array): BoxingKeyPair {
    if (curve.length !== SECRET_BYTES) throw new RangeError('a curve25519 secret has 32 bytes');
    const publicCurve = inUse.x25519PublicKey(curve);
    return new BoxingKeyPair(
      new PublicBoxingKey({ type: CURVE25519, curve: publicCurve, mlkem: NO_MLKEM }),
      new SecretBoxingKey({ type: CURVE25519, curve, mlkem: NO_MLKEM }),
    );
  }

  static fromCbor(value: CborValue | undefined): BoxingKeyPair {
    const [publicPart, secretPart] = asList(value, 'a boxing key pair');
    const publicKey = PublicBoxingKey.fromCbor(publicPart);
    const secretKey = SecretBoxingKey.fromCbor(secretPart);
    if (publicKey.type !== secretKey.type) {
      throw new MalformedCbor('The two halves of a boxing key pair do not belong together.');
    }
    return new BoxingKeyPair(publicKey, secretKey);
  }

  toCbor(): CborValue {
    return [this.publicKey.toCbor(), this.secretKey.toCbor()];
  }
}

/** `[1, curve]`, or `[2, {"c": [1, curve], "m": {"p" or "s": ML-KEM}}]`. */
function writeParts({ type, curve, mlkem }: Parts, mlkemField: 'p' | 's'): CborValue {
  if (type === CURVE25519) return [CURVE25519, curve];
  const parts = cborMap([
    ['c', [CURVE25519, curve]],
    ['m', cborMap([[mlkemField, mlkem]])],
  ]);
  return [HYBRID, parts];
}

function readParts(
  value: CborValue | undefined,
  mlkemField: 'p' | 's',
  mlkemLength: number,
  what: string,
): Parts {
  const [type, content] = asList(value, what);
  switch (asInteger(type, `the type of ${what}`)) {
    case CURVE25519:
      return { type: CURVE25519, curve: asBytesOf(content, SECRET_BYTES, what), mlkem: NO_MLKEM };
    case HYBRID: {
      const map = asMap(content, what);
      const curvePart = readParts(field(map, 'c', what), mlkemField, 0, what);
      if (curvePart.type !== CURVE25519) throw new MalformedCbor(`${what} is nested wrongly.`);
      const mlkemPart = field(asMap(field(map, 'm', what), what), mlkemField, what);
      return {
        type: HYBRID,
        curve: curvePart.curve,
        mlkem: asBytesOf(mlkemPart, mlkemLength, what),
      };
    }
    default:
      throw new MalformedCbor(`${what} has an unknown type.`);
  }
}
