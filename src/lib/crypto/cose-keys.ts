/**
 * Public keys of authenticators (COSE, RFC 9053; RFC 8230 for RSA) and their signatures: ES256,
 * EdDSA with Ed25519 and RS256, which are the kinds that registration asks for (B-3 §5). Hostile.
 */
import { p256 } from '@noble/curves/nist.js';
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { MalformedCbor } from '#lib/codec/index.ts';
import { decodeCtap } from './ctap-cbor.ts';
import type { CtapMap } from './ctap-cbor.ts';
import { verifyEd25519 } from './ed25519.ts';

const LABEL = {
  kind: 1,
  algorithm: 3,
  curve: -1,
  x: -2,
  y: -3,
  modulus: -1,
  exponent: -2,
} as const;
const KIND = { okp: 1, ec2: 2, rsa: 3 } as const;
const ALGORITHM = { eddsa: -8, es256: -7, rs256: -257 } as const;
const CURVE = { p256: 1, ed25519: 6 } as const;
const COORDINATE_BYTES = 32;
const RSA_MIN_BYTES = 256;
const RSA_MAX_BYTES = 1024;

/** A key that verifies signatures of its own kind. */
export type CoseKey = (message: Uint8Array, signature: Uint8Array) => Promise<boolean>;

/** Reads a COSE key; also says how many bytes it took. Throws `MalformedCbor`. */
export function parseCoseKey(bytes: Uint8Array): { key: CoseKey; length: number } {
  const { value, next } = decodeCtap(bytes);
  if (!(value instanceof Map)) throw new MalformedCbor('A key of an authenticator is no map.');
  return { key: keyOf(value as CtapMap), length: next };
}

function keyOf(map: CtapMap): CoseKey {
  const kind = map.get(LABEL.kind);
  const algorithm = map.get(LABEL.algorithm);
  const curve = map.get(LABEL.curve);
  if (kind === KIND.ec2 && algorithm === ALGORITHM.es256 && curve === CURVE.p256) {
    return es256(bytesAt(map, LABEL.x), bytesAt(map, LABEL.y));
  }
  if (kind === KIND.okp && algorithm === ALGORITHM.eddsa && curve === CURVE.ed25519) {
    const publicKey = coordinate(bytesAt(map, LABEL.x));
    return async (message, signature) => verifyEd25519(publicKey, message, signature);
  }
  if (kind === KIND.rsa && algorithm === ALGORITHM.rs256) {
    return rs256(bytesAt(map, LABEL.modulus), bytesAt(map, LABEL.exponent));
  }
  throw new MalformedCbor('A key of an authenticator is of an unknown kind.');
}

/** Signatures are DER; authenticators do not normalise S. */
function es256(x: Uint8Array, y: Uint8Array): CoseKey {
  const point = concat(Uint8Array.of(4), coordinate(x), coordinate(y));
  if (!p256.utils.isValidPublicKey(point)) throw new MalformedCbor('A point is not on its curve.');
  return async (message, signature) => {
    try {
      return p256.verify(signature, message, point, { format: 'der', lowS: false });
    } catch {
      return false; // not DER
    }
  };
}

function rs256(modulus: Uint8Array, exponent: Uint8Array): CoseKey {
  if (modulus.length < RSA_MIN_BYTES || modulus.length > RSA_MAX_BYTES) {
    throw new MalformedCbor('An RSA key has an unusual size.');
  }
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const jwk = { kty: 'RSA', n: base64url(modulus), e: base64url(exponent) };
  return async (message, signature) => {
    try {
      const key = await crypto.subtle.importKey('jwk', jwk, algorithm, false, ['verify']);
      return await crypto.subtle.verify(algorithm, key, signature.slice(), message.slice());
    } catch (error) {
      if (error instanceof PyrgosError) throw error;
      return false; // numbers that are no key
    }
  };
}

function bytesAt(map: CtapMap, label: number): Uint8Array {
  const value = map.get(label);
  if (value instanceof Uint8Array) return value;
  throw new MalformedCbor('A key of an authenticator is incomplete.');
}

function coordinate(bytes: Uint8Array): Uint8Array {
  if (bytes.length === COORDINATE_BYTES) return bytes;
  throw new MalformedCbor('A key of an authenticator has the wrong length.');
}

/** Base64 for URLs, without padding. */
export function base64url(bytes: Uint8Array): string {
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}
