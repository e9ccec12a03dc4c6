/**
 * Blocks in an object store, whose answers are written out here: what is sent, what is sent again,
 * and what is made of refusals. `npm run test:engines` runs the conformance tests on a real service.
 */
import { expect, test } from 'vitest';
import { StoreFull, StoreUnavailable } from '../types.ts';
import { createS3BlockStore } from './index.ts';
import type { S3BlockStoreOptions } from './index.ts';

interface Sent {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: string;
}

type Answer = (sent: Sent, signal: AbortSignal) => Response | Promise<Response>;

/** A service that answers requests one after the other as told, the last way from then on. */
function serviceOf(answers: readonly Answer[], options: Partial<S3BlockStoreOptions> = {}) {
  const sent: Sent[] = [];
  const store = createS3BlockStore({
    endpoint: 'https://objects.example',
    bucket: 'blocks',
    region: 'eu-central-1',
    accessKeyId: 'AK',
    secretAccessKey: 'very-secret',
    random: () => 0,
    tries: 3,
    fetch: async (input, init) => {
      const body = new TextDecoder().decode(
        (init?.body ?? new Uint8Array()) as Uint8Array<ArrayBuffer>,
      );
      const request = {
        method: init?.method ?? '',
        url: new URL(String(input)),
        headers: new Headers(init?.headers),
        body,
      };
      sent.push(request);
      const answer = answers[Math.min(sent.length, answers.length) - 1];
      return (answer ?? ok())(request, init?.signal ?? new AbortController().signal);
    },
    ...options,
  });
  return { store, sent };
}

const bytes = (...values: number[]) => Uint8Array.from(values);
const ok =
  (body = '') =>
  () =>
    new Response(body, { headers: lengthOf(body) });
const lengthOf = (body: string) => ({ 'content-length': String(body.length) });
const status =
  (code: number, name = '') =>
  () =>
    new Response(name === '' ? null : `<Error><Code>${name}</Code></Error>`, { status: code });
const fails = () => Promise.reject(new TypeError('fetch failed'));
const list = (keys: readonly string[], next = '') =>
  ok(
    `<ListBucketResult>${keys
      .map((key) => `<Contents><Key>${key}</Key><Size>5</Size></Contents>`)
      .join('')}<IsTruncated>${String(next !== '')}</IsTruncated>${
      next === '' ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`
    }</ListBucketResult>`,
  );

test('the bucket is in the path or in the name of the host', async () => {
  const path = serviceOf([ok()], { endpoint: 'https://objects.example/s3/', folder: 'f/' });
  await path.store.get('a/1');
  expect(path.sent[0]?.url.href).toBe('https://objects.example/s3/blocks/f/a/1');
  expect(path.store.objectsUrl).toBe('https://objects.example/s3/blocks/f/');
  const host = serviceOf([ok()], { addressing: 'virtual-host' });
  await host.store.get('a/1');
  expect(host.sent[0]?.url.href).toBe('https://blocks.objects.example/a/1');
});

test.each([
  { endpoint: 'objects.example' },
  { endpoint: 'ftp://objects.example' },
  { endpoint: 'https://user:secret@objects.example' },
  { endpoint: 'https://objects.example/?a' },
  { bucket: 'No Bucket' },
  { bucket: '../etc' },
  { folder: 'no-slash' },
  { folder: '../' },
])('%j is refused', (options) => {
  expect(() => serviceOf([], options)).toThrow(RangeError);
});

test('a request is sent again while that can help', async () => {
  const passing = [status(503, 'SlowDown'), fails, ok('block')];
  const { store, sent } = serviceOf(passing);
  expect(await store.get('k')).toEqual(new TextEncoder().encode('block'));
  expect(sent).toHaveLength(3);
  const late = serviceOf([status(400, 'RequestTimeout'), status(409, 'OperationAborted'), ok()]);
  await late.store.get('k');
  expect(late.sent).toHaveLength(3);
});

test('and no longer', async () => {
  for (const answer of [status(500), status(429), fails]) {
    const { store, sent } = serviceOf([answer]);
    await expect(store.get('k')).rejects.toBeInstanceOf(StoreUnavailable);
    expect(sent).toHaveLength(3);
  }
  for (const [answer, words] of [
    [status(403, 'AccessDenied'), /credentials/u],
    [status(403, 'SignatureDoesNotMatch'), /secret key right/u],
    [status(403, 'RequestTimeTooSkewed'), /clock/u],
    [status(404, 'NoSuchBucket'), /no such bucket/u],
    [status(301, 'PermanentRedirect'), /region/u],
    [status(404), /refused/u],
    [status(418), /refused/u],
  ] as const) {
    const { store, sent } = serviceOf([answer]);
    await expect(store.get('k')).rejects.toThrow(words);
    expect(sent).toHaveLength(1);
  }
});

test('an absent block is one of which the service says so', async () => {
  expect(await serviceOf([status(404, 'NoSuchKey')]).store.get('k')).toBeUndefined();
  expect(await serviceOf([status(404)]).store.has('k')).toBe(false);
});

test('a full service is told from a broken one, and no message holds a key', async () => {
  for (const answer of [
    status(507),
    status(403, 'QuotaExceeded'),
    status(500, 'XMinioStorageFull'),
  ]) {
    const { store } = serviceOf([answer]);
    const entry = { key: 'k', bytes: bytes(1) };
    await expect(store.putMany([entry])).rejects.toBeInstanceOf(StoreFull);
  }
  const { store } = serviceOf([status(403, 'InvalidAccessKeyId')]);
  const error = await store.checkAccess().catch((error: unknown) => error);
  expect(String(error)).not.toMatch(/very-secret|AK\b/u);
});

test('an answer that is cut off, or too long, is no block', async () => {
  const cut = () => new Response('abc', { headers: { 'content-length': '5' } });
  await expect(serviceOf([cut]).store.get('k')).rejects.toThrow(/cut off/u);
  const { store, sent } = serviceOf([cut, ok('block')]);
  expect(await store.get('k')).toHaveLength(5);
  expect(sent).toHaveLength(2);
  const long = () => new Response('a', { headers: { 'content-length': String(2 ** 40) } });
  await expect(serviceOf([long]).store.get('k')).rejects.toThrow(/larger/u);
  const endless = () =>
    new Response(
      new ReadableStream(
        { pull: (to) => to.enqueue(new Uint8Array(1 << 20)) },
        { highWaterMark: 0 },
      ),
    );
  await expect(serviceOf([endless], { tries: 1 }).store.get('k')).rejects.toThrow(/larger/u);
});

test('a service that does not answer is given up, at once if the reader has', async () => {
  const hangs: Answer = (_, signal) =>
    new Promise((_resolve, reject) => {
      const stop = () => {
        reject(signal.reason as Error);
      };
      if (signal.aborted) stop();
      else signal.addEventListener('abort', stop);
    });
  const slow = serviceOf([hangs], { timeoutMs: 20, tries: 2 });
  await expect(slow.store.get('k')).rejects.toThrow(/in time/u);
  expect(slow.sent).toHaveLength(2);
  const { store, sent } = serviceOf([hangs]);
  const controller = new AbortController();
  const reading = store.get('k', controller.signal);
  setTimeout(() => {
    controller.abort();
  }, 10);
  await expect(reading).rejects.toHaveProperty('name', 'AbortError');
  expect(sent).toHaveLength(1);
});

test('a block is stored if it is absent, whatever the service knows of conditions', async () => {
  const entry = { key: 'k', bytes: new TextEncoder().encode('block') };
  const modern = serviceOf([ok()]);
  await modern.store.putMany([entry, { key: 'k', bytes: bytes(2) }]);
  expect(modern.sent.map(({ method, body }) => [method, body])).toEqual([['PUT', 'block']]);
  expect(modern.sent[0]?.headers.get('if-none-match')).toBe('*');
  expect(modern.sent[0]?.headers.get('x-amz-content-sha256')).toHaveLength(64);
  const present = serviceOf([status(412, 'PreconditionFailed')]);
  await present.store.putMany([entry]);
  expect(present.sent).toHaveLength(1);
  const old = serviceOf([status(501, 'NotImplemented'), status(404), ok(), ok()]);
  await old.store.putMany([entry]);
  await old.store.putMany([entry]);
  expect(old.sent.map(({ method }) => method)).toEqual(['PUT', 'HEAD', 'PUT', 'HEAD']);
});

test('deletion is in bulk, or one by one where that is not known', async () => {
  const bulk = serviceOf([ok('<DeleteResult/>')]);
  await bulk.store.deleteMany(['a', 'b', 'a']);
  expect(bulk.sent.map(({ method, url }) => [method, url.search])).toEqual([['POST', '?delete=']]);
  expect(bulk.sent[0]?.body.match(/<Key>[^<]*/gu)).toEqual(['<Key>a', '<Key>b']);
  const single = serviceOf([status(501, 'NotImplemented'), status(204)]);
  await single.store.deleteMany(['a', 'b']);
  expect(single.sent.map(({ method }) => method)).toEqual(['POST', 'DELETE', 'DELETE']);
  const denied = serviceOf([
    ok('<DeleteResult><Error><Key>a</Key><Code>AccessDenied</Code></Error></DeleteResult>'),
  ]);
  await expect(denied.store.deleteMany(['a'])).rejects.toThrow(/AccessDenied/u);
  const many = serviceOf([ok('<DeleteResult/>')]);
  await many.store.deleteMany(Array.from({ length: 2500 }, (_, i) => `k${String(i)}`));
  expect(many.sent).toHaveLength(3);
});

test('a list is read page by page, and only as far as it is wanted', async () => {
  const pages = [list(['f/a', 'f/b'], 'next+/='), list(['f/c'])];
  const { store, sent } = serviceOf(pages, { folder: 'f/' });
  const all = await store.list('');
  expect(all.map(({ key }) => key)).toEqual(['a', 'b', 'c']);
  expect(sent[1]?.url.searchParams.get('continuation-token')).toBe('next+/=');
  const part = serviceOf([list(['a1'], 'next')]);
  expect(await part.store.list('a', 'a0', 1)).toEqual([{ key: 'a1', sizeBytes: 5 }]);
  const search = part.sent[0]?.url.searchParams;
  expect(['prefix', 'start-after', 'max-keys'].map((name) => search?.get(name))).toEqual([
    'a',
    'a0',
    '1',
  ]);
  expect(part.sent).toHaveLength(1);
});

test('objects of someone else are no blocks, and a list that is none is refused', async () => {
  const { store } = serviceOf([list(['f/a', 'f/../x', 'g/b', 'f/', 'f/a b'])], { folder: 'f/' });
  expect(await store.list('')).toEqual([{ key: 'a', sizeBytes: 5 }]);
  for (const answer of [ok('<html></html>'), ok('not XML'), list(['a'], ' '), ok('{}')]) {
    const broken = serviceOf([
      answer,
      answer,
      ok('<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>'),
    ]);
    await expect(broken.store.list('')).rejects.toBeInstanceOf(StoreUnavailable);
  }
});

test('names may be spelled otherwise; then a list is sorted here and read on from one look', async () => {
  const spelling = {
    toObject: (part: string) => [...part].reverse().join('').toUpperCase(),
    toKey: (part: string) =>
      part === 'ALIEN' ? undefined : [...part].reverse().join('').toLowerCase(),
  };
  let nowMs = 0;
  const answers = [list(['o/AB', 'o/BC', 'o/CA', 'o/ALIEN'])];
  const { store, sent } = serviceOf(answers, { spelling, clock: () => nowMs });
  await store.get('o/xy');
  expect(sent.pop()?.url.pathname).toBe('/blocks/o/YX');
  const keysOf = async (after?: string, limit?: number) =>
    (await store.list('o/', after, limit)).map(({ key }) => key);
  expect(await keysOf()).toEqual(['o/ac', 'o/ba', 'o/cb']);
  expect(await keysOf(undefined, 1)).toEqual(['o/ac']);
  expect(sent).toHaveLength(2);
  expect(await keysOf('o/ac', 1)).toEqual(['o/ba']);
  expect(await keysOf('o/ba', 1)).toEqual(['o/cb']);
  expect(sent).toHaveLength(2);
  expect(await keysOf('o/aa', 2)).toEqual(['o/ac', 'o/ba']);
  nowMs += 10 * 60_000;
  expect(await keysOf('o/ba')).toEqual(['o/cb']);
  expect(sent).toHaveLength(4);
});

test('a bucket that takes nothing more takes what a change needs, and is freed by deleting', async () => {
  const objects = new Map<string, number>();
  let capacityBytes = Infinity;
  const usedBytes = () => objects.values().reduce((sum, size) => sum + size, 0);
  const bucket = async (input: unknown, init?: RequestInit): Promise<Response> => {
    const { pathname, searchParams } = new URL(String(input));
    const object = pathname.replace('/blocks/', '');
    if (searchParams.has('list-type')) return list([...objects.keys()].sort())();
    if (init?.method === 'HEAD') {
      return new Response(null, { status: objects.has(object) ? 200 : 404 });
    }
    if (init?.method === 'DELETE') objects.delete(object);
    if (init?.method === 'POST') {
      const text = new TextDecoder().decode(init.body as Uint8Array<ArrayBuffer>);
      for (const [, key] of text.matchAll(/<Key>([^<]*)</gu)) objects.delete(key ?? '');
      return ok('<DeleteResult></DeleteResult>')();
    }
    if (init?.method === 'PUT') {
      const { length } = init.body as Uint8Array;
      if (usedBytes() + length > capacityBytes) return status(507, 'StorageFull')();
      objects.set(object, length);
    }
    return ok()();
  };
  const { store } = serviceOf([ok()], { fetch: bucket as typeof fetch });
  await store.checkAccess();
  const entry = (key: string, length: number) => ({ key, bytes: new Uint8Array(length) });
  await store.putMany([entry('a/large', 5_000_000)]);
  expect(await store.roomLeft?.()).toBe('ample');
  capacityBytes = usedBytes();
  await expect(store.putMany([entry('a/more', 1)])).rejects.toBeInstanceOf(StoreFull);
  expect(await store.roomLeft?.()).toBe('ample');
  await store.putMany([entry('a/change', 1000)], 'for change');
  expect(await store.roomLeft?.()).toBe('tight');
  await store.deleteMany(['a/large']);
  expect(await store.roomLeft?.()).toBe('ample');
  expect([...objects.keys()].sort()).toEqual(['a/change', 'reserve']);
  expect((await store.list('')).map(({ key }) => key)).toEqual(['a/change']);
});
