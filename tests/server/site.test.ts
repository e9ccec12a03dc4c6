/** The built site as the node serves it (B-1 §2.10). */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { startNode, temporaryFolder } from './temp-nodes.ts';
import { request } from './wire.ts';

const POLICY =
  "default-src 'none'; script-src 'self' 'sha256-x'; connect-src 'self'; trusted-types a";
const INDEX = `<!doctype html><meta http-equiv="content-security-policy" content="${POLICY}"><p>hi`;
const SCRIPT = `export const words = "${'many '.repeat(400)}";`;

function siteFolder(): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '_app', 'immutable'), { recursive: true });
  writeFileSync(join(folder, 'index.html'), INDEX);
  writeFileSync(join(folder, '_app', 'immutable', 'start.abc.js'), SCRIPT);
  writeFileSync(join(folder, 'ready.css'), 'a{}'.repeat(300));
  writeFileSync(join(folder, 'ready.css.br'), brotliCompressSync('made before'));
  writeFileSync(join(folder, 'icon.png'), 'no picture');
  writeFileSync(join(folder, 'name with %20.txt'), 'odd');
  return folder;
}

test('is served with types, policies and rules of caching', async () => {
  const { url } = await startNode({ siteFolder: siteFolder() });
  const page = await fetch(`${url}/?signup=true`);
  expect(await page.text()).toBe(INDEX);
  expect(Object.fromEntries(page.headers)).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `${POLICY}; frame-ancestors 'self'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(self), geolocation=(), microphone=(), payment=(), usb=()',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  });
  const script = await fetch(`${url}/_app/immutable/start.abc.js`);
  expect(await script.text()).toBe(SCRIPT);
  expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
  expect(script.headers.get('content-security-policy')).toBe(
    "default-src 'none'; script-src 'self' 'sha256-x'; " +
      "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  );
  expect((await fetch(`${url}/name%20with%20%2520.txt`)).status).toBe(200);
});

test('is compressed for those who can take it, by what lies beside a file if there is any', async () => {
  const { port } = await startNode({ siteFolder: siteFolder() });
  const get = async (path: string, accepted: string): Promise<[string, Buffer]> => {
    const answer = await request(port, `GET ${path} HTTP/1.1`, [`Accept-Encoding: ${accepted}`]);
    const at = answer.indexOf('\r\n\r\n');
    return [answer.slice(0, at), Buffer.from(answer.slice(at + 4), 'latin1')];
  };
  const [head, body] = await get('/_app/immutable/start.abc.js', 'gzip, br');
  expect(head).toMatch(/^content-encoding: br$/imu);
  expect(brotliDecompressSync(body).toString()).toBe(SCRIPT);
  const [, zipped] = await get('/_app/immutable/start.abc.js', 'br;q=0, gzip;q=0.5');
  expect(gunzipSync(zipped).toString()).toBe(SCRIPT);
  const [plainHead, plain] = await get('/_app/immutable/start.abc.js', 'deflate');
  expect(plainHead).not.toMatch(/content-encoding/iu);
  expect(plain.toString()).toBe(SCRIPT);
  expect(brotliDecompressSync((await get('/ready.css', 'br'))[1]).toString()).toBe('made before');
  expect((await get('/icon.png', 'br'))[1].toString()).toBe('no picture');
});

test('is not sent again to those who have it', async () => {
  const { url } = await startNode({ siteFolder: siteFolder() });
  const etag = (await fetch(`${url}/icon.png`)).headers.get('etag') ?? '';
  const again = await fetch(`${url}/icon.png`, { headers: { 'if-none-match': `"x", W/${etag}` } });
  expect([again.status, await again.text()]).toEqual([304, '']);
  const head = await fetch(`${url}/icon.png`, { method: 'HEAD' });
  expect([head.status, head.headers.get('content-length')]).toEqual([200, '10']);
});

test('answers the page of a secret link, from where its relative links lead to files too', async () => {
  const { url } = await startNode({ siteFolder: siteFolder() });
  const page = `${url}/secret/z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi/123456`;
  expect(await (await fetch(page)).text()).toBe(INDEX);
  const script = new URL('./_app/immutable/start.abc.js', page);
  expect(await (await fetch(script)).text()).toBe(SCRIPT);
  expect((await fetch(`${url}/secret/x/y/z`)).status).toBe(404);
});

test('has no other paths, however they are spelt', async () => {
  const { port } = await startNode({ siteFolder: siteFolder() });
  const paths = [
    '/../index.html/..',
    '/..%2f..%2fetc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/_app/immutable/../../../etc/passwd',
    '/_app\\immutable\\start.abc.js',
    '//index.html/',
    '/index.html%00.js',
    '/%',
    '/%ff',
    '/ready.css.br',
    '/constructor',
    '/__proto__',
    '/_app',
    '/nothing.js',
  ];
  for (const path of paths) {
    const answer = await request(port, `GET ${path} HTTP/1.1`);
    expect(answer, path).toMatch(/^HTTP\/1\.1 40[04] /u);
    expect(answer, path).not.toContain('root:');
  }
  expect(await request(port, 'PUT /index.html HTTP/1.1')).toMatch(/^HTTP\/1\.1 405 /u);
  expect(await request(port, 'POST / HTTP/1.1', [], 'x')).toMatch(/^HTTP\/1\.1 405 /u);
});

test('may be missing', async () => {
  const { url } = await startNode();
  expect((await fetch(`${url}/`)).status).toBe(404);
});
