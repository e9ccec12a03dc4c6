/** Blocks that go to an object store and come from it, and a store that cannot be relied on. */
import { beforeAll, expect, test } from 'vitest';
import { toHex } from '#lib/bytes/index.ts';
import { Cid, CODEC } from '#lib/codec/index.ts';
import {
  Bat,
  BatWithId,
  hashBlockNow,
  rawBlockPrefix,
  sha256Now,
  startCrypto,
} from '#lib/crypto/index.ts';
import { PATHS, RateLimited } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { createBench, signedBlock, TestAccount } from '#lib/node-local/testing.ts';
import type { BlockStoreProperties } from '#lib/node/index.ts';
import { served } from './testing.ts';

const STORE = 'https://store.test';
const bat = new Bat(new Uint8Array(32).fill(8));
const shown = new BatWithId(bat, bat.secretHashId());
const block = (fill: number, length = 150_000) =>
  new Uint8Array([...rawBlockPrefix([bat.inlineId()]), ...new Uint8Array(length).fill(fill)]);

type Answering = (request: Request, count: number) => Response | undefined;

/** A node on an object store; `answering` takes the place of the store's own answers. */
async function onStore(
  properties: Partial<BlockStoreProperties>,
  answering: Answering = () => undefined,
) {
  const stores = createMemoryStores();
  const bench = createBench({
    ...stores,
    directTransfer: {
      properties: {
        directWrites: false,
        publicReads: false,
        authorisedReads: false,
        objectStoreUrl: `${STORE}/bucket/`,
        ...properties,
      },
      presignWrite: async (key, cid, sizeBytes) => ({
        url: `${STORE}/bucket/${key}?signed`,
        headers: new Map([
          ['Host', 'store.test'],
          ['Content-Length', String(sizeBytes)],
          ['Content-Type', 'application/octet-stream'],
          ['Authorization', 'AWS4-HMAC-SHA256 x'],
          ['x-amz-content-sha256', toHex(cid.digest)],
          ['Cookie', 'no'],
          ['X-Other', 'no'],
        ]),
      }),
      presignRead: async (key) => ({ url: `${STORE}/bucket/${key}?signed`, headers: new Map() }),
    },
  });
  const account = await TestAccount.signUp(bench.node);
  const asked: Request[] = [];
  const store = async (request: Request): Promise<Response> => {
    asked.push(request.clone() as Request);
    const answer = answering(request, asked.length - 1);
    if (answer !== undefined) return answer;
    const key = decodeURIComponent(new URL(request.url).pathname.slice('/bucket/'.length));
    if (request.method === 'GET') {
      // A public address ends in the upper-case base32 form of the CID.
      const cidText = key.startsWith('public/')
        ? Cid.parse(`B${key.slice(7)}`).toString()
        : undefined;
      const found = await stores.blocks.get(
        cidText === undefined ? key : `${account.owner.toString()}/${cidText}`,
      );
      return new Response((found ?? null) as BodyInit | null, { status: found ? 200 : 404 });
    }
    const bytes = new Uint8Array(await request.arrayBuffer());
    if (toHex(sha256Now(bytes)) !== request.headers.get('x-amz-content-sha256')) {
      return new Response(null, { status: 400 });
    }
    await stores.blocks.putMany([{ key, bytes }]);
    return new Response();
  };
  const client = served(
    {
      between: (request, next) => (request.url.startsWith(STORE) ? store(request) : next()),
    },
    bench,
  );
  await client.node.blocks.nodeId();
  const put = async (...blocks: Uint8Array[]) => {
    const signed = await Promise.all(blocks.map((bytes) => signedBlock(account.home, bytes)));
    return client.node.blocks.put(account.owner, account.home.hash, signed, 'raw', 't1');
  };
  const get = (cid: Cid) => client.node.blocks.get(account.owner, cid, shown);
  const paths = () => client.seen.map(({ path }) => path);
  return { ...client, bench, account, asked, put, get, paths };
}

beforeAll(async () => void (await startCrypto()));

test('large raw blocks go straight to the store with its headers, small ones to the node', async () => {
  const { put, asked, paths } = await onStore({ directWrites: true });
  const blocks = [block(1), block(2, 1_000), block(3)];
  expect(await put(...blocks)).toEqual(blocks.map((bytes) => hashBlockNow(bytes, CODEC.raw)));
  expect(asked.map(({ method }) => method)).toEqual(['PUT', 'PUT']);
  for (const { headers, credentials } of asked) {
    expect([...headers.keys()].sort()).toEqual([
      'authorization',
      'content-type',
      'x-amz-content-sha256',
    ]);
    expect(credentials).toBe('omit');
  }
  expect(paths().filter((path) => path === PATHS.authoriseWrites)).toHaveLength(1);
  expect(paths().filter((path) => path === PATHS.blockPutBulk)).toHaveLength(1);
});

test('a store that is busy is asked again, and one that refuses makes it go through the node', async () => {
  const busy = await onStore({ directWrites: true }, (_, count) =>
    count < 3 ? new Response(null, { status: 503 }) : undefined,
  );
  await busy.put(block(1));
  expect(busy.asked).toHaveLength(4);
  expect(busy.paths()).not.toContain(PATHS.blockPutBulk);
  const closed = await onStore({ directWrites: true }, () => new Response(null, { status: 403 }));
  const [cid] = await closed.put(block(1));
  expect(closed.paths()).toContain(PATHS.blockPutBulk);
  expect(await closed.get(cid!)).toEqual(block(1));
});

test.each<[string, Partial<BlockStoreProperties>]>([
  ['authorised', { authorisedReads: true }],
  ['public', { publicReads: true, publicReadUrl: `${STORE}/bucket/public/` }],
])('raw blocks are read from the store: %s', async (_, properties) => {
  const { put, get, paths, seen, asked } = await onStore(properties);
  const blocks = [1, 2, 3].map((fill) => block(fill));
  const cids = await put(...blocks);
  await get(cids[0]!);
  seen.length = 0;
  asked.length = 0;
  expect(await Promise.all(cids.map(get))).toEqual(blocks);
  expect(asked).toHaveLength(3);
  expect(paths()).not.toContain(PATHS.blockGet);
  expect(paths().filter((path) => path === PATHS.authoriseReads).length).toBeLessThanOrEqual(1);
});

test.each<[string, Answering]>([
  ['is gone', () => new Response(null, { status: 404 })],
  ['holds other bytes', () => new Response(new Uint8Array(100))],
  [
    'never ends',
    () => new Response(new ReadableStream({ pull: (c) => c.enqueue(new Uint8Array(65_536)) })),
  ],
  [
    'cannot be reached',
    () => {
      throw new TypeError('fetch failed');
    },
  ],
])('what %s in the store comes from the node', async (_, answering) => {
  const { put, get, paths } = await onStore({ authorisedReads: true }, answering);
  const [cid] = await put(block(1));
  expect(await get(cid!)).toEqual(block(1));
  expect(paths()).toContain(PATHS.blockGet);
});

test('a store that cannot be reached from here is asked once, then not for five minutes', async () => {
  let isBarred = true;
  const barred = (): undefined => {
    if (isBarred) throw new TypeError('Failed to fetch');
  };
  const offer = { directWrites: true, authorisedReads: true };
  const { put, get, asked, paths, bench } = await onStore(offer, barred);
  const [cid] = await put(block(1));
  expect(await get(cid!)).toEqual(block(1));
  await put(block(2));
  expect(asked).toHaveLength(1);
  expect(paths().filter((path) => path === PATHS.blockPutBulk)).toHaveLength(2);
  isBarred = false;
  bench.time.nowMs += 300_001;
  await put(block(3));
  expect(asked).toHaveLength(2);
});

test('a store that answered before is asked as often as the protocol says', async () => {
  let isBarred = false;
  const { put, asked } = await onStore({ directWrites: true }, () => {
    if (isBarred) throw new TypeError('Failed to fetch');
    return undefined;
  });
  await put(block(1));
  isBarred = true;
  await put(block(2));
  expect(asked).toHaveLength(8);
});

test('a rate limit is not got round by asking the node for the same', async () => {
  const limited = served(
    {
      between: (request, next) =>
        request.url.includes(PATHS.authoriseReads)
          ? Promise.resolve(
              new Response(null, { status: 429, headers: { Trailer: 'Rate+Limit%3A+too+much' } }),
            )
          : next(),
    },
    (await onStore({ authorisedReads: true })).bench,
  );
  await limited.node.blocks.nodeId();
  const account = new TestAccount(limited.bench.node, 'alice');
  const missing = hashBlockNow(block(9), CODEC.raw);
  await expect(limited.node.blocks.get(account.owner, missing)).rejects.toBeInstanceOf(RateLimited);
});
