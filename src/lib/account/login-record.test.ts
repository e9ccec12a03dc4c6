/** Login records, and what is sent with them, beside those of the reference client. */
import { describe, expect, it } from 'vitest';
import { partB, vectorsOf } from '../../../tests/vectors/load.ts';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, CODEC, asMap, cborMap, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import {
  hashBlockNow,
  openCbor,
  PublicSigningKey,
  sealCbor,
  sha256Now,
  signBlock,
  signDetached,
  Signer,
  SigningKeyPair,
  SymmetricKey,
} from '#lib/crypto/index.ts';
import { loginDataToCbor, signPointer, WriterData } from '#lib/protocol/index.ts';
import { MalformedAccount } from './errors.ts';
import { openLoginSecrets, sealLoginSecrets } from './login-record.ts';
import { challengeFromCbor, proofToCbor, type SecondFactor } from '#lib/protocol/index.ts';

const value = (hex: string): CborValue => decodeBlock(fromHex(hex));
const hexOf = (cbor: CborValue): string => toHex(encodeCbor(cbor));
const filled = (byte: number, length: number): Uint8Array => new Uint8Array(length).fill(byte);
const sha256 = (cbor: CborValue): string => toHex(sha256Now(encodeCbor(cbor)));

describe('login records of the reference client', () => {
  it.each(
    vectorsOf<{
      username: string;
      rootKey: string;
      nonce: string;
      entryPoints: string;
      encrypted: string;
      loginPublic: string;
      cbor: string;
      signature: string;
      identitySeed: string;
    }>('loginData'),
  )('$name', async (line) => {
    const root = SymmetricKey.fromCbor(value(line.rootKey));
    expect(hexOf(openCbor(root, value(line.encrypted)))).toBe(line.entryPoints);
    const secrets = openLoginSecrets(root, value(line.encrypted));
    const sealed = sealLoginSecrets(root, secrets, () => fromHex(line.nonce));
    expect(hexOf(sealed)).toBe(line.encrypted);
    const login = PublicSigningKey.fromCbor(value(line.loginPublic));
    const data = loginDataToCbor(line.username, sealed, login);
    expect(hexOf(data)).toBe(line.cbor);
    const identity = SigningKeyPair.fromSeed(fromHex(line.identitySeed));
    expect(toHex(await signDetached(identity, encodeCbor(data)))).toBe(line.signature);
  });

  it.each(vectorsOf<{ cbor: string }>('entryPointsReject'))('refuses $name', ({ cbor }) => {
    const root = SymmetricKey.fromCbor([1, filled(7, 32), false]);
    const sealed = sealCbor(root, value(cbor), (count) => filled(9, count), 4096);
    expect(() => openLoginSecrets(root, sealed)).toThrow(MalformedAccount);
  });

  it.each(
    vectorsOf<{
      username: string;
      encrypted: string;
      loginPublic: string;
      identitySeed: string;
      writerData: string;
      pointerUpdate: string;
      blockWrite: string;
      pointerWrite: string;
      cbor: string;
    }>('loginDataWithUpdate'),
  )('$name', async (line) => {
    const [original, updated, sequence] = value(line.pointerUpdate) as [
      Uint8Array,
      Uint8Array,
      number,
    ];
    const identity = SigningKeyPair.fromSeed(fromHex(line.identitySeed));
    const state = WriterData.fromCbor(value(line.writerData), identity.hash);
    expect(hexOf(state.toCbor())).toBe(line.writerData);
    const change = await changeOf(identity, fromHex(line.writerData), original, sequence);
    expect(toHex(change.updated.bytes)).toBe(toHex(updated));
    expect(hexOf(change.blockWrite)).toBe(line.blockWrite);
    expect(hexOf(change.pointerWrite)).toBe(line.pointerWrite);
    const login = PublicSigningKey.fromCbor(value(line.loginPublic));
    const data = loginDataToCbor(line.username, value(line.encrypted), login, change);
    expect(hexOf(data)).toBe(line.cbor);
  });
});

describe('the values printed with the protocol', () => {
  const printed = (entry: string) => partB<Record<string, string>>(entry);
  const identity = SigningKeyPair.fromSeed(fromHex(printed('identity').seed!));
  const root = SymmetricKey.fromCbor([1, filled(7, 32), false]);
  const record = () => {
    const plain = value(printed('entryPoints').cbor!);
    return sealCbor(root, plain, () => filled(9, 24), 4096);
  };
  const login = SigningKeyPair.fromSeed(fromHex(printed('loginData').loginKeySeed!)).publicKey;

  it('entry points, sealed', () => {
    const { cbor, sha256OfUserStaticDataCbor, ciphertextFirst32 } = printed('entryPoints');
    const secrets = openLoginSecrets(root, record());
    expect(secrets.identity?.hash.equals(identity.hash)).toBe(true);
    const sealed = sealLoginSecrets(root, secrets, () => filled(9, 24));
    expect(hexOf(openCbor(root, sealed))).toBe(cbor);
    expect(hexOf(asMap(value(cbor!), 'plain').get('e')!)).toBe(`81${printed('entryPoint').cbor!}`);
    const [, cipher] = sealed as [Uint8Array, Uint8Array];
    expect(cipher).toHaveLength(
      partB<{ ciphertextLength: number }>('entryPoints').ciphertextLength,
    );
    expect(toHex(cipher.subarray(0, 32))).toBe(ciphertextFirst32);
    expect(sha256(sealed)).toBe(sha256OfUserStaticDataCbor);
  });

  it('login data and their signature', async () => {
    const data = loginDataToCbor('alice', record(), login);
    expect(encodeCbor(data)).toHaveLength(partB<{ length: number }>('loginData').length);
    expect(sha256(data)).toBe(printed('loginData').sha256);
    const auth = await signDetached(identity, encodeCbor(data));
    expect(toHex(auth)).toBe(printed('loginData').auth);
  });

  it('a change of the password', async () => {
    const { blockWriteCbor, pointerWriteCbor, loginDataSha256 } = printed('passwordChange');
    const { cid, cbor } = printed('identityWriterData');
    const state = WriterData.fromCbor(value(cbor!), identity.hash);
    expect(hexOf(state.toCbor())).toBe(cbor);
    const algorithm = new Map(asMap(value(printed('scrypt').algorithm!), 'algorithm'));
    const changed = state.with({ algorithm: algorithm.set('s', '0'.repeat(64)) });
    const block = encodeCbor(changed.toCbor());
    const change = await changeOf(identity, block, Cid.parse(cid!).bytes, 2);
    expect(hexOf(change.blockWrite)).toBe(blockWriteCbor);
    expect(hexOf(change.pointerWrite)).toBe(pointerWriteCbor);
    const data = loginDataToCbor('alice', record(), login, change);
    expect(encodeCbor(data)).toHaveLength(
      partB<{ loginDataLength: number }>('passwordChange').loginDataLength,
    );
    expect(sha256(data)).toBe(loginDataSha256);
  });

  it('a question for a second factor, and its answers', () => {
    const answer = asMap(value(printed('loginChallenge').cbor!), 'answer');
    const { factors, challenge } = challengeFromCbor(answer.get('r')!);
    const createdDay = Date.parse(
      `${partB<{ method: { c: string } }>('loginChallenge').method.c}Z`,
    );
    const totp: SecondFactor = {
      kind: 'totp',
      name: '',
      credential: filled(1, 32),
      createdDay: createdDay / 86_400_000,
      isEnabled: true,
    };
    expect(factors).toEqual([totp]);
    expect(challenge).toEqual(filled(2, 32));
    expect(hexOf(proofToCbor({ code: '123 456' }, factors))).toBe(printed('mfaCode').cbor);
    const key = {
      credential: filled(1, 4),
      authenticatorData: filled(5, 3),
      clientData: filled(6, 2),
      signature: filled(8, 1),
    };
    expect(hexOf(proofToCbor(key, factors))).toBe(printed('mfaWebauthn').cbor);
    const { shown, code } = printed('backupCode');
    const backup: SecondFactor = { ...totp, kind: 'backup-codes' };
    const typed = asMap(proofToCbor({ code: shown!.toUpperCase() }, [backup]), 'proof');
    expect(typed.get('r')).toBe(code);
  });
});

/** The identity's new state and its pointer, signed (B-3 §6). */
async function changeOf(
  identity: SigningKeyPair,
  block: Uint8Array,
  original: Uint8Array,
  sequence: number,
) {
  const signer = Signer.of(identity);
  const updated = hashBlockNow(block, CODEC.dagCbor);
  const update = { original: Cid.fromBytes(original), updated, sequence };
  return {
    updated,
    blockWrite: cborMap([
      ['w', signer.hash],
      ['s', await signBlock(signer, block)],
      ['b', block],
      ['r', false],
    ]),
    pointerWrite: cborMap([
      ['w', signer.hash],
      ['s', await signPointer(signer, update)],
    ]),
  };
}
