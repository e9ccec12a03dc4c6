import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { Cid, CODEC, decodeBlock, encodeCbor, MalformedCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { partA, partB, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  authoriseRequest,
  Bat,
  batIdsOfBlock,
  BatWithId,
  canonicalRequest,
  chunkLabelAt,
  mayReadBlock,
  nextChunkLabel,
  parseBlockAuth,
  rawBlockPrefix,
  signRequestWithBat,
  splitRawBlock,
  stringToSign,
  toBatId,
} from './index.ts';
import type { BatId, BlockRequest, MapKey } from './index.ts';
import { onEveryEngine } from './testing.ts';

type Strings = Record<string, string>;

const MIRROR = new Bat(fromHex('4d'.repeat(32)));
const hexOf = (value: CborValue) => toHex(encodeCbor(value));
const secondsOf = (text: string) =>
  Date.parse(text.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z')) / 1000;

interface AuthLine {
  batSecret: string;
  batId: string;
  blockCid: string;
  nodeId: string;
  datetime: string;
  expirySeconds: number;
  canonicalRequest: string | null;
  stringToSign: string | null;
  signature: string;
  authString: string;
}

interface ChunkLine {
  streamSecret: string;
  mapKey: string;
  bat: string | null;
  chunks: { index: number; mapKey: string; bat: string | null }[];
}

onEveryEngine('golden access tokens', () => {
  it.each(vectorsOf<Strings>('bat'))('token $name', (line) => {
    const bat = new Bat(fromHex(line.secret!));
    expect(hexOf(bat.toCbor())).toBe(line.cbor);
    expect(bat.toSecretText()).toBe(line.text);
    for (const kind of ['inlineId', 'cborHashId', 'secretHashId'] as const) {
      expect(hexOf(bat[kind]().bytes)).toBe(line[kind]);
      expect(bat[kind]().toString()).toBe(line[`${kind}Text`]);
    }
    expect(hexOf(bat.withId().toCbor())).toBe(line.withCborHashId);
    expect(bat.withId().toSecretText()).toBe(line.withCborHashIdText);
    expect(BatWithId.parse(line.withCborHashIdText!).equals(bat.withId())).toBe(true);
    const mirrored = new BatWithId(bat, bat.secretHashId());
    expect(hexOf(mirrored.toCbor())).toBe(line.withSecretHashId);
    expect(toHex(rawBlockPrefix([bat.inlineId()]))).toBe(line.rawPrefix);
    const both = rawBlockPrefix([bat.inlineId(), MIRROR.secretHashId()]);
    expect(toHex(both)).toBe(line.rawPrefixWithMirror);
  });

  it.each(vectorsOf<Strings>('mirrorBat'))('mirror token $name', (line) => {
    const bat = new Bat(fromHex(line.secret!));
    expect(hexOf(bat.secretHashId().bytes)).toBe(line.id);
    expect(bat.secretHashId().toString()).toBe(line.idText);
    expect(new BatWithId(bat, bat.secretHashId()).toSecretText()).toBe(line.withIdText);
  });

  it.each(vectorsOf<{ block: string; batIds: string[]; payload: string }>('rawBlockBats'))(
    'raw block $name',
    ({ block, batIds, payload }) => {
      const split = splitRawBlock(fromHex(block));
      expect(split.batIds.map((id) => hexOf(id.bytes))).toEqual(batIds);
      expect(toHex(split.payload)).toBe(payload);
      const ids = batIdsOfBlock(fromHex(block), CODEC.raw);
      expect(ids.map((id) => hexOf(id.bytes))).toEqual(batIds);
    },
  );

  it.each(vectorsOf<{ block: string; batIds: string[] }>('cborBlockBats'))(
    'dag-cbor block $name',
    ({ block, batIds }) => {
      const ids = batIdsOfBlock(fromHex(block), CODEC.dagCbor);
      expect(ids.map((id) => hexOf(id.bytes))).toEqual(batIds);
    },
  );

  it.each(vectorsOf<AuthLine>('blockAuth'))('authorisation $name', (line) => {
    const request = requestOf(line.blockCid, line.nodeId, line.datetime);
    const bat = new Bat(fromHex(line.batSecret));
    const batId = toBatId(fromHex(line.batId));
    if (line.canonicalRequest !== null) {
      expect(canonicalRequest(request)).toBe(line.canonicalRequest);
      expect(stringToSign(request)).toBe(line.stringToSign);
    }
    expect(toHex(signRequestWithBat(request, bat))).toBe(line.signature);
    expect(authoriseRequest(request, bat, batId, line.expirySeconds)).toBe(line.authString);
    expect(parseBlockAuth(line.authString)).toMatchObject({
      validSeconds: line.expirySeconds,
      atSeconds: request.atSeconds,
    });
  });

  it('A-11 and B-8: token, prefixes, authorisation', () => {
    const a = partA<Strings>('bat');
    const bat = new Bat(fromHex(a.secret!));
    const mirror = new Bat(fromHex(a.mirrorSecret!));
    expect(bat.toSecretText()).toBe(a.encodedSecret);
    expect(bat.cborHashId().toString()).toBe(a.cborHashId);
    expect(bat.secretHashId().toString()).toBe(a.secretHashId);
    expect(bat.withId().toSecretText()).toBe(a.batWithIdEncoded);
    expect(mirror.secretHashId().toString()).toBe(a.mirrorId);
    const both = rawBlockPrefix([bat.inlineId(), mirror.secretHashId()]);
    expect(toHex(both)).toBe(a.rawPrefixWithMirror);
    const request = requestOf(a.blockCid!, a.nodePeerId!, a.datetime!);
    expect(canonicalRequest(request)).toBe(a.canonicalRequest);
    expect(authoriseRequest(request, bat, bat.cborHashId())).toBe(a.authHexExpiry300);
    const longer = authoriseRequest(request, bat, mirror.secretHashId(), 3600);
    expect(longer).toBe(a.authHexExpiry3600);

    const b = partB<Strings>('bat');
    const signer = new Bat(fromHex(b.secret!));
    expect(signer.cborHashId().toString()).toBe(b.cborHashIdText);
    expect(new BatWithId(signer, signer.secretHashId()).toSecretText()).toBe(b.batWithIdText);
    const auth = partB<Strings>('blockAuth');
    const cid = partB<Strings>('block').cidText!;
    const node = partB<Strings>('nodeId').peerId!;
    const asked = requestOf(cid, node, auth.datetime!);
    expect(authoriseRequest(asked, signer, signer.secretHashId())).toBe(auth.encoded);
  });

  it.each(vectorsOf<ChunkLine>('nextChunk'))('chunk labels $name', (line) => {
    const secret = fromHex(line.streamSecret);
    const first = fromHex(line.mapKey) as MapKey;
    const bat = line.bat === null ? undefined : new Bat(fromHex(line.bat));
    for (const chunk of line.chunks) {
      const label = chunkLabelAt(secret, first, bat, chunk.index);
      expect(toHex(label.mapKey)).toBe(chunk.mapKey);
      expect(label.bat === undefined ? null : toHex(label.bat.secret)).toBe(chunk.bat);
    }
    expect(toHex(nextChunkLabel(secret, first))).toBe(line.chunks[1]?.mapKey);
    expect(bat?.next(secret)).toEqual(chunkLabelAt(secret, first, bat, 1).bat);
  });

  it('A-11: labels of chunks 1 and 3', () => {
    const a = partA<Strings>('chunkLocation');
    const bat = new Bat(fromHex(a.firstBat!));
    const at = (index: number) =>
      chunkLabelAt(fromHex(a.streamSecret!), fromHex(a.firstMapKey!) as MapKey, bat, index);
    expect(toHex(at(1).mapKey)).toBe(a.mapKey1);
    expect(at(1).bat?.equals(new Bat(fromHex(a.bat1!)))).toBe(true);
    expect(toHex(at(3).mapKey)).toBe(a.mapKey3);
    expect(at(3).bat?.equals(new Bat(fromHex(a.bat3!)))).toBe(true);
  });
});

describe('who may read a block', () => {
  const bat = new Bat(fromHex('11'.repeat(32)));
  const request = requestOf(
    'zb2rhZfjRh2FHHB2RkHVEvL2vJnCTcu7kwRqgVsf9gpkLgteo',
    '12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR',
    '20260822T185055Z',
  );
  const own = [bat.inlineId(), MIRROR.secretHashId()];
  const check = (auth: string, batIds: BatId[] = own, laterSeconds = 0) =>
    mayReadBlock({
      ...request,
      batIds,
      auth,
      nowSeconds: request.atSeconds + laterSeconds,
      storedBat: (id) => (id.equals(MIRROR.secretHashId()) ? MIRROR : undefined),
    });

  it('anybody, if it lists no token', () => {
    expect(check('', [])).toBe(true);
  });

  it('who knows its own token, under any id', () => {
    expect(check(authoriseRequest(request, bat, bat.cborHashId()))).toBe(true);
    expect(check(authoriseRequest(request, bat, MIRROR.cborHashId()))).toBe(true);
  });

  it('who knows the mirror token and names it', () => {
    expect(check(authoriseRequest(request, MIRROR, MIRROR.secretHashId()))).toBe(true);
    expect(check(authoriseRequest(request, MIRROR, MIRROR.cborHashId()))).toBe(false);
  });

  it('nobody without, with another token, or late', () => {
    const other = new Bat(fromHex('12'.repeat(32)));
    const auth = authoriseRequest(request, bat, bat.cborHashId());
    expect(check('')).toBe(false);
    expect(check('zz')).toBe(false);
    expect(check('a0')).toBe(false);
    expect(check(authoriseRequest(request, other, other.cborHashId()))).toBe(false);
    expect(check(auth, own, 300)).toBe(true);
    expect(check(auth, own, 301)).toBe(false);
  });

  it('not for another block or another node', () => {
    const elsewhere = {
      ...request,
      node: Cid.parse('z5AanNVJCxnFSeuuaFWZbdvfEgKay8kkyku5fWzEkwFLrB19E891dpt'),
    };
    const otherBlock = { ...request, block: bat.cborHashId() };
    expect(check(authoriseRequest(elsewhere, bat, bat.cborHashId()))).toBe(false);
    expect(check(authoriseRequest(otherBlock, bat, bat.cborHashId()))).toBe(false);
  });

  it('an inlined id is neither sent nor read', () => {
    expect(() => authoriseRequest(request, bat, bat.inlineId())).toThrow(RangeError);
    const auth = authoriseRequest(request, bat, bat.cborHashId());
    const hashed = toHex(bat.cborHashId().bytes);
    const inlined = auth.replace(hashed, toHex(bat.inlineId().bytes));
    expect(parseBlockAuth(auth).batId.equals(bat.cborHashId())).toBe(true);
    expect(() => parseBlockAuth(inlined)).toThrow('inlined');
    expect(() => BatWithId.fromCbor(decodeBlock(inlinedBatWithId(bat)))).toThrow(MalformedCbor);
  });
});

function inlinedBatWithId(bat: Bat): Uint8Array {
  return encodeCbor(
    new Map<string, CborValue>([
      ['b', bat.toCbor()],
      ['i', bat.inlineId().bytes],
    ]),
  );
}

function requestOf(block: string, node: string, datetime: string): BlockRequest {
  return { block: Cid.parse(block), node: Cid.parse(node), atSeconds: secondsOf(datetime) };
}
