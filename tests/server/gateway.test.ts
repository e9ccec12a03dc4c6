/** Websites of users at names of their own (C-9 §9.10), over HTTP as any visitor asks. */
import { beforeAll, expect, test } from 'vitest';
import { TrustStore } from '#lib/account/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { bytesSource, type DriveDeps } from '#lib/drive/index.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { identitiesFrom, PublicFiles, shareRecords, Website } from '#lib/social/index.ts';
import { startServer } from '../../src/server/index.ts';
import { put, signUpAt, type Client } from './client.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';
import { request } from './wire.ts';

const DOMAIN = 'sites.example.org';
const PAGE = '<!DOCTYPE html><link rel=stylesheet href=style.css><p>welcome';
const MISSING = '<!DOCTYPE html><p>no such page';
const FILM = Uint8Array.from({ length: 300_000 }, (_, i) => i % 251);

const SITE: Readonly<Record<string, string | Uint8Array>> = {
  'index.html': PAGE,
  'style.css': 'p{color:teal}',
  '404.html': MISSING,
  'about/index.html': PAGE,
  'about/notes': '<!doctype html>notes',
  'name with %20.txt': 'odd',
  '.well-known/hidden.json': '{}',
  'film.webm': FILM,
};

beforeAll(() => startCrypto());

async function upload({ drive }: Client, below: string, files: typeof SITE): Promise<void> {
  const items = Object.entries(files).map(([path, content]) => ({
    path: [below, ...path.split('/')],
    source: bytesSource(typeof content === 'string' ? Buffer.from(content) : content),
  }));
  await drive.upload(await drive.home(), items, { onConflict: 'replace' });
}

function socialOf({ deps, drive, session }: Client) {
  const driveDeps: DriveDeps = { ...deps, cipher: createLocalChunkCipher(systemRandom) };
  const trust = identitiesFrom(new TrustStore(drive, deps.node));
  const social = { ...deps, drive, driveDeps, person: session, ...trust };
  drive.records = shareRecords(social);
  return { website: new Website(social), publicFiles: new PublicFiles(social) };
}

interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

async function ask(
  port: number,
  path: string,
  { host = `alice.${DOMAIN}`, method = 'GET', headers = [] as readonly string[] } = {},
): Promise<Answer> {
  const text = await request(port, `${method} ${path} HTTP/1.1`, [`Host: ${host}`, ...headers]);
  const at = text.indexOf('\r\n\r\n');
  const [line = '', ...rest] = text.slice(0, at).split('\r\n');
  const pairs = rest.map((one) => one.split(': ', 2) as [string, string]);
  return {
    status: Number(line.split(' ')[1]),
    headers: new Map(pairs.map(([name, value]) => [name.toLowerCase(), value])),
    body: text.slice(at + 4),
  };
}

async function aliceAt(options: Parameters<typeof startNode>[0] = {}) {
  const node = await startNode({ gatewayDomain: DOMAIN, ...options });
  const alice = await signUpAt(node.url, 'alice');
  await upload(alice, 'www', SITE);
  return { ...node, alice, ...socialOf(alice) };
}

test('a published folder is served by its name, its paths and its types', async () => {
  const { port, website } = await aliceAt();
  expect(await ask(port, '/')).toMatchObject({ status: 404, body: '404\n' });
  await website.publish(['alice', 'www']);
  const page = await ask(port, '/');
  expect(page).toMatchObject({ status: 200, body: PAGE });
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html',
    'content-security-policy': "default-src 'self'",
    'x-frame-options': 'sameorigin',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'permissions-policy': 'interest-cohort=()',
    'content-length': String(PAGE.length),
  });
  const type = async (path: string) => (await ask(port, path)).headers.get('content-type');
  expect(await type('/style.css')).toBe('text/css');
  expect(await type('/about/notes')).toBe('text/html');
  expect((await ask(port, '/name%20with%20%2520.txt')).body).toBe('odd');
  expect((await ask(port, '/.well-known/hidden.json')).body).toBe('{}');
  expect(await ask(port, '/about/')).toMatchObject({ status: 200, body: PAGE });
  const folder = await ask(port, '/about');
  expect([folder.status, folder.headers.get('location')]).toEqual([302, '/about/']);
  expect(await ask(port, '/nowhere')).toMatchObject({ status: 404, body: MISSING });
  const head = await ask(port, '/style.css', { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length'), head.body]).toEqual([200, '13', '']);
  expect((await ask(port, '/', { method: 'POST' })).status).toBe(405);
});

test('what a visitor has is not sent again, and a part can be asked for', async () => {
  const { port, website } = await aliceAt();
  await website.publish(['alice', 'www']);
  const film = (headers: readonly string[]) => ask(port, '/film.webm', { headers });
  const whole = await film([]);
  expect(Buffer.from(whole.body, 'latin1').equals(FILM)).toBe(true);
  const etag = whole.headers.get('etag')!;
  expect(await film([`If-None-Match: "x", W/${etag}`])).toMatchObject({ status: 304, body: '' });
  const part = await film(['Range: bytes=1000-1009']);
  expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 1000-1009/300000']);
  expect(Buffer.from(part.body, 'latin1')).toEqual(Buffer.from(FILM.subarray(1000, 1010)));
  expect((await film(['Range: bytes=300000-'])).status).toBe(416);
  expect((await film(['Range: bytes=0-9', 'If-Range: "other"'])).status).toBe(200);
});

test('what its owner changes is seen at once, and so is the end of it', async () => {
  const { port, website, alice } = await aliceAt();
  await website.publish(['alice', 'www']);
  expect((await ask(port, '/style.css')).body).toBe('p{color:teal}');
  await upload(alice, 'www', {
    'style.css': 'p{color:red}',
    'headers.json': '{"content-security-policy": "default-src \'none\'"}',
  });
  const css = await ask(port, '/style.css');
  expect(css.body).toBe('p{color:red}');
  expect(css.headers.get('content-security-policy')).toBe("default-src 'none'");
  await upload(alice, 'blog', { 'index.html': 'a blog' });
  await website.publish(['alice', 'blog']);
  expect((await ask(port, '/')).body).toBe('a blog');
  expect((await ask(port, '/style.css')).status).toBe(404);
  await website.unpublish();
  expect(await ask(port, '/')).toMatchObject({ status: 404, body: '404\n' });
});

test('nothing else of the node or of its users is reached there', async () => {
  const { port, website, publicFiles, alice, url } = await aliceAt();
  await put(alice, 'secret.txt', Buffer.from('secret'));
  await website.publish(['alice', 'www']);
  const bob = await signUpAt(url, 'bob');
  await upload(bob, 'www', { 'index.html': 'not public' });
  await publicFiles.publish(['alice', 'secret.txt']);
  for (const host of [`bob.${DOMAIN}`, `nobody.${DOMAIN}`]) {
    expect((await ask(port, '/', { host })).status).toBe(404);
  }
  for (const path of [
    '/secret.txt',
    '/peergos/v0/core/getUsernamesGzip/',
    '/metrics',
    '/healthz',
  ]) {
    expect(await ask(port, path)).toMatchObject({ status: 404, body: MISSING });
  }
  for (const path of ['/../secret.txt', '/%2e%2e/secret.txt', '/a//b', '/a%2fb', '/a\\b']) {
    expect((await ask(port, path)).status).toBe(400);
  }
  const odd = [DOMAIN, `a.alice.${DOMAIN}`, `-.${DOMAIN}`, `alice.${DOMAIN}.evil.org`, 'alice'];
  for (const host of odd) {
    const { status, body } = await ask(port, '/', { host });
    expect([host, status, body]).toEqual([host, 404, '']);
  }
  const main = await ask(port, '/', { host: `localhost:${String(port)}` });
  expect(main.body).not.toContain('welcome');
});

test('what others share to the owner’s name is not his website', async () => {
  const { port, url, website } = await aliceAt();
  await website.publish(['alice', 'www']);
  const bob = await signUpAt(url, 'bob');
  await upload(bob, '.profile', { webroot: 'alice/www' });
  await socialOf(bob).publicFiles.publish(['bob', '.profile', 'webroot']);
  expect((await ask(port, '/', { host: `bob.${DOMAIN}` })).status).toBe(404);
});

test('a domain that has the node itself in it is refused', async () => {
  for (const [gatewayDomain, host] of [
    ['example.org', 'drive.example.org'],
    ['drive.example.org', 'drive.example.org:8443'],
  ] as const) {
    const start = startServer({
      dataFolder: temporaryFolder(),
      port: 0,
      gatewayDomain,
      publicHosts: [host],
    });
    await expect(start).rejects.toMatchObject({ name: 'BadSetting' });
  }
});
