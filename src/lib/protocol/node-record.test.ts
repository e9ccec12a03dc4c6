/**
 * Records of nodes. Ours are read by the IPNS library of libp2p, others are signed here by Node's own
 * Ed25519, and the field of the node is compared with the printed vector.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { unmarshalIPNSRecord } from 'ipns';
import { ipnsValidator } from 'ipns/validator';
import { beforeAll, describe, expect, test } from 'vitest';
import { concat, fromHex, toHex, utf8 } from '#lib/bytes/index.ts';
import { asMap, cborMap, Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { peerIdOf, SigningKeyPair, startCrypto } from '#lib/crypto/index.ts';
import { partB } from '../../../tests/vectors/load.ts';
import {
  IPNS_RECORD_MAX_BYTES,
  ipnsKeyOf,
  ipnsRecordFromJson,
  ipnsRecordFromProtobuf,
  IpnsRecordExpired,
  ipnsRecordToJson,
  ipnsRecordToProtobuf,
  MalformedIpnsRecord,
  peerOfIpnsKey,
} from './ipns-record.ts';
import {
  EndlessSuccession,
  followSuccession,
  knownSuccessor,
  NodeRecordOutdated,
  openNodeRecord,
  requireNotOutdated,
  signNodeRecord,
  successorIn,
} from './node-record.ts';
import { WrongSignature } from './refusals.ts';

const SUCCESSOR = Cid.parse('12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR');
const NOW_MS = Date.UTC(2026, 5, 1);
const DAY_MS = 86_400_000;

beforeAll(() => startCrypto());

/** A node that signs whatever it is told to. */
function createNode() {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
  const nodeId = Cid.identity(CODEC.libp2pKey, concat(Uint8Array.of(8, 1, 0x12, 0x20), raw));
  const signed = (fields: Record<string, CborValue>) => {
    const data = encodeCbor(
      cborMap(
        Object.entries({
          Value: utf8('/ipfs/bafkqaaa'),
          // As the reference writes it: nanoseconds without leading zeros.
          Validity: utf8('2027-05-31T12:00:00.7Z'),
          ValidityType: 0,
          Sequence: 1,
          TTL: 31_536_000_000_000_000n,
          ...fields,
        }),
      ),
    );
    const signature = new Uint8Array(sign(null, concat(utf8('ipns-signature:'), data), privateKey));
    return { data, signature };
  };
  return { nodeId, signed };
}

const moved = cborMap([
  ['h', SUCCESSOR.multihash],
  ['m', true],
  ['s', 2],
]);

describe('the record of a node', () => {
  test('names who took its place, as a map or as bytes of one', async () => {
    const { nodeId, signed } = createNode();
    for (const record of [signed({ _peergos_rr: moved }), signed({ Value: encodeCbor(moved) })]) {
      const opened = await openNodeRecord(nodeId, record, NOW_MS);
      expect(successorIn(opened)).toEqual(SUCCESSOR);
      expect(opened.sequence).toBe(2n);
      expect(opened.expiresMs).toBe(Date.UTC(2027, 4, 31, 12));
    }
  });

  test('names nobody while the node has not moved', async () => {
    const { nodeId, signed } = createNode();
    const prepared = cborMap([
      ['h', SUCCESSOR.multihash],
      ['s', 1],
    ]);
    for (const resolution of [prepared, cborMap([['s', 0]])]) {
      const record = await openNodeRecord(nodeId, signed({ _peergos_rr: resolution }), NOW_MS);
      expect(successorIn(record)).toBeUndefined();
    }
  });

  test('counts only with the signature of the very node', async () => {
    const [one, other] = [createNode(), createNode()];
    const record = other.signed({ _peergos_rr: moved });
    const { data, signature } = record;
    const open = (nodeId: Cid, signed: typeof record) => openNodeRecord(nodeId, signed, NOW_MS);
    await expect(open(one.nodeId, record)).rejects.toThrow(WrongSignature);
    const changed = data.with(data.length - 1, data.at(-1)! ^ 1);
    await expect(open(other.nodeId, { data: changed, signature })).rejects.toThrow(WrongSignature);
    const short = { data, signature: signature.subarray(1) };
    await expect(open(other.nodeId, short)).rejects.toThrow(WrongSignature);
    const rsa = Cid.parse('QmcoDbhCiVXGrWs6rwBvB59Gm44veo7Qxn2zmRnPw7BaCH');
    await expect(open(rsa, record)).rejects.toThrow(MalformedIpnsRecord);
  });

  test('counts until the time it says, and not without saying one', async () => {
    const { nodeId, signed } = createNode();
    const open = (fields: Record<string, CborValue>) =>
      openNodeRecord(nodeId, signed({ _peergos_rr: moved, ...fields }), NOW_MS);
    await expect(open({ Validity: utf8('2026-05-31T23:59:59.0Z') })).rejects.toThrow(
      IpnsRecordExpired,
    );
    for (const Validity of [utf8('for ever'), new Uint8Array(), Uint8Array.of(0xff, 0xfe)]) {
      await expect(open({ Validity })).rejects.toThrow(MalformedIpnsRecord);
    }
    await expect(open({ ValidityType: 1 })).rejects.toThrow(MalformedIpnsRecord);
    await expect(open({ Validity: 5 })).rejects.toHaveProperty('name', 'MalformedCbor');
  });

  test('is refused before it is looked at where it is too long', async () => {
    const { nodeId, signed } = createNode();
    const long = signed({ _peergos_rr: moved, _more: new Uint8Array(IPNS_RECORD_MAX_BYTES) });
    await expect(openNodeRecord(nodeId, long, NOW_MS)).rejects.toThrow(MalformedIpnsRecord);
  });
});

describe('a record after another one', () => {
  const one = { sequence: 3n, successor: SUCCESSOR, hasMoved: true, expiresMs: NOW_MS };
  const other = Cid.parse('12D3KooWEnCzE4uSeniFaCGXQuV1UnYkvqvbQJnYC363S2abgknr');

  test('may be the same, or the same with a later time', () => {
    requireNotOutdated(one, one);
    requireNotOutdated(one, { ...one, sequence: 4n, expiresMs: NOW_MS + 1 });
    requireNotOutdated({ ...one, successor: undefined, hasMoved: false }, one);
  });

  test.each([
    ['an earlier number', { ...one, sequence: 2n }],
    ['another successor', { ...one, sequence: 4n, successor: other }],
    ['no successor any more', { ...one, sequence: 4n, successor: undefined }],
    ['a node that came back', { ...one, sequence: 4n, hasMoved: false }],
  ])('is refused with %s', (_, next) => {
    expect(() => {
      requireNotOutdated(one, next);
    }).toThrow(NodeRecordOutdated);
  });
});

describe('the line of those who took over', () => {
  const id = (n: number): Cid =>
    peerIdOf(SigningKeyPair.fromSeed(new Uint8Array(32).fill(n)).publicKey);
  const movedTo = (n: number | undefined) => ({
    sequence: 1n,
    successor: n === undefined ? undefined : id(n),
    hasMoved: n !== undefined,
    expiresMs: NOW_MS,
  });
  const follow = async (next: (n: number) => number | undefined) => {
    const known = new Map(
      Array.from({ length: 40 }, (_, n) => [id(n).toString(), movedTo(next(n))]),
    );
    const line = await followSuccession(id(0), async (it) => known.get(it.toString()));
    return line.map((it) => it.toString());
  };

  test('ends at the one that names nobody', async () => {
    expect(await follow((n) => (n < 3 ? n + 1 : undefined))).toEqual(
      [0, 1, 2, 3].map((n) => id(n).toString()),
    );
    expect(await follow(() => undefined)).toEqual([id(0).toString()]);
  });

  test('is refused where it leads back or has no end', async () => {
    await expect(follow(() => 0)).rejects.toThrow(EndlessSuccession);
    await expect(follow((n) => (n + 1) % 3)).rejects.toThrow(EndlessSuccession);
    await expect(follow((n) => (n < 2 ? n + 1 : 1))).rejects.toThrow(EndlessSuccession);
    await expect(follow((n) => n + 1)).rejects.toThrow(EndlessSuccession);
  });
});

describe('a record that is signed here', () => {
  const key = SigningKeyPair.fromSeed(new Uint8Array(32).fill(7));
  const nodeId = peerIdOf(key.publicKey);

  test('is taken by the IPNS library of libp2p, which reads the same in it', async () => {
    const now = Date.now();
    const record = { sequence: 9n, successor: SUCCESSOR, hasMoved: true };
    const entry = ipnsRecordToProtobuf(await signNodeRecord(key, record, now));
    await ipnsValidator(ipnsKeyOf(nodeId), entry);
    const read = unmarshalIPNSRecord(entry);
    expect([read.sequence, read.value]).toEqual([9n, '/ipfs/bafkqaaa']);
    const daysLeft = (Date.parse(read.validity) - now) / DAY_MS;
    expect([Math.round(daysLeft), read.ttl]).toEqual([365, 365n * 86_400n * 10n ** 9n]);
    await expect(
      ipnsValidator(ipnsKeyOf(SUCCESSOR), entry),
      'another peer’s key',
    ).rejects.toHaveProperty('name', 'SignatureVerificationError');
  });

  test('has the field of the printed vector', async () => {
    const { cbor } = partB<{ cbor: string }>('resolutionRecord');
    const successor = Cid.fromBytes(
      concat(Uint8Array.of(1, CODEC.libp2pKey), fromHex(cbor.slice(10, 10 + 76))),
    );
    const { data } = await signNodeRecord(key, { sequence: 3n, successor, hasMoved: true }, NOW_MS);
    const field = asMap(decodeCbor(data), 'the data').get('_peergos_rr')!;
    expect(toHex(encodeCbor(field))).toBe(cbor);
  });

  test('comes out of the protobuf as it went in, and not out of a broken one', async () => {
    const record = { sequence: 1n, successor: undefined, hasMoved: false };
    const signed = await signNodeRecord(key, record, NOW_MS);
    const entry = ipnsRecordToProtobuf(signed);
    expect(ipnsRecordFromProtobuf(entry)).toEqual(signed);
    expect(ipnsRecordFromJson(ipnsRecordToJson(signed))).toEqual(signed);
    for (const text of ['', '{}', 'null', '{"sig":1,"data":"00"}', '{"sig":"0","data":"0g"}']) {
      expect(() => ipnsRecordFromJson(text)).toThrow(MalformedIpnsRecord);
    }
    for (let length = 0; length < entry.length; length++) {
      expect(() => ipnsRecordFromProtobuf(entry.subarray(0, length))).toThrow(MalformedIpnsRecord);
    }
    const long = new Uint8Array(IPNS_RECORD_MAX_BYTES + 1);
    expect(() => ipnsRecordFromProtobuf(long)).toThrow(MalformedIpnsRecord);
    const fixed = concat(entry, Uint8Array.of(0x0d, 0, 0, 0, 0));
    expect(() => ipnsRecordFromProtobuf(fixed)).toThrow(MalformedIpnsRecord);
  });
});

test('the key of a record names its peer', () => {
  expect(peerOfIpnsKey(ipnsKeyOf(SUCCESSOR))?.toPeerId()).toBe(SUCCESSOR.toPeerId());
  for (const key of [utf8('/pk/x'), utf8('/ipns/'), utf8('/ipns/nonsense'), new Uint8Array()]) {
    expect(peerOfIpnsKey(key)).toBeUndefined();
  }
});

test('two nodes of the first years have a successor that is known without a record', () => {
  const old = Cid.parse('QmcoDbhCiVXGrWs6rwBvB59Gm44veo7Qxn2zmRnPw7BaCH');
  expect(knownSuccessor(old)?.toPeerId()).toBe(SUCCESSOR.toPeerId());
  expect(knownSuccessor(SUCCESSOR)).toBeUndefined();
});
