import { expect, it } from 'vitest';
import { fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { Cid, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { partA, partB, vectorNamed, vectorsOf } from '../../../tests/vectors/load.ts';
import { pattern } from '../../../tests/vectors/pattern.ts';
import {
  BadOwnerProof,
  BadSignature,
  box,
  BoxingKeyPair,
  CannotDecrypt,
  hashBlockNow,
  keyLink,
  open,
  openCbor,
  openKeyLink,
  openSignerLink,
  ownerProof,
  PublicBoxingKey,
  PublicSigningKey,
  seal,
  sealCbor,
  SecretBoxingKey,
  sha256Now,
  sign,
  signBlock,
  signDetached,
  Signer,
  signerLink,
  SigningKeyPair,
  signRequest,
  signTime,
  SymmetricKey,
  toKeyHash,
  unbox,
  verifyDetached,
  verifyOwnerProof,
  verifySigned,
} from './index.ts';
import { onEveryEngine, scriptedRandom } from './testing.ts';

const hexOf = (value: CborValue) => toHex(encodeCbor(value));
const valueOf = (hex: string) => decodeBlock(fromHex(hex));
const keyOf = (hex: string) => new SymmetricKey(fromHex(hex));
const pairOf = (seed: string) => SigningKeyPair.fromSeed(fromHex(seed));
const nameOf = (text: string) => toKeyHash(Cid.parse(text), 'a key');

interface SecretboxLine {
  key: string;
  nonce: string;
  plain?: string;
  plainData?: { seed: number; length: number };
  cipher?: string;
  cipherSha256?: string;
  cipherPrefix?: string;
}

interface PaddedLine {
  key: string;
  nonce: string;
  blockSize: number;
  plainCbor?: string;
  plainData?: { seed: number; length: number };
  cbor?: string;
  cborSha256?: string;
}

interface BoxLine {
  senderSecret: string;
  senderPublic: string;
  recipientSecret: string;
  recipientPublic: string;
  nonce: string;
  plain: string;
  cipher: string;
}

type Strings = Record<string, string>;

onEveryEngine('golden ciphers', () => {
  it.each(vectorsOf<SecretboxLine>('secretbox'))('secretbox $name', (line) => {
    const key = keyOf(line.key);
    const nonce = fromHex(line.nonce);
    const data = line.plainData;
    const plain = data === undefined ? fromHex(line.plain!) : pattern(data.seed, data.length);
    const sealed = seal(key, nonce, plain);
    if (line.cipher !== undefined) expect(toHex(sealed)).toBe(line.cipher);
    if (line.cipherSha256 !== undefined) expect(toHex(sha256Now(sealed))).toBe(line.cipherSha256);
    expect(toHex(sealed).startsWith(line.cipherPrefix ?? '')).toBe(true);
    expect(toHex(open(key, nonce, sealed))).toBe(toHex(plain));
  });

  it.each(vectorsOf<Strings>('secretboxReject'))('refuses secretbox $name', (line) => {
    expect(() => open(keyOf(line.key!), fromHex(line.nonce!), fromHex(line.cipher!))).toThrow(
      CannotDecrypt,
    );
  });

  it.each(vectorsOf<Strings>('symmetricLink'))(
    'key link $name',
    ({ from, nonce, target, cbor }) => {
      const source = keyOf(from!);
      const to = SymmetricKey.fromCbor(valueOf(target!));
      expect(hexOf(keyLink(source, to, scriptedRandom(fromHex(nonce!))))).toBe(cbor);
      expect(openKeyLink(source, valueOf(cbor!)).equals(to)).toBe(true);
    },
  );

  it.each(vectorsOf<Strings>('symmetricLinkToSigner'))('signer link $name', (line) => {
    const source = keyOf(line.from!);
    const signer = Signer.of(pairOf(line.signerSeed!));
    expect(hexOf(signer.toCbor())).toBe(line.target);
    const link = signerLink(source, signer, scriptedRandom(fromHex(line.nonce!)));
    expect(hexOf(link)).toBe(line.cbor);
    expect(hexOf(openSignerLink(source, valueOf(line.cbor!)).toCbor())).toBe(line.target);
  });

  it.each(vectorsOf<PaddedLine>('paddedCipherText'))('padded ciphertext $name', (line) => {
    const data = line.plainData;
    const value = data === undefined ? valueOf(line.plainCbor!) : pattern(data.seed, data.length);
    const random = scriptedRandom(fromHex(line.nonce));
    const sealed = sealCbor(keyOf(line.key), value, random, line.blockSize);
    if (line.cbor !== undefined) expect(hexOf(sealed)).toBe(line.cbor);
    if (line.cborSha256 !== undefined) {
      expect(toHex(sha256Now(encodeCbor(sealed)))).toBe(line.cborSha256);
    }
    expect(hexOf(openCbor(keyOf(line.key), sealed))).toBe(hexOf(value));
  });

  it.each(vectorsOf<BoxLine>('box'))('box $name', (line) => {
    const sender = BoxingKeyPair.fromCurveSecret(fromHex(line.senderSecret));
    const recipient = BoxingKeyPair.fromCurveSecret(fromHex(line.recipientSecret));
    expect(toHex(sender.publicKey.curve)).toBe(line.senderPublic);
    expect(toHex(recipient.publicKey.curve)).toBe(line.recipientPublic);
    const random = scriptedRandom(fromHex(line.nonce));
    const cipher = box(fromHex(line.plain), recipient.publicKey, sender.secretKey, random);
    expect(toHex(cipher)).toBe(line.cipher);
    expect(toHex(unbox(cipher, recipient.secretKey, sender.publicKey))).toBe(line.plain);
  });

  it.each(vectorsOf<Strings>('hybridBox'))('opens hybrid box $name', (line) => {
    const pair = BoxingKeyPair.fromCbor(
      valueOf(vectorNamed<{ cbor: string }>('key', line.recipientPair!).cbor),
    );
    const sender = PublicBoxingKey.fromCbor(valueOf(line.senderPublicCbor!));
    expect(toHex(unbox(fromHex(line.cipher!), pair.secretKey, sender))).toBe(line.plain);
  });

  it.each(vectorsOf<Strings>('hybridBoxReject'))('refuses hybrid box $name', (line) => {
    const pair = BoxingKeyPair.fromCbor(
      valueOf(vectorNamed<{ cbor: string }>('key', line.recipientPair!).cbor),
    );
    const sender = PublicBoxingKey.fromCbor(valueOf(line.senderPublicCbor!));
    expect(() => unbox(fromHex(line.cipher!), pair.secretKey, sender)).toThrow(CannotDecrypt);
  });

  it('A-11: secretbox, key link, box, hybrid box', () => {
    const symmetric = partA<Strings>('symmetric');
    const key = SymmetricKey.fromCbor(valueOf(symmetric.keyCbor!));
    const sealed = seal(key, fromHex(symmetric.nonce!), fromHex(symmetric.plaintext!));
    expect(toHex(sealed)).toBe(symmetric.secretbox);
    expect(hexOf(key.withDirty(true).toCbor())).toBe(symmetric.dirtyKeyCbor);

    const link = partA<Strings>('symmetricLink');
    const to = keyOf('02'.repeat(32));
    const random = scriptedRandom(fromHex(link.nonce!));
    expect(hexOf(keyLink(keyOf('01'.repeat(32)), to, random))).toBe(link.cbor);

    const boxed = partA<Strings>('box');
    const a = BoxingKeyPair.fromCurveSecret(fromHex(boxed.aSecret!));
    const b = BoxingKeyPair.fromCurveSecret(fromHex(boxed.bSecret!));
    const message = fromHex(boxed.messageHex!);
    const cipher = box(message, b.publicKey, a.secretKey, scriptedRandom(fromHex(boxed.nonce!)));
    expect(toHex(cipher)).toBe(boxed.boxThenNonce);
    expect(hexOf(a.publicKey.toCbor())).toBe(boxed.publicCbor);

    const hybrid = partA<Strings>('hybridBox');
    const recipient = SecretBoxingKey.fromCbor(valueOf(hybrid.recipientSecretCbor!));
    const sender = PublicBoxingKey.fromCbor(valueOf(hybrid.senderPublicCbor!));
    const opened = unbox(fromHex(hybrid.ciphertextCbor!), recipient, sender);
    expect(toHex(opened)).toBe(hybrid.messageHex);
  });

  it.each(vectorsOf<Strings>('sign'))(
    'signature $name',
    async ({ seed, publicKey, message, signed }) => {
      const pair = pairOf(seed!);
      expect(toHex(pair.publicKey.bytes)).toBe(publicKey);
      expect(toHex(await sign(pair, fromHex(message!)))).toBe(signed);
      expect(toHex(await verifySigned(pair.publicKey, fromHex(signed!)))).toBe(message);
    },
  );

  it.each(vectorsOf<Strings>('signReject'))('refuses signature $name', async (line) => {
    const key = new PublicSigningKey(fromHex(line.publicKey!));
    await expect(verifySigned(key, fromHex(line.signed!))).rejects.toThrow(BadSignature);
  });

  it.each(vectorsOf<Strings>('blockAuthorisation'))('block authorisation $name', async (line) => {
    expect(toHex(await signBlock(pairOf(line.seed!), fromHex(line.block!)))).toBe(line.signed);
  });

  it.each(vectorsOf<Strings>('signedTime'))(
    'signed time $name',
    async ({ seed, millis, signed }) => {
      expect(toHex(await signTime(pairOf(seed!), Number(millis)))).toBe(signed);
    },
  );

  it.each(vectorsOf<Strings>('signedRequest'))('signed request $name', async (line) => {
    const signed = await signRequest(pairOf(line.seed!), line.path!, Number(line.millis));
    expect(toHex(signed)).toBe(line.signed);
    expect(toHex(signed.subarray(64))).toBe(line.cbor);
  });

  it.each(vectorsOf<Strings>('ownerProof'))('owner proof $name', async (line) => {
    const proof = await ownerProof(pairOf(line.childSeed!), nameOf(line.parent!));
    expect(hexOf(proof)).toBe(line.cbor);
    expect(hashBlockNow(fromHex(line.cbor!), 0x71).toString()).toBe(line.cid);
    const child = await verifyOwnerProof(valueOf(line.cbor!), nameOf(line.parent!));
    expect(child.toString()).toBe(line.child);
  });

  it.each(vectorsOf<Strings>('ownerProofReject'))('refuses owner proof $name', async (line) => {
    const verified = verifyOwnerProof(valueOf(line.cbor!), nameOf(line.parent!));
    await expect(verified).rejects.toThrow(BadOwnerProof);
  });

  it('A-11 and B-8: signatures', async () => {
    const keys = partA<Strings>('keys');
    const owner = pairOf(keys.ownerSeed!);
    const writer = pairOf(keys.writerSeed!);
    expect(toHex(await sign(owner, utf8('hello')))).toBe(keys.signedHello);
    expect(hexOf(Signer.of(writer).toCbor())).toBe(keys.signAndPublicHashCbor);
    const proof = partB<Strings>('ownerProof');
    expect(hexOf(await ownerProof(writer, owner.hash))).toBe(proof.cbor);
    const time = partB<{ t: number; bytes: string }>('signedTime');
    expect(toHex(await signTime(owner, time.t))).toBe(time.bytes);
    const request = partB<{ t: number; path: string; bytes: string }>('signedRequest');
    expect(toHex(await signRequest(owner, request.path, request.t))).toBe(request.bytes);
    const signature = await signDetached(owner, utf8('hello'));
    expect(toHex(signature)).toBe(keys.signedHello!.slice(0, 128));
    await expect(verifyDetached(owner.publicKey, utf8('hello'), signature)).resolves.toBe(
      undefined,
    );
  });
});
