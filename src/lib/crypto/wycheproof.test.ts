/** What other implementations got wrong, on the reference and on the engines in use. */
import { ml_kem1024 as mlkem } from '@noble/post-quantum/ml-kem.js';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { wycheproof } from '../../../tests/vectors/wycheproof.ts';
import { verifyEd25519 } from './ed25519.ts';
import { inUse } from './engine.ts';
import { hmacSha256 } from './hash.ts';
import { BadKey, box, BoxingKeyPair, PublicBoxingKey } from './index.ts';
import { onEveryEngine } from './testing.ts';

onEveryEngine('X25519', () => {
  it('shares what it should, and nothing with a point of low order', () => {
    const cases = wycheproof<{ public: string; private: string; shared: string }>('x25519');
    expect(cases).toHaveLength(518);
    let refused = 0;
    for (const { tcId, flags, result, ...it } of cases) {
      expect(result).not.toBe('invalid');
      const shared = inUse.x25519(fromHex(it.private), fromHex(it.public));
      const isZero = flags.includes('ZeroSharedSecret');
      expect(shared && toHex(shared), String(tcId)).toBe(isZero ? undefined : it.shared);
      if (isZero) refused++;
    }
    expect(refused).toBeGreaterThan(20);
  });
});

onEveryEngine('Ed25519', () => {
  it('believes what is valid, and nothing else', () => {
    const cases = wycheproof<{ publicKey: { pk: string }; msg: string; sig: string }>('ed25519');
    expect(cases).toHaveLength(151);
    for (const { tcId, publicKey, msg, sig, result } of cases) {
      const isGood = verifyEd25519(fromHex(publicKey.pk), fromHex(msg), fromHex(sig));
      expect(isGood, String(tcId)).toBe(result === 'valid');
    }
  });
});

onEveryEngine('scrypt', () => {
  // RFC 7914 §12, but for the one that takes a gigabyte.
  it.each([
    ['', '', 4, 1, 1, '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906'],
    ['password', 'NaCl', 10, 8, 16, 'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640'],
    ['pleaseletmein', 'SodiumChloride', 14, 8, 1, '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887'],
  ])('%j with %j', async (password, salt, log2N, r, p, expected) => {
    const [secret, salted] = [Buffer.from(password), Buffer.from(salt)];
    const out = await inUse.scrypt(secret, salted, { log2N, r, p, length: 64 });
    expect(toHex(out)).toBe(expected);
  }); // prettier-ignore
});

describe('HMAC-SHA-256', () => {
  it('has the tag of every valid case, and of no other', () => {
    const cases = wycheproof<{ key: string; msg: string; tag: string }>('hmac_sha256');
    expect(cases).toHaveLength(174);
    for (const { tcId, key, msg, tag, result } of cases) {
      const own = toHex(hmacSha256(fromHex(key), fromHex(msg))).slice(0, tag.length);
      expect(own === tag, String(tcId)).toBe(result === 'valid');
    }
  });
});

describe('ML-KEM-1024', () => {
  it('makes the key pair of a seed, and shares what it should', () => {
    const cases = wycheproof<{ seed: string; ek: string; c: string; K: string }>('mlkem_1024');
    expect(cases.length).toBeGreaterThan(10);
    for (const { tcId, seed, ek, c, K, result } of cases) {
      if (result !== 'valid') continue;
      const random = (length: number) =>
        length === 64 ? fromHex(seed) : new Uint8Array(length).fill(9);
      const pair = BoxingKeyPair.random(random);
      expect(toHex(pair.publicKey.mlkem), String(tcId)).toBe(ek);
      const shared = mlkem.decapsulate(fromHex(c), pair.secretKey.mlkem);
      expect(toHex(shared), String(tcId)).toBe(K);
    }
  });

  it('seals nothing for a key that is none', () => {
    const cases = wycheproof<{ ek: string; flags: string[] }>('mlkem_1024_encaps');
    const hostile = cases.filter(({ flags }) => flags.includes('ModulusOverflow'));
    expect(hostile.length).toBeGreaterThan(5);
    const random = (length: number) => new Uint8Array(length).fill(9);
    const sender = BoxingKeyPair.random(random);
    for (const { tcId, ek } of hostile) {
      const { curve, type } = sender.publicKey;
      const recipient = new PublicBoxingKey({ type, curve, mlkem: fromHex(ek) });
      const sealing = () => box(new Uint8Array(1), recipient, sender.secretKey, random);
      expect(sealing, String(tcId)).toThrow(BadKey);
    }
  });

  it('opens with whole keys and whole ciphertexts alone', () => {
    const cases = wycheproof<{ dk: string; c: string; K: string }>(
      'mlkem_1024_semi_expanded_decaps',
    );
    for (const { tcId, dk, c, K, result } of cases) {
      const opening = () => toHex(mlkem.decapsulate(fromHex(c), fromHex(dk)));
      if (result === 'valid') expect(opening(), String(tcId)).toBe(K);
      else expect(opening, String(tcId)).toThrow();
    }
  });
});
