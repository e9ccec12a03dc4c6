import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { partA, partB, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  Cid,
  CODEC,
  decodeBlock,
  decodeCbor,
  encodeCbor,
  linksOf,
  MalformedCbor,
  MalformedCid,
} from './index.ts';
import type { CborValue } from './index.ts';

/** The notation in which the golden file writes values. */
type Notation =
  | { int: string }
  | { text: string }
  | { bytes: string }
  | { bool: boolean }
  | { null: true }
  | { link: string }
  | { list: Notation[] }
  | { map: [string, Notation][] };

function valueOf(notation: Notation): CborValue {
  if ('int' in notation) {
    const big = BigInt(notation.int);
    return Number.isSafeInteger(Number(big)) ? Number(big) : big;
  }
  if ('text' in notation) return notation.text;
  if ('bytes' in notation) return fromHex(notation.bytes);
  if ('bool' in notation) return notation.bool;
  if ('null' in notation) return null;
  if ('link' in notation) return Cid.fromBytes(fromHex(notation.link));
  if ('list' in notation) return notation.list.map(valueOf);
  return new Map(notation.map.map(([key, value]) => [key, valueOf(value)]));
}

/** Written out with the order of map entries, which deep equality of maps would ignore. */
function describeValue(value: CborValue): string {
  if (value instanceof Uint8Array) return `h'${toHex(value)}'`;
  if (value instanceof Cid) return `cid ${value.toString()}`;
  if (Array.isArray(value)) return `[${(value as CborValue[]).map(describeValue).join()}]`;
  if (value instanceof Map) {
    const entries = [...(value as Map<string, CborValue>)];
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${describeValue(item)}`).join()}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}

interface CborLine {
  value: Notation;
  cbor: string;
}

describe('golden CBOR', () => {
  it.each(vectorsOf<CborLine>('cbor'))('$name', ({ value, cbor }) => {
    expect(toHex(encodeCbor(valueOf(value)))).toBe(cbor);
    expect(describeValue(decodeCbor(fromHex(cbor)))).toBe(describeValue(valueOf(value)));
    expect(describeValue(decodeBlock(fromHex(cbor)))).toBe(describeValue(valueOf(value)));
  });

  it.each(vectorsOf<CborLine & { canonical: string }>('cborLenient'))(
    'reads, but not as a block: $name',
    ({ value, cbor, canonical }) => {
      const decoded = decodeCbor(fromHex(cbor));
      expect(toHex(encodeCbor(decoded))).toBe(canonical);
      const inOrder = decodeBlock(encodeCbor(decoded));
      expect(describeValue(inOrder)).toBe(describeValue(valueOf(value)));
      expect(() => decodeBlock(fromHex(cbor))).toThrow(MalformedCbor);
    },
  );

  const refused = [
    ...vectorsOf<{ cbor: string }>('cborReject'),
    ...vectorsOf<{ cbor: string }>('cborQuirk'),
  ];
  it.each(refused)('refuses $name', ({ cbor }) => {
    expect(() => decodeCbor(fromHex(cbor))).toThrow(MalformedCbor);
    expect(() => decodeBlock(fromHex(cbor))).toThrow(MalformedCbor);
  });

  it.each(vectorsOf<{ cbor: string; links: string[] }>('cborLinks'))(
    'finds the links of $name',
    ({ cbor, links }) => {
      expect(linksOf(decodeCbor(fromHex(cbor))).map(String)).toEqual(links);
    },
  );

  it.each(partA<{ what: string; cbor: string }[]>('cbor'))('A-11: $what', ({ cbor }) => {
    expect(toHex(encodeCbor(decodeBlock(fromHex(cbor))))).toBe(cbor);
  });

  it('A-11: map keys are ordered by UTF-16 units', () => {
    const keys = ['b', 'aa', 'z', 'é', 'zz', '😀', '～', 'ab', ''];
    const cbor = encodeCbor(new Map(keys.map((key, inserted) => [key, inserted])));
    expect(toHex(cbor)).toBe(partA<{ cbor: string }[]>('cbor')[0]?.cbor);
  });
});

interface CidLine {
  text: string;
  bytes: string;
  version: number;
  codec: number;
  hashType: number;
  digest: string;
  link: string;
  bareBase58?: string;
}

describe('golden CIDs', () => {
  it.each(vectorsOf<CidLine>('cid'))('$name', (line) => {
    const cid = Cid.fromBytes(fromHex(line.bytes));
    const { version, codec, hashType } = cid;
    expect({ version, codec, hashType, digest: toHex(cid.digest) }).toEqual({
      version: line.version,
      codec: line.codec,
      hashType: line.hashType,
      digest: line.digest,
    });
    expect(cid.toString()).toBe(line.text);
    expect(toHex(Cid.parse(line.text).bytes)).toBe(line.bytes);
    expect(toHex(encodeCbor(cid))).toBe(line.link);
    expect((decodeCbor(fromHex(line.link)) as Cid).equals(cid)).toBe(true);
    if (line.bareBase58 !== undefined) expect(cid.toPeerId()).toBe(line.bareBase58);
  });

  it.each(vectorsOf<{ text: string; bytes: string; canonicalText: string }>('cidText'))(
    'reads $name',
    ({ text, bytes, canonicalText }) => {
      expect(toHex(Cid.parse(text).bytes)).toBe(bytes);
      expect(Cid.parse(text).toString()).toBe(canonicalText);
    },
  );

  it.each(vectorsOf<{ bytes: string }>('cidReject'))('refuses $name', ({ bytes }) => {
    expect(() => Cid.fromBytes(fromHex(bytes))).toThrow(MalformedCid);
  });

  it.each(vectorsOf<{ text: string; cid: string; cidText: string; bareBase58: string }>('peerId'))(
    'reads peer id $name',
    ({ text, cid, cidText, bareBase58 }) => {
      const parsed = Cid.parse(text);
      expect(toHex(parsed.bytes)).toBe(cid);
      expect(parsed.toString()).toBe(cidText);
      expect(parsed.toPeerId()).toBe(bareBase58);
    },
  );

  it('B-8: the id of a node in its three forms', () => {
    const { peerId, cidText, cidBytes } = partB<Record<string, string>>('nodeId');
    const node = Cid.parse(peerId ?? '');
    expect(node.toString()).toBe(cidText);
    expect(toHex(node.bytes)).toBe(cidBytes);
    expect(node.toPeerId()).toBe(peerId);
  });

  it('makes the CIDs of A-11 from their digests', () => {
    const { rawOfHello, rawOfHelloBytes } = partA<Record<string, string>>('cids');
    const cid = Cid.sha256(CODEC.raw, fromHex(rawOfHelloBytes ?? '').subarray(4));
    expect(cid.toString()).toBe(rawOfHello);
  });
});
