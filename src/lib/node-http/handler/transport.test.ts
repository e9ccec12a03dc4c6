/** What holds for every call: hosts, methods, other origins, limits, faults (B-1 §1). */
import { describe, expect, test } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { StoreFull, StoreUnavailable } from '#lib/stores/index.ts';
import { cidOf, createBench, TestAccount } from '#lib/node-local/testing.ts';
import { framed } from '../wire/framing.ts';
import { handleRequest } from './handle-request.ts';
import type { HandlerOptions } from './options.ts';
import { asking, HOST } from './testing/asking.ts';

const PAGE = 'https://page.example';

const bench = () => createBench().node;

function handler(options: Partial<HandlerOptions> = {}) {
  const given = { hosts: [HOST], isPublic: true, pageOrigins: [PAGE], clock: () => Date.now() };
  return handleRequest(bench(), { ...given, ...options });
}

describe('the host', () => {
  test.each([
    ['node.example', 200],
    ['evil.example', 404],
    ['node.example:8443', 404],
    ['node.example.evil.example', 404],
    ['', 404],
  ])('%j gives %i', async (host, status) => {
    const answer = await handler()(
      new Request(`https://${HOST}/${PATHS.id}`, { method: 'POST', headers: { host } }),
    );
    expect(answer.status).toBe(status);
    if (status === 404) expect(await answer.text()).toBe('');
  });

  test('of the URL counts where there is no header', async () => {
    const foreign = new Request(`https://evil.example/${PATHS.id}`, { method: 'POST' });
    expect((await handler()(foreign)).status).toBe(404);
  });
});

describe('the method', () => {
  test.each([
    ['GET', true, 200],
    ['POST', true, 200],
    ['POST', false, 200],
    ['GET', false, 405],
    ['PUT', true, 405],
    ['DELETE', false, 405],
    ['HEAD', true, 405],
    ['PATCH', true, 405],
    ['PROPFIND', true, 405],
    ['OPTIONS', true, 405],
    ['OPTIONS', false, 405],
  ])('%s on a node that is public: %s gives %i', async (method, isPublic, status) => {
    const { ask } = asking(bench(), { isPublic });
    const answer = await ask(PATHS.id, { method });
    expect(answer.status).toBe(status);
    if (status === 405) expect([answer.body, answer.error]).toEqual(['', undefined]);
  });

  test('that is none of a call is refused below the API whatever the path', async () => {
    const { ask } = asking(bench(), { isPublic: false });
    for (const path of ['api/v0/nope', 'api/v0/block/get/x', 'peergos/v0/mutable/nope']) {
      expect((await ask(path, { method: 'GET' })).status).toBe(405);
      expect((await ask(path, { method: 'DELETE' })).status).toBe(405);
    }
    expect((await ask('api/v0/nope', { method: 'POST' })).status).toBe(404);
  });

  test('does not matter to a path that is none', async () => {
    const { ask } = asking(bench(), { isPublic: false });
    for (const path of ['', 'api/v1/id', 'p2p/x/http/api/v0/id', 'index.html']) {
      expect((await ask(path, { method: 'GET' })).status).toBe(404);
    }
  });
});

describe('the query', () => {
  test.each([
    ['a part without "="', '?arg', 'A part of the query has no "=".'],
    ['wrong percent signs', '?arg=%zz', 'The query is not percent-encoded UTF-8.'],
    ['an owner that is none, where it does not matter', '?owner=x', 'The parameter "owner" cannot'],
  ])('with %s is refused', async (_, query, text) => {
    const answer = await handler()(new Request(`https://${HOST}/${PATHS.id}${query}`));
    expect(answer.status).toBe(400);
    expect(decodeURIComponent(answer.headers.get('trailer')!.replaceAll('+', ' '))).toContain(text);
  });

  test('is decoded as a whole, keeps "+", and its last value counts', async () => {
    const seen: string[] = [];
    const node = bench();
    const joinWaitingList = (email: string) => Promise.resolve(seen.push(email) > 0);
    const answer = handleRequest(
      { ...node, admin: { ...node.admin, joinWaitingList } },
      { hosts: [HOST], isPublic: true, pageOrigins: [], clock: () => 0 },
    );
    const query = 'email=b@x.org%26email=a+b%2540c=d@x.org&';
    const answered = await answer(new Request(`https://${HOST}/${PATHS.waitingList}?${query}`));
    expect([answered.status, seen]).toEqual([200, ['a+b%40c=d@x.org']]);
  });
});

describe('pages from elsewhere', () => {
  const headersFor = async (origin: string | undefined, init: RequestInit = { method: 'POST' }) => {
    const headers = origin === undefined ? {} : { origin };
    const request = new Request(`https://${HOST}/${PATHS.id}`, { ...init, headers });
    return (await handler()(request)).headers;
  };

  test('of a configured origin may call and read the error text', async () => {
    const headers = await headersFor(PAGE);
    expect(headers.get('access-control-allow-origin')).toBe(PAGE);
    expect(headers.get('access-control-expose-headers')).toContain('Trailer');
    expect(headers.get('vary')).toBe('Origin');
    expect(headers.get('access-control-allow-credentials')).toBeNull();
  });

  test('are answered before they ask', async () => {
    const request = new Request(`https://${HOST}/${PATHS.blockPutBulk}`, {
      method: 'OPTIONS',
      headers: { origin: PAGE, 'access-control-request-method': 'POST' },
    });
    const answer = await handler({ isPublic: false })(request);
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-methods')).toBe('GET, POST');
    expect(answer.headers.get('access-control-allow-origin')).toBe(PAGE);
  });

  test.each([
    ['https://evil.example'],
    ['null'],
    ['https://page.example.evil.example'],
    [undefined],
  ])('of the origin %s get no allowance, and a cache keeps answers apart', async (origin) => {
    for (const method of ['POST', 'OPTIONS']) {
      const headers = await headersFor(origin, { method });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('access-control-allow-methods')).toBeNull();
      expect(headers.get('vary')).toBe('Origin');
    }
  });

  test('refusals carry the allowance, too', async () => {
    const request = new Request(`https://${HOST}/${PATHS.blockGet}`, { headers: { origin: PAGE } });
    const answer = await handler()(request);
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([400, PAGE]);
  });
});

describe('a private node', () => {
  test.each([
    ['https://evil.example', 403],
    ['null', 403],
    ['https://node.example.evil.example', 403],
    [PAGE, 200],
    [`https://${HOST}`, 200],
    [`http://${HOST}`, 200],
    [undefined, 200],
  ])('called by a page of %s answers %i', async (origin, status) => {
    const { ask } = asking(bench(), { isPublic: false, pageOrigins: [PAGE] });
    const headers = origin === undefined ? {} : { origin };
    expect((await ask(PATHS.id, { headers })).status).toBe(status);
  });
});

test('stored bytes are never a page, and only blocks may be cached', async () => {
  const node = bench();
  const alice = await TestAccount.signUp(node);
  const [cid] = await alice.putRaw(alice.home, 'tid', [utf8('<script>alert(1)</script>')]);
  const { ask } = asking(node);
  const query = { arg: cid!.toString(), owner: alice.owner.toString() };
  const block = await ask(PATHS.blockGet, { method: 'GET', query });
  expect(block.headers.get('content-type')).toBe('application/octet-stream');
  expect(block.headers.get('x-content-type-options')).toBe('nosniff');
  expect(block.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
  expect(block.headers.get('cache-control')).toBe('public, max-age=31622400 immutable');
  const absent = await ask(PATHS.blockGet, { query: { ...query, arg: cidOf('x').toString() } });
  expect([absent.status, absent.body]).toEqual([200, '']);
  expect(absent.headers.get('cache-control')).toBe('no-store');
  const etag = block.headers.get('etag')!;
  const known = await ask(PATHS.blockGet, { query, headers: { 'If-None-Match': etag } });
  expect([known.status, known.body, known.headers.get('etag')]).toEqual([304, '', etag]);
});

test('a long text is cut', async () => {
  const { ask } = asking(bench());
  const { headers } = await ask(`public/alice/${'%25'.repeat(3000)}`, { method: 'GET' });
  expect(headers.get('trailer')!.length).toBeLessThan(2000);
});

describe('a fault of the node', () => {
  test('is told without its words, and to the operator with them', async () => {
    const told: unknown[] = [];
    const secret = new TypeError('the secret is 42');
    const node = bench();
    const names = { ...node.names, chain: () => Promise.reject(secret) };
    const { ask } = asking(
      { ...node, names },
      { onError: (endpoint, error) => told.push([endpoint, error]) },
    );
    const answer = await ask(PATHS.getChain, { body: framed('alice') });
    expect([answer.status, answer.error]).toEqual([400, 'Unexpected error']);
    expect(told).toEqual([[PATHS.getChain, secret]]);
  });

  test('that is a lack of space is told as one', async () => {
    const told: unknown[] = [];
    const node = bench();
    const full = new StoreFull();
    const names = { ...node.names, chain: () => Promise.reject(full) };
    const { ask } = asking({ ...node, names }, { onError: (_, error) => told.push(error) });
    const answer = await ask(PATHS.getChain, { body: framed('alice') });
    expect(answer.error).toMatch(/^Storage quota reached/u);
    expect(told).toEqual([full]);
  });

  test('that may pass is told as one', async () => {
    const told: unknown[] = [];
    const node = bench();
    const away = new StoreUnavailable('The database at 10.0.0.7 is away.');
    const names = { ...node.names, chain: () => Promise.reject(away) };
    const { ask } = asking({ ...node, names }, { onError: (_, error) => told.push(error) });
    const answer = await ask(PATHS.getChain, { body: framed('alice') });
    expect([answer.status, answer.error]).toEqual([503, 'Unexpected error']);
    expect(answer.headers.get('retry-after')).not.toBeNull();
    expect(told).toEqual([away]);
  });
});
