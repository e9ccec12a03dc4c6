/** What a node says of itself, and what is believed of it. */
import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { sha256Now, Signer, SigningKeyPair, startCrypto } from '#lib/crypto/index.ts';
import {
  isForkProved,
  NODE_REPORT_MAX_BYTES,
  nodeReportFromBytes,
  nodeReportToBytes,
} from './node-report.ts';
import type { RegistryFork } from './node-report.ts';
import { signPointer } from './pointer.ts';

beforeAll(() => startCrypto());

const key = (name: string) => SigningKeyPair.fromSeed(sha256Now(utf8(name)));
const block = (name: string) => Cid.sha256(CODEC.dagCbor, sha256Now(utf8(name)));
const [registry, mallory] = ['registry', 'mallory'].map(key) as [SigningKeyPair, SigningKeyPair];

const signed = (target: string, sequence = 7, by = registry) =>
  signPointer(Signer.of(by), { original: block('before'), updated: block(target), sequence });

async function fork(): Promise<RegistryFork> {
  const [kept, shown] = [await signed('one'), await signed('other')];
  return { writer: registry.hash, sequence: 7, kept, shown };
}

describe('a fork', () => {
  it('is proved by two signatures of one key over two states of one number', async () => {
    expect(await isForkProved(await fork())).toBe(true);
  });

  it.each([
    ['the same state twice', async () => ({ shown: await signed('one') })],
    ['another number', async () => ({ shown: await signed('other', 8) })],
    ['a number that was not signed', async () => ({ sequence: 8 })],
    ['a signature of somebody else', async () => ({ shown: await signed('other', 7, mallory) })],
    ['a key that signed neither', async () => ({ writer: mallory.hash })],
    ['bytes that are no pointer', async () => ({ shown: new Uint8Array(80) })],
    ['far too many bytes', async () => ({ shown: new Uint8Array(5_000) })],
  ])('is not proved by %s', async (_what, change) => {
    expect(await isForkProved({ ...(await fork()), ...(await change()) })).toBe(false);
  });
});

describe('the report of a node', () => {
  it('comes back as it was, within its bounds', async () => {
    const one = await fork();
    const report = {
      addresses: Array.from({ length: 20 }, (_, i) => `/ip4/192.0.2.${i}/udp/4001`),
      registry: {
        identity: registry.hash,
        sequence: 7,
        refused: 'r'.repeat(5_000),
        forks: Array.from({ length: 50 }, () => one),
      },
    };
    const bytes = nodeReportToBytes(report);
    expect(bytes.length).toBeLessThan(NODE_REPORT_MAX_BYTES);
    const read = nodeReportFromBytes(bytes);
    expect(read.addresses).toEqual(report.addresses.slice(0, 8));
    expect(read.registry?.refused).toHaveLength(500);
    expect(read.registry?.forks).toEqual(Array.from({ length: 8 }, () => one));
    expect(nodeReportFromBytes(nodeReportToBytes({ addresses: [], registry: undefined }))).toEqual({
      addresses: [],
      registry: undefined,
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['too many addresses', encodeCbor(new Map([['a', Array.from({ length: 9 }, () => '/ip4')]]))],
    ['a long address', encodeCbor(new Map([['a', ['x'.repeat(301)]]]))],
    ['no list', encodeCbor(new Map([['a', '/ip4']]))],
    ['very much', new Uint8Array(NODE_REPORT_MAX_BYTES + 1)],
  ])('is refused if it is %s', (_what, bytes) => {
    expect(() => nodeReportFromBytes(bytes)).toThrow(
      expect.objectContaining({ name: 'MalformedAnswer' }),
    );
  });
});
