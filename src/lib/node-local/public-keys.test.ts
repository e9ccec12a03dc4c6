import { beforeAll, describe, expect, test } from 'vitest';
import { cborMap, CODEC, encodeCbor } from '#lib/codec/index.ts';
import {
  hashBlockNow,
  ownerProof,
  sign,
  signBlock,
  Signer,
  startCrypto,
} from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { UnknownWriter, WrongSignature } from '#lib/protocol/index.ts';
import { champOf, cidOf, createBench, EMPTY_CHAMP, keyPair, TestAccount } from './testing.ts';

beforeAll(() => startCrypto());

/** A key under its old kind of name: the hash of the block that holds it. */
function oldSigner(pair: SigningKeyPair): { signer: Signer; keyBlock: Uint8Array } {
  const keyBlock = encodeCbor(pair.publicKey.toCbor());
  const signer = Signer.fromCbor(
    cborMap([
      ['p', hashBlockNow(keyBlock, CODEC.dagCbor)],
      ['s', [1, pair.secret]],
    ]),
  );
  return { signer, keyBlock };
}

/** alice, whose home writer has an old name; its key is stored only if `hasKey`. */
async function createOldWriter(hasKey: boolean) {
  const { node } = createBench();
  const alice = await TestAccount.signUp(node);
  const { signer, keyBlock } = oldSigner(keyPair('old writer'));
  const proof = await ownerProof(signer, alice.owner);
  const champ = champOf([[encodeCbor(signer.hash).slice().reverse(), cidOf(proof)]]);
  const key = keyPair('old writer').publicKey.toCbor();
  const values = hasKey ? [key, proof, champ] : [proof, champ];
  await alice.commit(alice.identity, { owned: cidOf(champ) }, values);
  const put = async (bytes: Uint8Array, by: Signer | SigningKeyPair = signer) =>
    node.blocks.put(
      alice.owner,
      signer.hash,
      [{ bytes, authorisation: await signBlock(by, bytes) }],
      'dag-cbor',
      't',
    );
  return { node, alice, signer, keyBlock, put };
}

describe('a writer whose name is a hash', () => {
  test('writes blocks and moves its pointer', async () => {
    const { node, alice, signer, put } = await createOldWriter(true);
    const state = encodeCbor(
      cborMap([
        ['owned', cidOf(EMPTY_CHAMP)],
        ['controller', signer.hash],
      ]),
    );
    await put(encodeCbor(EMPTY_CHAMP));
    const [target] = await put(state);
    const signed = await sign(signer, encodeCbor([null, target!.bytes, 1]));
    await node.pointers.set(alice.owner, signer.hash, signed);
    expect(await node.pointers.get(alice.owner, signer.hash)).toEqual(signed);
    await node.collect(alice.owner);
    expect(await node.blocks.get(alice.owner, target!)).toEqual(state);
  });

  test('is refused when another key signs', async () => {
    const { put } = await createOldWriter(true);
    await expect(put(encodeCbor(1), keyPair('mallory'))).rejects.toBeInstanceOf(WrongSignature);
  });

  test('is unknown while its key is not stored here', async () => {
    const { put } = await createOldWriter(false);
    await expect(put(encodeCbor(1))).rejects.toBeInstanceOf(UnknownWriter);
  });
});
