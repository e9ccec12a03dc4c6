import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { ownedKeyChampKey } from '#lib/champ/index.ts';
import { asMap, cborMap, Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { hashBlockNow, ownerProof, SigningKeyPair, toKeyHash } from '#lib/crypto/index.ts';
import { partA, vectorsOf } from '../../../tests/vectors/load.ts';
import { MalformedWriterData, WriterData } from '#lib/protocol/index.ts';

interface Line {
  controller: string;
  algorithm: string | null;
  inbound: string | null;
  owned: string | null;
  named: Record<string, string>;
  public: string | null;
  static: string | null;
  tree: string | null;
  links: string | null;
  cbor: string;
  cid: string;
}

const cid = (text: string | null) => (text === null ? undefined : Cid.parse(text));
const cbor = (hex: string | null) => (hex === null ? undefined : decodeCbor(fromHex(hex)));
const key = (text: string) => toKeyHash(Cid.parse(text), 'key');

describe('golden states', () => {
  for (const line of vectorsOf<Line>('writerData')) {
    it(line.name, () => {
      const named = Object.entries(line.named).map(([label, proof]): [string, CborValue] => [
        label,
        cbor(proof)!,
      ]);
      const data = new WriterData({
        controller: key(line.controller),
        algorithm: cbor(line.algorithm),
        inbound: line.inbound === null ? undefined : key(line.inbound),
        owned: cid(line.owned),
        named: cborMap(named),
        publicData: cid(line.public),
        staticData: cbor(line.static),
        tree: cid(line.tree),
        links: cid(line.links),
      });
      const bytes = encodeCbor(data.toCbor());
      expect(toHex(bytes)).toBe(line.cbor);
      expect(hashBlockNow(bytes, CODEC.dagCbor).toString()).toBe(line.cid);
      const read = WriterData.fromCbor(decodeCbor(fromHex(line.cbor)), key(line.controller));
      expect(toHex(encodeCbor(read.toCbor()))).toBe(line.cbor);
      expect(read.tree?.toString() ?? null).toBe(line.tree);
      expect(read.links?.toString() ?? null).toBe(line.links);
      expect(read.publicData?.toString() ?? null).toBe(line.public);
      expect([...(read.named?.keys() ?? [])]).toEqual(Object.keys(line.named));
    });
  }

  it('the first state of a writer printed with A-11', () => {
    const { emptyForWriterCbor } = partA<{ emptyForWriterCbor: string }>('writerData');
    const value = decodeCbor(fromHex(emptyForWriterCbor));
    const { writerSeed } = partA<{ writerSeed: string }>('keys');
    const writer = SigningKeyPair.fromSeed(fromHex(writerSeed)).hash;
    const data = WriterData.fromCbor(value, writer);
    expect(data.tree).toBeUndefined();
    expect(toHex(encodeCbor(data.toCbor()))).toBe(emptyForWriterCbor);
  });

  it('proofs of ownership and their keys in the owned-key tree', async () => {
    interface Proof {
      childSeed: string;
      parent: string;
      child: string;
      cbor: string;
      cid: string;
      champKey: string;
    }
    for (const line of vectorsOf<Proof>('ownerProof')) {
      const child = SigningKeyPair.fromSeed(fromHex(line.childSeed));
      const proof = encodeCbor(await ownerProof(child, key(line.parent)));
      expect(toHex(proof), line.name).toBe(line.cbor);
      expect(hashBlockNow(proof, CODEC.dagCbor).toString()).toBe(line.cid);
      expect(toHex(ownedKeyChampKey(child.hash))).toBe(line.champKey);
    }
  });
});

describe('reading a state', () => {
  const writer = SigningKeyPair.fromSeed(new Uint8Array(32).fill(1)).hash;
  const other = SigningKeyPair.fromSeed(new Uint8Array(32).fill(2)).hash;

  it('keeps what it does not know through a change', () => {
    const value = cborMap([
      ['controller', writer],
      ['future', [1, 2]],
    ]);
    const changed = WriterData.fromCbor(value, writer).with({ tree: other });
    expect(asMap(changed.toCbor(), 'state').get('future')).toEqual([1, 2]);
    expect(changed.with({ tree: undefined }).toCbor()).toEqual(value);
  });

  it.each<[string, CborValue]>([
    ['a list', []],
    ['no controller', cborMap([])],
    ['another controller', cborMap([['controller', other]])],
    ['a controller that is bytes', cborMap([['controller', writer.bytes]])],
    [
      'a tree that is no link',
      cborMap([
        ['controller', writer],
        ['tree', 1],
      ]),
    ],
    [
      'named keys that are no map',
      cborMap([
        ['controller', writer],
        ['named', []],
      ]),
    ],
  ])('refuses %s', (_, value) => {
    expect(() => WriterData.fromCbor(value, writer)).toThrow(MalformedWriterData);
  });
});
