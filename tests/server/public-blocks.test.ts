/** What of a server gets to IPFS, and what comes from there. The Kubo is a small server of this test. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { TrustStore } from '#lib/account/index.ts';
import { Cid, CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { Bat, hashBlockNow, startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import type { DriveDeps } from '#lib/drive/index.ts';
import { openPointer, readWriterData } from '#lib/protocol/index.ts';
import { identitiesFrom, PublicFiles, shareRecords } from '#lib/social/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { fetchPublicFrom } from '../../src/server/ipfs/fetch-public.ts';
import { Kubo } from '../../src/server/ipfs/kubo.ts';
import { publicBlocks } from '../../src/server/ipfs/public-blocks.ts';
import { sharePublicBlocks } from '../../src/server/ipfs/share-public-blocks.ts';
import { createLog } from '../../src/server/observe/log.ts';
import { put, signUpAt, type Client } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';

beforeAll(() => startCrypto());

interface FakeKubo {
  readonly api: string;
  /** By codec and hash. */
  readonly blocks: Map<string, Uint8Array>;
  readonly pinned: Set<string>;
}

const keyOf = (cid: Cid): string =>
  `${String(cid.codec)}/${Buffer.from(cid.digest).toString('hex')}`;

/** The five calls, as Kubo 0.43 answers them. */
async function startKubo(): Promise<FakeKubo> {
  const blocks = new Map<string, Uint8Array>();
  const pinned = new Set<string>();
  const answer = async (request: IncomingMessage): Promise<Uint8Array | string | undefined> => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://kubo');
    const arg = searchParams.get('arg');
    const key = arg === null ? '' : keyOf(Cid.parse(arg));
    if (request.method !== 'POST') return undefined;
    if (pathname === '/api/v0/block/put') {
      const bytes = await partOf(request);
      const codec = searchParams.get('cid-codec') === 'raw' ? CODEC.raw : CODEC.dagCbor;
      const hash = createHash(searchParams.get('mhtype') === 'sha2-256' ? 'sha256' : 'md5');
      blocks.set(`${String(codec)}/${hash.update(bytes).digest('hex')}`, bytes);
      return '{}';
    }
    if (pathname === '/api/v0/block/get') return blocks.get(key);
    if (pathname === '/api/v0/pin/add' && blocks.has(key)) return String(pinned.add(key));
    if (pathname === '/api/v0/pin/rm') return pinned.delete(key) ? '{}' : undefined;
    if (pathname === '/api/v0/block/rm' && !pinned.has(key)) return String(blocks.delete(key));
    return undefined;
  };
  const server = createServer((request, response) => {
    void answer(request).then((found) => {
      response.writeHead(found === undefined ? 500 : 200);
      response.end(found);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { api: `http://127.0.0.1:${String(port)}`, blocks, pinned };
}

/** The one part of a form. */
async function partOf(request: IncomingMessage): Promise<Uint8Array> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const part = [...(await new Response(body, { headers }).formData()).values()][0];
  return new Uint8Array(await (part as File).arrayBuffer());
}

function publishing({ deps, drive, session }: Client): PublicFiles {
  const driveDeps: DriveDeps = { ...deps, cipher: createLocalChunkCipher(systemRandom) };
  const trust = identitiesFrom(new TrustStore(drive, deps.node));
  const social = { ...deps, drive, driveDeps, person: session, ...trust };
  drive.records = shareRecords(social);
  return new PublicFiles(social);
}

/** Where alice's table of what is published begins now. */
async function tableOf({ node }: TestNode, { session }: Client): Promise<Cid | undefined> {
  const { owner } = session.home;
  const { updated } = await openPointer(owner, (await node.pointers.get(owner, owner))!);
  return readWriterData(decodeBlock((await node.blocks.get(owner, updated!))!)).publicData;
}

/** Whether a block says that a BAT is needed for it (A-4 §3). */
const hasBats = (bytes: Uint8Array): boolean =>
  Buffer.from(bytes).includes(Buffer.from('\x64bats', 'latin1')) ||
  Buffer.from(bytes.subarray(0, 8)).equals(Buffer.from('711d10cf3d322f2b', 'hex'));

test('names and what is published get to IPFS, nothing with BATs, and not for ever', async () => {
  const fake = await startKubo();
  const server = await startNode({ registry: { at: 'self' } });
  const alice = await signUpAt(server.url, 'alice');
  await put(alice, 'public.bin', new Uint8Array(300_000).fill(1));
  await put(alice, 'private.bin', new Uint8Array(300_000).fill(2));
  const files = publishing(alice);
  await files.publish(['alice', 'public.bin']);
  await server.registry!.step();
  const { node } = server;
  const { records } = createMemoryStores();
  const kubo = new Kubo(fake.api);
  const blocks = publicBlocks({ node, registry: server.registry!.names });
  const log = createLog('error', () => undefined);
  const deps = { blocks, kubo, records, clock: Date.now, log };
  const share = (isFirst = false) => sharePublicBlocks(deps, isFirst, new AbortController().signal);
  const first = await share(true);
  expect(first).toMatchObject({ given: fake.blocks.size, removed: 0 });
  expect(fake.pinned.size).toBe(fake.blocks.size);
  const root = (await server.registry!.names.state())!.root;
  const table = (await tableOf(server, alice))!;
  for (const cid of [root, table]) expect(fake.blocks.has(keyOf(cid))).toBe(true);
  for (const bytes of fake.blocks.values()) expect(hasBats(bytes)).toBe(false);
  expect(await share(), 'nothing has changed').toMatchObject({ given: 0, removed: 0 });

  // Somebody emptied it: the first run of a process gives all again.
  const had = [...fake.blocks.keys()].toSorted();
  fake.blocks.clear();
  fake.pinned.clear();
  await share(true);
  expect([...fake.blocks.keys()].toSorted()).toEqual(had);

  await files.unpublish(['alice', 'public.bin']);
  fake.blocks.set('another program', Uint8Array.of(1));
  expect((await share())!.removed).toBeGreaterThan(0);
  expect(fake.blocks.has(keyOf(table))).toBe(false);
  expect(fake.blocks.has('another program')).toBe(true);
}, 60_000);

test('a server that is told of a Kubo shares by it, and stops while that one is away', async () => {
  const { api, blocks } = await startKubo();
  const server = await startNode({ ipfs: api, registry: { at: 'self' } });
  await expect.poll(() => server.logged.join()).toContain('public blocks shared on IPFS');
  expect(blocks.has(keyOf((await server.registry!.names.state())!.root))).toBe(true);
  const alone = await startNode({ ipfs: 'http://127.0.0.1:9', registry: { at: 'self' } });
  await expect.poll(() => alone.logged.join()).toContain('sharing on IPFS failed');
  await alone.close();
});

test('a table that leads to protected blocks leads nobody there, and bounds hold', async () => {
  const secret = encodeCbor(new Map([['bats', [new Bat(new Uint8Array(32)).withId().id.bytes]]]));
  const plain = Array.from({ length: 20 }, (_, n) => encodeCbor([n]));
  const cidOf = (bytes: Uint8Array): Cid => hashBlockNow(bytes, CODEC.dagCbor);
  const table = encodeCbor([...plain, secret].map(cidOf));
  const stored = new Map([...plain, secret, table].map((it) => [cidOf(it).toString(), it]));
  const blocks = publicBlocks({
    node: { names: { usernames: async () => [] } } as never,
    registry: {
      state: async () => ({ root: cidOf(table) }) as never,
      block: async (cid) => stored.get(cid.toString()),
    },
  });
  const given: Uint8Array[] = [];
  const kubo = {
    put: async (_: Cid, bytes: Uint8Array) => void given.push(bytes),
    remove: async () => undefined,
  };
  const { records } = createMemoryStores();
  const logged: string[] = [];
  const log = createLog('warn', (line) => logged.push(line));
  const deps = { blocks, kubo, records, clock: Date.now, log };
  await sharePublicBlocks(deps, true, new AbortController().signal);
  expect(given).toHaveLength(21);
  expect(given).not.toContainEqual(secret);
  const few = await sharePublicBlocks(
    { ...deps, maxBlocks: 5 },
    true,
    new AbortController().signal,
  );
  expect(few?.blocks).toBe(5);
  expect(logged.join()).toContain('not all');
});

describe('a block from IPFS', () => {
  const block = encodeCbor('public');
  const cid = hashBlockNow(block, CODEC.dagCbor);

  test('is taken if it is the one that was asked for, and needs no BAT', async () => {
    const { api, blocks } = await startKubo();
    const fetchPublic = fetchPublicFrom(new Kubo(api));
    expect(await fetchPublic(cid)).toBeUndefined();
    blocks.set(keyOf(cid), block);
    expect(await fetchPublic(cid)).toEqual(block);
    blocks.set(keyOf(cid), encodeCbor('other'));
    expect(await fetchPublic(cid)).toBeUndefined();
    const bat = new Bat(new Uint8Array(32)).withId();
    const secret = encodeCbor(new Map([['bats', [bat.id.bytes]]]));
    for (const codec of [CODEC.dagCbor, CODEC.dagPb]) {
      const name = hashBlockNow(secret, codec);
      blocks.set(keyOf(name), secret);
      expect(await fetchPublic(name)).toBeUndefined();
    }
    const long = new Uint8Array(3_000_000);
    blocks.set(keyOf(hashBlockNow(long, CODEC.raw)), long);
    expect(await fetchPublic(hashBlockNow(long, CODEC.raw))).toBeUndefined();
  });

  test('is asked for no more than a few times at once, and not at all without a Kubo', async () => {
    let asked = 0;
    let answer = (): void => undefined;
    const answered = new Promise<void>((resolve) => (answer = resolve));
    const fetchPublic = fetchPublicFrom({
      get: async () => {
        asked++;
        await answered;
        return block;
      },
    });
    const all = Array.from({ length: 100 }, () => fetchPublic(cid));
    answer();
    const found = (await Promise.all(all)).filter((it) => it !== undefined);
    expect([asked, found.length]).toEqual([16, 16]);
    expect(await fetchPublicFrom(new Kubo('http://127.0.0.1:9'))(cid)).toBeUndefined();
  });
});
