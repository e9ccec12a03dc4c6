/** Which signatures count: the rule of `ed25519.ts`, on the reference and on the engines. */
import { ed25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { verifyEd25519 } from './ed25519.ts';
import { COFACTOR_CASES } from './edge-cases.ts';
import { inUse } from './engine.ts';
import type { Engine } from './engine.ts';
import { BadSignature, PublicSigningKey, sign, SigningKeyPair, verifySigned } from './index.ts';
import { onEveryEngine } from './testing.ts';

const pair = SigningKeyPair.fromSeed(new Uint8Array(32).fill(4));
const other = SigningKeyPair.fromSeed(new Uint8Array(32).fill(5));
const message = utf8('a message');
const ORDER = ed25519.Point.Fn.ORDER;

onEveryEngine('signature rules', () => {
  it('a signature whose S is not reduced is refused', () => {
    const signature = ed25519.sign(message, pair.seed);
    expect(verifyEd25519(pair.publicKey.bytes, message, signature)).toBe(true);
    for (const multiple of [1n, 2n, 8n]) {
      const s = littleEndian(signature.subarray(32)) + multiple * ORDER;
      const malleable = concat(signature.subarray(0, 32), toLittleEndian(s));
      expect(verifyEd25519(pair.publicKey.bytes, message, malleable)).toBe(false);
    }
  });

  it('keys and Rs of small order are refused, in every encoding', () => {
    const encodings = smallOrderEncodings();
    expect(encodings).toHaveLength(14);
    for (const point of encodings) {
      for (const r of [...encodings, toLittleEndian(1n)]) {
        const signature = concat(r, new Uint8Array(32)); // S = 0 fits such keys for some messages
        for (let i = 0; i < 4; i++) {
          expect(verifyEd25519(point, Uint8Array.of(i), signature)).toBe(false);
        }
      }
    }
    // A good key does not help an R of small order: R = 0·B, S = k·a.
    const k = ed25519.Point.Fn.ORDER - 1n;
    const forged = concat(toLittleEndian(1n), toLittleEndian(k));
    expect(verifyEd25519(pair.publicKey.bytes, message, forged)).toBe(false);
  });

  it('keys that are no canonical point are refused', () => {
    const signature = ed25519.sign(message, pair.seed);
    const p = 2n ** 255n - 19n;
    for (let y = p; y < p + 19n; y++) {
      expect(verifyEd25519(toLittleEndian(y), message, signature)).toBe(false);
      expect(verifyEd25519(toLittleEndian(y + 2n ** 255n), message, signature)).toBe(false);
    }
    expect(verifyEd25519(toLittleEndian(2n), message, signature)).toBe(false); // not on the curve
  });

  it('a key in a Node buffer is left as it was', () => {
    const key = Buffer.from(toLittleEndian(2n + 2n ** 255n));
    verifyEd25519(key, message, new Uint8Array(64));
    expect(toHex(key)).toBe(toHex(toLittleEndian(2n + 2n ** 255n)));
  });

  it('the cofactor is not multiplied away', () => {
    for (const edge of COFACTOR_CASES) {
      expect(verifyEd25519(edge.publicKey, edge.message, edge.signature)).toBe(edge.valid);
    }
  });

  it('any 64 bytes are a bad signature, never another error', async () => {
    const bytes = fc.uint8Array({ minLength: 64, maxLength: 64 });
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.uint8Array({ minLength: 32, maxLength: 32 }),
        async (signature, key) => {
          const verified = verifySigned(new PublicSigningKey(key), concat(signature, message));
          await expect(verified).rejects.toThrow(BadSignature);
        },
      ),
      { numRuns: 40 },
    );
  });

  it('a signed message is refused when any bit differs', async () => {
    const signed = await sign(pair, message);
    for (let bit = 0; bit < signed.length * 8; bit += 13) {
      const altered = signed.slice();
      altered[bit >> 3]! ^= 1 << (bit & 7);
      await expect(verifySigned(pair.publicKey, altered)).rejects.toThrow(BadSignature);
    }
    await expect(verifySigned(other.publicKey, signed)).rejects.toThrow(BadSignature);
    await expect(verifySigned(pair.publicKey, signed.subarray(0, 63))).rejects.toThrow(
      BadSignature,
    );
  });
});

describe('an engine that believes every signature', () => {
  const believer: Engine = { name: 'believer', operations: { ed25519Verify: () => true } };
  const trusted = inUse.ed25519Verify;
  beforeAll(() => {
    inUse.ed25519Verify = believer.operations.ed25519Verify!;
  });
  afterAll(() => {
    inUse.ed25519Verify = trusted;
  });

  const key = pair.publicKey.bytes;
  const good = ed25519.sign(message, pair.seed);
  const r = good.subarray(0, 32);

  it('is believed about good shapes only', () => {
    expect(verifyEd25519(key, message, good)).toBe(true);
    expect(verifyEd25519(key, message, concat(r, toLittleEndian(ORDER - 1n)))).toBe(true);
  });

  it.each([ORDER, ORDER + 1n, 2n ** 253n, 2n ** 256n - 1n])('is not asked about S = %s', (s) => {
    expect(verifyEd25519(key, message, concat(r, toLittleEndian(s)))).toBe(false);
  });

  it('is not asked about keys or Rs of small order', () => {
    for (const point of smallOrderEncodings()) {
      expect(verifyEd25519(point, message, good)).toBe(false);
      expect(verifyEd25519(key, message, concat(point, good.subarray(32)))).toBe(false);
    }
  });

  it('is not asked about keys beyond the field', () => {
    const p = 2n ** 255n - 19n;
    for (let y = p; y < p + 19n; y++) {
      expect(verifyEd25519(toLittleEndian(y), message, good)).toBe(false);
      expect(verifyEd25519(toLittleEndian(y + 2n ** 255n), message, good)).toBe(false);
    }
    expect(verifyEd25519(toLittleEndian(p - 2n), message, good)).toBe(true);
  });

  it('is not asked about other lengths', () => {
    expect(verifyEd25519(key.subarray(1), message, good)).toBe(false);
    expect(verifyEd25519(key, message, good.subarray(1))).toBe(false);
  });
});

/** Every 32 bytes that decode to a point of small order, canonical or not, with either sign bit. */
function smallOrderEncodings(): Uint8Array[] {
  const p = 2n ** 255n - 19n;
  const order8 = littleEndian(
    fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  );
  const ys = [0n, 1n, p - 1n, order8, p - order8, p, p + 1n];
  return ys.flatMap((y) => [toLittleEndian(y), toLittleEndian(y + 2n ** 255n)]);
}

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.slice().reverse())}`);
}

function toLittleEndian(n: bigint): Uint8Array {
  return fromHex(n.toString(16).padStart(64, '0')).reverse();
}
