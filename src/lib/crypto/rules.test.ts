/** What this room refuses: altered, weak and hostile input, on the reference and on the engines. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { concat, fromHex, MalformedBytes, toHex, utf8 } from '#lib/bytes/index.ts';
import { Cid, CODEC, decodeBlock, encodeCbor, HASH_TYPE, MalformedCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { LOW_ORDER_U } from './edge-cases.ts';
import {
  algorithmFromCbor,
  asKeyHash,
  BadKey,
  BadOwnerProof,
  Bat,
  box,
  BoxingKeyPair,
  boxPadded,
  CannotDecrypt,
  DamagedBlock,
  deriveLogin,
  HarshAlgorithm,
  hashBlock,
  newLoginAlgorithm,
  open,
  openCbor,
  ownerProof,
  PublicBoxingKey,
  PublicSigningKey,
  rawBlockPrefix,
  scrypt,
  seal,
  sealCbor,
  Signer,
  SigningKeyPair,
  sourcedFromCbor,
  sourcedToCbor,
  splitRawBlock,
  SymmetricKey,
  systemRandom,
  toBatId,
  unbox,
  verifyBlock,
  verifyOwnerProof,
  batIdsOfBlock,
} from './index.ts';
import { onEveryEngine } from './testing.ts';

const pair = SigningKeyPair.fromSeed(new Uint8Array(32).fill(4));
const other = SigningKeyPair.fromSeed(new Uint8Array(32).fill(5));
const message = utf8('a message');

onEveryEngine('rules', () => {
  it('a point of low order shares no secret', () => {
    const sender = BoxingKeyPair.fromCurveSecret(new Uint8Array(32).fill(1));
    for (const curve of LOW_ORDER_U) {
      const recipient = PublicBoxingKey.fromCbor([1, curve]);
      expect(() => box(message, recipient, sender.secretKey, systemRandom)).toThrow(BadKey);
      expect(() => unbox(new Uint8Array(80), sender.secretKey, recipient)).toThrow(BadKey);
    }
  });

  it('boxes of both kinds open for the recipient alone', () => {
    const makers = [
      () => BoxingKeyPair.random(systemRandom),
      () => BoxingKeyPair.fromCurveSecret(systemRandom(32)),
    ];
    for (const make of makers) {
      const [a, b, c] = [make(), make(), make()];
      const cipher = box(message, b.publicKey, a.secretKey, systemRandom);
      expect(unbox(cipher, b.secretKey, a.publicKey)).toEqual(message);
      expect(() => unbox(cipher, c.secretKey, a.publicKey)).toThrow(CannotDecrypt);
      expect(() => unbox(cipher, b.secretKey, c.publicKey)).toThrow(CannotDecrypt);
      const padded = boxPadded(message, 512, b.publicKey, a.secretKey, systemRandom);
      expect(unbox(padded, b.secretKey, a.publicKey)).toHaveLength(512);
      const sourced = sourcedFromCbor(
        decodeBlock(encodeCbor(sourcedToCbor({ sender: a.publicKey, cipher }))),
      );
      expect(unbox(sourced.cipher, b.secretKey, sourced.sender)).toEqual(message);
    }
  });

  it('boxes of different kinds do not mix', () => {
    const hybrid = BoxingKeyPair.random(systemRandom);
    const curve = BoxingKeyPair.fromCurveSecret(systemRandom(32));
    expect(() => box(message, hybrid.publicKey, curve.secretKey, systemRandom)).toThrow(BadKey);
    const cipher = box(message, curve.publicKey, curve.secretKey, systemRandom);
    expect(() => unbox(cipher, hybrid.secretKey, curve.publicKey)).toThrow(CannotDecrypt);
  });

  it('any bytes in a box are a named error', () => {
    const hybrid = BoxingKeyPair.random(systemRandom);
    const cipher = box(message, hybrid.publicKey, hybrid.secretKey, systemRandom);
    fc.assert(
      fc.property(fc.nat(), fc.nat(7), (at, bit) => {
        const altered = cipher.slice();
        altered[at % altered.length]! ^= 1 << bit;
        try {
          unbox(altered, hybrid.secretKey, hybrid.publicKey);
          expect.unreachable();
        } catch (error) {
          expect([CannotDecrypt, BadKey, MalformedCbor]).toContain((error as Error).constructor);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('a sealed value that was cut or extended does not open', () => {
    const key = SymmetricKey.random(systemRandom);
    const nonce = systemRandom(24);
    const sealed = seal(key, nonce, message);
    expect(() => open(key, nonce, sealed.subarray(1))).toThrow(CannotDecrypt);
    expect(() => open(key, nonce, concat(sealed, new Uint8Array(1)))).toThrow(CannotDecrypt);
    expect(() => open(key, nonce.subarray(1), sealed)).toThrow(CannotDecrypt);
    expect(() => open(key, nonce, sealed.subarray(0, 15))).toThrow(CannotDecrypt);
    expect(open(key, nonce, sealed, new Uint8Array(message.length))).toEqual(message);
    expect(() => open(key, nonce, sealed, new Uint8Array(3))).toThrow(RangeError);
    expect(() => seal(key, nonce, message, new Uint8Array(3))).toThrow(RangeError);
    expect(() => seal(key, nonce.subarray(1), message)).toThrow(RangeError);
  });

  it('a sealed text owns its memory, so it may be transferred', () => {
    const key = SymmetricKey.random(systemRandom);
    const sealed = seal(key, systemRandom(24), message);
    expect(sealed.buffer.byteLength).toBe(sealed.length);
    const nonce = systemRandom(24);
    const opened = open(key, nonce, seal(key, nonce, message));
    expect(opened.buffer.byteLength).toBe(opened.length);
  });

  it('every sealing draws its own nonce', () => {
    const key = SymmetricKey.random(systemRandom);
    const nonces = Array.from({ length: 50 }, () => sealCbor(key, 1, systemRandom) as CborValue[]);
    expect(new Set(nonces.map(([nonce]) => toHex(nonce as Uint8Array))).size).toBe(50);
    expect(openCbor(key, nonces[0])).toBe(1);
  });

  it('a block with another content, hash or size is refused', async () => {
    const block = encodeCbor(['a block']);
    const cid = await hashBlock(block, CODEC.dagCbor);
    await expect(verifyBlock(cid, block)).resolves.toBe(undefined);
    await expect(verifyBlock(cid, encodeCbor(['b block']))).rejects.toThrow(DamagedBlock);
    const blake3 = Cid.v1(CODEC.raw, HASH_TYPE.blake3, cid.digest);
    await expect(verifyBlock(blake3, block)).rejects.toThrow('cannot be checked');
    const huge = new Uint8Array(1_048_677);
    await expect(verifyBlock(await hashBlock(huge, CODEC.raw), huge)).rejects.toThrow('larger');
    const inlined = Cid.identity(CODEC.raw, message);
    await expect(verifyBlock(inlined, message)).resolves.toBe(undefined);
    await expect(verifyBlock(inlined, block)).rejects.toThrow(DamagedBlock);
  });

  it('an owner proof holds for its parent alone', async () => {
    const proof = await ownerProof(pair, other.hash);
    expect((await verifyOwnerProof(proof, other.hash)).equals(pair.hash)).toBe(true);
    await expect(verifyOwnerProof(proof, pair.hash)).rejects.toThrow(BadOwnerProof);
    for (const bad of [null, new Map(), new Map([['o', pair.hash]]), new Map([['o', 1]])]) {
      await expect(verifyOwnerProof(bad, other.hash)).rejects.toThrow(BadOwnerProof);
    }
  });

  it('the key of a legacy owner proof is looked up', async () => {
    const block = encodeCbor(pair.publicKey.toCbor());
    const legacy = asKeyHash(await hashBlock(block, CODEC.dagCbor), 'a key');
    const made = (await ownerProof(pair, other.hash)) as Map<string, CborValue>;
    const proof = new Map([...made, ['o', legacy]]);
    await expect(verifyOwnerProof(proof, other.hash)).rejects.toThrow('cannot be found');
    const child = await verifyOwnerProof(proof, other.hash, (hash) =>
      Promise.resolve(hash.equals(legacy) ? pair.publicKey : undefined),
    );
    expect(child.equals(legacy)).toBe(true);
  });

  it('serialised keys are refused when a type, length or half is wrong', () => {
    const bytes = new Uint8Array(32);
    const secret = concat(bytes, bytes);
    const refused: [string, () => unknown][] = [
      ['symmetric type', () => SymmetricKey.fromCbor([2, bytes, false])],
      ['symmetric length', () => SymmetricKey.fromCbor([1, secret, false])],
      ['symmetric flag', () => SymmetricKey.fromCbor([1, bytes])],
      ['signing type', () => PublicSigningKey.fromCbor([2, bytes])],
      ['signing length', () => PublicSigningKey.fromCbor([1, secret])],
      ['halves of a pair', () => SigningKeyPair.fromCbor([[1, bytes.map(() => 1)], [1, secret]])],
      ['name of a signer', () => Signer.fromCbor(new Map<string, CborValue>([['p', pair.hash], ['s', [1, other.secret]]]))],
      ['boxing type', () => PublicBoxingKey.fromCbor([3, bytes])],
      ['boxing nesting', () => PublicBoxingKey.fromCbor([2, new Map<string, CborValue>([['c', [2, new Map()]], ['m', new Map()]])])],
      ['kinds of a boxing pair', () => BoxingKeyPair.fromCbor([[1, bytes], BoxingKeyPair.random(systemRandom).secretKey.toCbor()])],
      ['token length', () => Bat.fromCbor(new Map([['s', secret]]))],
      ['token id', () => toBatId(pair.hash.bytes)],
      ['token id bytes', () => toBatId(bytes)],
      ['key hash type', () => asKeyHash(Cid.v1(CODEC.dagCbor, HASH_TYPE.blake3, bytes), 'it')],
    ]; // prettier-ignore
    for (const [what, read] of refused) expect(read, what).toThrow(MalformedCbor);
  });

  it('a signer keeps the key of its name', () => {
    const signer = Signer.fromCbor(decodeBlock(encodeCbor(Signer.of(pair).toCbor())));
    expect(signer.hash.equals(pair.hash)).toBe(true);
    expect(PublicSigningKey.fromHash(signer.hash)?.equals(pair.publicKey)).toBe(true);
  });

  it('raw blocks with a damaged token list are refused, not misread', () => {
    const bat = Bat.random(systemRandom);
    const block = concat(rawBlockPrefix([bat.inlineId()]), message);
    expect(splitRawBlock(block).payload).toEqual(message);
    const magic = block.subarray(0, 8);
    for (const list of ['', '8240', 'a0', '9a7fffffff', '8158240155', '81d82a450001550000']) {
      expect(() => splitRawBlock(concat(magic, fromHex(list))), list).toThrow(MalformedCbor);
    }
    expect(batIdsOfBlock(message, CODEC.dagPb)).toEqual([]);
    expect(() => rawBlockPrefix(new Array(3).fill(bat.inlineId()))).toThrow(RangeError);
  });

  it.each([
    ['too weak', { m: 14 }],
    ['too large', { m: 21 }],
    ['too much memory', { m: 20, c: 8 }],
    ['too much memory by r', { m: 17, c: 64 }],
    ['too much work', { m: 17, p: 17 }],
    ['no blocks', { c: 0 }],
    ['negative', { p: -1 }],
  ])('a password algorithm that is %s is refused', async (_, change) => {
    const algorithm = { ...newLoginAlgorithm(systemRandom), ...change };
    const cbor = new Map(Object.entries(algorithm));
    expect(() => algorithmFromCbor(cbor)).toThrow(HarshAlgorithm);
    await expect(async () => deriveLogin('alice', 'x', algorithm)).rejects.toThrow(HarshAlgorithm);
  });

  it('an account without password says so', async () => {
    await expect(deriveLogin('alice', 'x', { type: 0 })).rejects.toThrow(HarshAlgorithm);
    const link = { type: 1, m: 15, c: 8, p: 1, o: 32, s: '' } as const;
    await expect(deriveLogin('alice', 'x', link)).rejects.toThrow(HarshAlgorithm);
  });

  it('a password that is no text is refused', async () => {
    const algorithm = newLoginAlgorithm(systemRandom);
    const derived = async () => deriveLogin('alice', '\ud800', algorithm);
    await expect(derived).rejects.toThrow(MalformedBytes);
  });

  it('a derivation can be given up', async () => {
    const cost = { log2N: 15, r: 8, p: 1, length: 64 };
    await expect(scrypt(message, message, cost, AbortSignal.abort())).rejects.toThrow();
    const controller = new AbortController();
    const derived = scrypt(message, message, cost, controller.signal);
    controller.abort();
    await expect(derived).rejects.toThrow();
  });

  it('the salt of a new account is 32 random bytes', () => {
    const salts = Array.from({ length: 20 }, () => newLoginAlgorithm(systemRandom).s);
    expect(new Set(salts).size).toBe(20);
    expect(salts.every((salt) => /^[0-9a-f]{64}$/.test(salt))).toBe(true);
  });

  it('random bytes come in any amount', () => {
    expect(systemRandom(0)).toHaveLength(0);
    const many = systemRandom(200_000);
    for (const at of [0, 65_536, 131_072, 199_900]) {
      expect(many.subarray(at, at + 32).some((byte) => byte !== 0)).toBe(true);
    }
  });
});
