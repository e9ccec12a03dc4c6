/** Blocks in a real S3-compatible service: every behaviour of a store, and direct transfers. */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createS3BlockStore } from '#lib/stores/server/index.ts';
import type { S3BlockStoreOptions } from '#lib/stores/server/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { describeAgreement, describeBlockStore } from '#lib/stores/testing.ts';
import { S3_PROGRAM, startS3 } from './servers.ts';
import type { S3Server } from './servers.ts';

let server: S3Server;
let folders = 0;

const bytes = (...values: number[]) => Uint8Array.from(values);

function openStore(options: Partial<S3BlockStoreOptions> = {}) {
  const { endpoint, region, accessKeyId, secretAccessKey } = server;
  const folder = `test${String(++folders)}/`;
  const access = { endpoint, region, accessKeyId, secretAccessKey, bucket: 'pyrgos-blocks' };
  return createS3BlockStore({ ...access, folder, ...options });
}

describe.skipIf(S3_PROGRAM === undefined)('S3', () => {
  beforeAll(async () => {
    server = await startS3();
    await server.makeBucket('pyrgos-blocks');
  });
  afterAll(() => server.stop());

  describeBlockStore('S3', async () => openStore(), { areNames: true });
  describeAgreement(
    'S3',
    async () => ({ blocks: openStore(), records: createMemoryStores().records }),
    { areNames: true, runs: 10 },
  );

  test('a bucket may be in the name of the host', async () => {
    const folder = 'hosts/';
    const store = openStore({
      folder,
      endpoint: server.virtualHostEndpoint,
      addressing: 'virtual-host',
      fetch: fetchFromHere,
    });
    await store.putMany([{ key: 'a/1', bytes: bytes(1) }]);
    expect(await openStore({ folder }).get('a/1')).toEqual(bytes(1));
  });

  test('lists of several pages are whole, and many blocks are deleted', async () => {
    const store = openStore();
    const keys = Array.from({ length: 1234 }, (_, i) => `o/${String(i).padStart(5, '0')}`);
    await store.putMany(keys.map((key) => ({ key, bytes: bytes(1) })));
    expect((await store.list('o/')).map(({ key }) => key)).toEqual(keys);
    expect((await store.list('o/', 'o/00099', 1100)).map(({ key }) => key)).toEqual(
      keys.slice(100, 1200),
    );
    await store.deleteMany(keys);
    expect(await store.list('')).toEqual([]);
  });

  test('blocks of the greatest size come back as they were', async () => {
    const store = openStore();
    const block = new Uint8Array(1_048_676).map((_, i) => i * 7);
    await store.putMany(
      Array.from({ length: 20 }, (_, i) => ({ key: `b/${String(i)}`, bytes: block })),
    );
    const stored = await Promise.all(
      Array.from({ length: 20 }, (_, i) => store.get(`b/${String(i)}`)),
    );
    expect(stored.every((found) => found !== undefined && Buffer.compare(found, block) === 0)).toBe(
      true,
    );
  });

  test('a pre-signed write stores the bytes it names, and nothing else', async () => {
    const store = openStore();
    const block = new Uint8Array(200_000).fill(3);
    const put = await store.presignPut('a/1', {
      sha256: createHash('sha256').update(block).digest(),
      sizeBytes: block.length,
    });
    const headers = [...put.headers].filter(([name]) => !/^(host|content-length)$/i.test(name));
    const send = (body: Uint8Array<ArrayBuffer>, url = put.url) =>
      fetch(url, { method: 'PUT', headers, body }).then(({ ok }) => ok);
    expect(await send(new Uint8Array(200_000).fill(4))).toBe(false);
    expect(await send(block.slice(1))).toBe(false);
    expect(await send(block, put.url.replace('a/1', 'a/2'))).toBe(false);
    expect(await store.list('')).toEqual([]);
    expect(await send(block)).toBe(true);
    expect(await store.get('a/1')).toEqual(block);
  });

  test('a pre-signed read is good for its object, for its time', async () => {
    const store = openStore();
    await store.putMany(['a/1', 'a/2'].map((key) => ({ key, bytes: bytes(1, 2) })));
    const { url } = await store.presignGet('a/1');
    expect(await (await fetch(url)).bytes()).toEqual(bytes(1, 2));
    expect((await fetch(url.replace('a/1', 'a/2'))).ok).toBe(false);
    const past = openStore({ clock: () => Date.now() - 11 * 60_000 });
    expect((await fetch((await past.presignGet('a/1')).url)).ok).toBe(false);
    expect((await fetch(`${store.objectsUrl}a/1`)).ok).toBe(false);
  });

  test('faults of an object store are reported in sentences', async () => {
    await openStore().checkAccess();
    const told = (options: Partial<S3BlockStoreOptions>) =>
      openStore({ tries: 1, ...options })
        .checkAccess()
        .catch(String);
    expect(await told({ bucket: 'no-such-bucket' })).toMatch(/no such bucket/u);
    expect(await told({ secretAccessKey: 'wrong' })).toMatch(/secret key right/u);
    expect(await told({ accessKeyId: 'wrong' })).toMatch(/access key/u);
    expect(await told({ clock: () => Date.now() - 3_600_000 })).toMatch(/clock/u);
    expect(await told({ endpoint: 'http://127.0.0.1:1' })).toMatch(/not be reached/u);
  });
});

/** `fetch` for a host that no name server knows and that is this machine. */
async function fetchFromHere(input: string | URL | Request, init?: RequestInit): Promise<Response> {
  const url = new URL(String(input));
  expect(url.hostname).toBe('pyrgos-blocks.objects.test');
  const sending = request({
    host: '127.0.0.1',
    port: url.port,
    path: url.pathname + url.search,
    method: init?.method ?? 'GET',
    headers: { ...Object.fromEntries(new Headers(init?.headers)), host: url.host },
  });
  sending.end(init?.body ?? undefined);
  const [answer] = (await once(sending, 'response')) as [IncomingMessage];
  const body = await buffer(answer);
  const headers = { 'content-length': String(body.length) };
  return new Response(new Uint8Array(body), { status: answer.statusCode ?? 500, headers });
}
