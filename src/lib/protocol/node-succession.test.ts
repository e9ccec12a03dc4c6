/** Records of nodes that gave up their id, signed here by Node's own Ed25519. */
import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concat, utf8 } from '#lib/bytes/index.ts';
import { cborMap, Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { knownSuccessor, openSuccession } from './node-succession.ts';
import { WrongSignature } from './refusals.ts';

const SUCCESSOR = Cid.parse('12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR');

function createNode() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const nodeId = Cid.identity(CODEC.libp2pKey, concat(Uint8Array.of(8, 1, 0x12, 0x20), raw));
  const record = (value: CborValue, key = '_peergos_rr') => {
    const data = encodeCbor(cborMap([[key, value]]));
    const signature = new Uint8Array(sign(null, concat(utf8('ipns-signature:'), data), privateKey));
    return { data, signature };
  };
  return { nodeId, record };
}

const moved = cborMap([
  ['h', SUCCESSOR.multihash],
  ['m', true],
  ['s', 2],
]);

describe('the record of a node', () => {
  test('names who took its place, as a map or as bytes of one', async () => {
    const { nodeId, record } = createNode();
    for (const { data, signature } of [record(moved), record(encodeCbor(moved), 'Value')]) {
      expect(await openSuccession(nodeId, data, signature)).toEqual(SUCCESSOR);
    }
  });

  test('names nobody while the node has not moved', async () => {
    const { nodeId, record } = createNode();
    const prepared = cborMap([
      ['h', SUCCESSOR.multihash],
      ['m', false],
      ['s', 1],
    ]);
    for (const { data, signature } of [
      record(prepared),
      record(cborMap([['s', 0]])),
      record(1, 'x'),
    ]) {
      expect(await openSuccession(nodeId, data, signature)).toBeUndefined();
    }
  });

  test('counts only with the signature of the very node', async () => {
    const [one, other] = [createNode(), createNode()];
    const { data, signature } = other.record(moved);
    await expect(openSuccession(one.nodeId, data, signature)).rejects.toThrow(WrongSignature);
    const changed = data.with(data.length - 1, data.at(-1)! ^ 1);
    await expect(openSuccession(other.nodeId, changed, signature)).rejects.toThrow(WrongSignature);
    const short = signature.subarray(1);
    await expect(openSuccession(other.nodeId, data, short)).rejects.toThrow(WrongSignature);
  });
});

test('two nodes of the first years have a successor that is known without a record', () => {
  const old = Cid.parse('QmcoDbhCiVXGrWs6rwBvB59Gm44veo7Qxn2zmRnPw7BaCH');
  expect(knownSuccessor(old)?.toPeerId()).toBe(SUCCESSOR.toPeerId());
  expect(knownSuccessor(SUCCESSOR)).toBeUndefined();
});
