import { expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { partA, partB, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  algorithmFromCbor,
  algorithmToCbor,
  blake2b512,
  BoxingKeyPair,
  deriveLogin,
  hashBlock,
  hashBlockNow,
  hmacSha256,
  kdf,
  NULL_KEY_HASH,
  PublicBoxingKey,
  PublicSigningKey,
  SecretBoxingKey,
  sha256,
  sha256Now,
  Signer,
  SigningKeyPair,
  stretchPassword,
  SymmetricKey,
  verifyBlock,
} from './index.ts';
import type { GenerationAlgorithm } from './index.ts';
import { onEveryEngine } from './testing.ts';
import { pattern } from '../../../tests/vectors/pattern.ts';

const hexOf = (value: CborValue) => toHex(encodeCbor(value));
const valueOf = (hex: string) => decodeBlock(fromHex(hex));

interface HashLine {
  input: string;
  sha256: string;
  blake2b512: string;
  hmacKey: string;
  hmacSha256: string;
  kdf: string;
}

interface PatternLine {
  seed: number;
  length: number;
  bytes?: string;
  sha256?: string;
}

interface LoginLine {
  username: string;
  password: string;
  algorithm: GenerationAlgorithm;
  algorithmCbor: string;
  loginSeed: string;
  loginPublic: string;
  loginSecret: string;
  loginKeyHash: string;
  rootKey: string;
  legacy: boolean;
  boxingSecret?: string;
  boxingPublic?: string;
}

interface KeyLine {
  type: string;
  seed?: string;
  public?: string;
  secret?: string;
  key?: string;
  dirty?: boolean;
  cbor?: string;
  text?: string;
  publicCbor?: string;
  secretCbor?: string;
}

onEveryEngine('golden hashes and keys', () => {
  it.each(vectorsOf<HashLine>('hash'))('hash $name', async (line) => {
    const input = fromHex(line.input);
    expect(toHex(sha256Now(input))).toBe(line.sha256);
    expect(toHex(await sha256(input))).toBe(line.sha256);
    expect(toHex(blake2b512(input))).toBe(line.blake2b512);
    expect(toHex(hmacSha256(fromHex(line.hmacKey), input))).toBe(line.hmacSha256);
    expect(toHex(kdf(input))).toBe(line.kdf);
  });

  it.each(vectorsOf<PatternLine>('pattern'))('pattern $name', async (line) => {
    const bytes = pattern(line.seed, line.length);
    if (line.bytes !== undefined) expect(toHex(bytes)).toBe(line.bytes);
    if (line.sha256 !== undefined) expect(toHex(await sha256(bytes))).toBe(line.sha256);
  });

  it('makes the CIDs of A-11 and B-8', async () => {
    const cids = partA<Record<string, string>>('cids');
    expect((await hashBlock(fromHex('a0'), CODEC.dagCbor)).toString()).toBe(cids.dagCborOfEmptyMap);
    expect(hashBlockNow(utf8('hello'), CODEC.raw).toString()).toBe(cids.rawOfHello);
    const { cbor, cidText } = partB<{ cbor: string; cidText: string }>('block');
    expect(hashBlockNow(fromHex(cbor), CODEC.dagCbor).toString()).toBe(cidText);
  });

  it.each(vectorsOf<{ bytes: string; block?: string; text: string }>('cid'))(
    'verifies block $name',
    async ({ bytes, block }) => {
      if (block === undefined) return;
      const { Cid } = await import('#lib/codec/index.ts');
      const cid = Cid.fromBytes(fromHex(bytes));
      await expect(verifyBlock(cid, fromHex(block))).resolves.toBeUndefined();
      await expect(verifyBlock(cid, fromHex(`${block}00`))).rejects.toThrow('changed');
    },
  );

  it('A-11 and B-8: KDF and name hash', () => {
    const { ikm, out } = partA<Record<'ikm' | 'out', string>>('hkdf');
    expect(toHex(kdf(fromHex(ikm)))).toBe(out);
    const named = partB<Record<'username' | 'blake2b512', string>>('pkiKeyHash');
    expect(toHex(blake2b512(utf8(named.username)))).toBe(named.blake2b512);
  });

  it.each(vectorsOf<KeyLine>('key'))('key $name', (line) => {
    const { cbor = '', seed = '' } = line;
    switch (line.type) {
      case 'SymmetricKey':
        expect(hexOf(new SymmetricKey(fromHex(line.key!), line.dirty).toCbor())).toBe(cbor);
        expect(hexOf(SymmetricKey.fromCbor(valueOf(cbor)).toCbor())).toBe(cbor);
        break;
      case 'PublicSigningKey':
        expect(hexOf(SigningKeyPair.fromSeed(fromHex(seed)).publicKey.toCbor())).toBe(cbor);
        expect(toHex(PublicSigningKey.fromCbor(valueOf(cbor)).bytes)).toBe(line.public);
        break;
      case 'SecretSigningKey':
        expect(toHex(SigningKeyPair.fromSeed(fromHex(seed)).secret)).toBe(line.secret);
        expect(hexOf([1, fromHex(line.secret!)])).toBe(cbor);
        break;
      case 'SigningKeyPair':
        expect(hexOf(SigningKeyPair.fromSeed(fromHex(seed)).toCbor())).toBe(cbor);
        expect(SigningKeyPair.fromCbor(valueOf(cbor)).toSecretText()).toBe(line.text);
        break;
      case 'SigningPrivateKeyAndPublicHash':
        expect(hexOf(Signer.of(SigningKeyPair.fromSeed(fromHex(seed))).toCbor())).toBe(cbor);
        expect(hexOf(Signer.fromCbor(valueOf(cbor)).toCbor())).toBe(cbor);
        break;
      default:
        checkBoxingKey(line);
    }
  });

  it.each(
    vectorsOf<{ keyCbor: string | null; cid: string; text: string; cbor: string; inline: boolean }>(
      'publicKeyHash',
    ),
  )('key hash $name', ({ keyCbor, cid, text, cbor, inline }) => {
    const hash =
      keyCbor === null
        ? NULL_KEY_HASH
        : keyCbor.length === 72 && keyCbor.startsWith('8201')
          ? PublicSigningKey.fromCbor(valueOf(keyCbor)).hash()
          : PublicBoxingKey.fromCbor(valueOf(keyCbor)).hash();
    expect(toHex(hash.bytes)).toBe(cid);
    expect(hash.toString()).toBe(text);
    expect(hexOf(hash)).toBe(cbor);
    expect(hash.isIdentity).toBe(inline);
  });

  it.each(vectorsOf<LoginLine>('scryptLogin'))('log-in $name', async (line) => {
    const algorithm = algorithmFromCbor(valueOf(line.algorithmCbor));
    expect(algorithm).toEqual(line.algorithm);
    expect(hexOf(algorithmToCbor(algorithm))).toBe(line.algorithmCbor);
    const { login, root, legacyBoxSecret } = await deriveLogin(
      line.username,
      line.password,
      algorithm,
    );
    expect(toHex(login.seed)).toBe(line.loginSeed);
    expect(hexOf(login.publicKey.toCbor())).toBe(line.loginPublic);
    expect(hexOf([1, login.secret])).toBe(line.loginSecret);
    expect(login.hash.toString()).toBe(line.loginKeyHash);
    expect(hexOf(root.toCbor())).toBe(line.rootKey);
    expect(legacyBoxSecret !== undefined).toBe(line.legacy);
    if (legacyBoxSecret === undefined) return;
    const boxer = BoxingKeyPair.fromCurveSecret(legacyBoxSecret);
    expect(hexOf(boxer.secretKey.toCbor())).toBe(line.boxingSecret);
    expect(hexOf(boxer.publicKey.toCbor())).toBe(line.boxingPublic);
  });

  it.each(vectorsOf<{ cbor: string; parsed: object; reencoded: string }>('algorithm'))(
    'algorithm $name',
    ({ cbor, parsed, reencoded }) => {
      const algorithm = algorithmFromCbor(valueOf(cbor));
      expect(algorithm).toEqual(parsed);
      expect(hexOf(algorithmToCbor(algorithm))).toBe(reencoded);
    },
  );

  it.each(
    vectorsOf<{
      label: string;
      password: string;
      params: { m: number; c: number; p: number; o: 32 };
      key: string;
    }>('scryptLink'),
  )('link password $name', async ({ label, password, params, key }) => {
    const stretched = await stretchPassword(password, label, { type: 1, ...params, s: '' });
    expect(toHex(stretched)).toBe(key);
  });

  it('A-11 and B-8: log-in keys', async () => {
    const a = partA<Record<string, string>>('scrypt');
    const base = { type: 1, m: 17, c: 8, p: 1, o: 64 } as const;
    expect(toHex(await stretchPassword(a.password!, 'alice00', { ...base, s: '' }))).toBe(a.out);
    const b = partB<Record<string, string>>('scrypt');
    const algorithm = algorithmFromCbor(valueOf(b.algorithm!));
    const { login, root } = await deriveLogin(b.username!, b.password!, algorithm);
    expect(toHex(login.seed) + toHex(root.bytes)).toBe(b.output);
    expect(toHex(login.publicKey.bytes)).toBe(b.loginPublicKey);
  });

  it('A-11 and B-8: key pairs from seeds', () => {
    const keys = partA<Record<string, string>>('keys');
    const owner = SigningKeyPair.fromSeed(fromHex(keys.ownerSeed!));
    expect(toHex(owner.publicKey.bytes)).toBe(keys.ownerPublic);
    expect(hexOf(owner.publicKey.toCbor())).toBe(keys.ownerPublicKeyCbor);
    expect(hexOf([1, owner.secret])).toBe(keys.ownerSecretKeyCbor);
    const identity = partB<Record<string, string>>('identity');
    expect(owner.hash.toString()).toBe(identity.keyIdText);
    expect(toHex(owner.hash.bytes)).toBe(identity.keyIdBytes);
    const writer = partB<Record<string, string>>('writer');
    const writerPair = SigningKeyPair.fromSeed(fromHex(writer.seed!));
    expect(toHex(writerPair.publicKey.bytes)).toBe(writer.publicKey);
  });
});

function checkBoxingKey(line: KeyLine): void {
  const { cbor, publicCbor, secretCbor, type } = line;
  if (cbor !== undefined && type.startsWith('Public')) {
    expect(hexOf(PublicBoxingKey.fromCbor(valueOf(cbor)).toCbor())).toBe(cbor);
  } else if (cbor !== undefined && type.startsWith('Secret')) {
    expect(hexOf(SecretBoxingKey.fromCbor(valueOf(cbor)).toCbor())).toBe(cbor);
  } else if (cbor !== undefined) {
    expect(hexOf(BoxingKeyPair.fromCbor(valueOf(cbor)).toCbor())).toBe(cbor);
  }
  if (publicCbor !== undefined) {
    expect(hexOf(PublicBoxingKey.fromCbor(valueOf(publicCbor)).toCbor())).toBe(publicCbor);
  }
  if (secretCbor !== undefined) {
    expect(hexOf(SecretBoxingKey.fromCbor(valueOf(secretCbor)).toCbor())).toBe(secretCbor);
  }
}
