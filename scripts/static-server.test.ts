import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseRange, serveStatic, type StaticServer } from './static-server.ts';

let folder: string;
let server: StaticServer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-static-'));
  const site = join(folder, 'site');
  mkdirSync(join(site, '_app', 'immutable'), { recursive: true });
  mkdirSync(join(site, 'drive'));
  writeFileSync(join(folder, 'secret.txt'), 'outside');
  writeFileSync(join(site, 'index.html'), '<h1>root</h1>');
  writeFileSync(join(site, 'drive', 'index.html'), '<h1>drive</h1>');
  writeFileSync(join(site, 'service-worker.js'), 'void 0');
  writeFileSync(join(site, '_app', 'immutable', 'a.js'), 'export {}');
  writeFileSync(join(site, 'ten.bin'), '0123456789');
  symlinkSync(join(folder, 'secret.txt'), join(site, 'way-out.txt'));
  server = await serveStatic({
    mounts: [
      { prefix: '/', folder: site },
      { prefix: '/any/prefix/', folder: site },
      { prefix: '/ipfs/bafy/', folder: site, refuseServiceWorkers: true },
    ],
  });
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

interface Reply {
  status: number;
  headers: Record<string, unknown>;
  body: string;
}

/** Through `http`, not `fetch`, which tidies `..` away before a server could see it. */
function get(path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const url = new URL(server.origin);
    const call = request(
      { host: '127.0.0.1', port: url.port, path, headers, method },
      (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const body = Buffer.concat(parts).toString();
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
        });
      },
    );
    call.on('error', reject);
    call.end();
  });
}

describe('where the site lies', () => {
  test.each(['/', '/any/prefix/', '/ipfs/bafy/'])('pages are found under %s', async (prefix) => {
    expect((await get(prefix)).body).toBe('<h1>root</h1>');
    expect((await get(`${prefix}drive/`)).body).toBe('<h1>drive</h1>');
    const redirect = await get(`${prefix}drive?x=1`);
    expect(redirect.status).toBe(301);
    expect(redirect.headers['location']).toBe(`${prefix}drive/?x=1`);
  });

  test.each(['/', '/any/prefix/'])(
    'the page of a secret link is found under %s',
    async (prefix) => {
      for (const page of ['secret/z59/17', 'secret/z59/17/']) {
        expect((await get(prefix + page)).body).toBe('<h1>root</h1>');
      }
      for (const below of ['secret/z59/', 'secret/z59/17/']) {
        expect((await get(`${prefix}${below}_app/immutable/a.js`)).body).toBe('export {}');
      }
      for (const none of ['secret', 'secret/z59/x', 'secret/a-b/17', 'secret/z59/17/x']) {
        expect((await get(prefix + none)).status).toBe(404);
      }
    },
  );

  test('a path gateway refuses the script of a service worker, and nothing else', async () => {
    const script = { 'Service-Worker': 'script' };
    expect((await get('/ipfs/bafy/service-worker.js', script)).status).toBe(400);
    expect((await get('/ipfs/bafy/service-worker.js')).status).toBe(200);
    expect((await get('/any/prefix/service-worker.js', script)).status).toBe(200);
  });
});

describe('paths that lead elsewhere are not found', () => {
  test.each([
    '/../secret.txt',
    '/drive/../../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e%2fsecret.txt',
    '/..%5csecret.txt',
    '/..\\secret.txt',
    '/any/prefix/../../../secret.txt',
    '/%00',
    '/index.html%00.txt',
    '/%c0%ae%c0%ae/secret.txt',
    '/%',
    '/C:/secret.txt',
    '/way-out.txt',
    '//etc/passwd',
    '/constructor',
    '/__proto__',
  ])('%s', async (path) => {
    const reply = await get(path);
    expect(reply.status).toBe(404);
    expect(reply.body).toBe('404\n');
  });

  test('a double slash never becomes a redirect to another host', async () => {
    const reply = await get('//drive');
    expect(reply.headers['location']).toBe('/drive/');
  });
});

describe('headers', () => {
  test('types are right and never guessed', async () => {
    const page = await get('/');
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect(page.headers['cache-control']).toBe('no-cache');
    const script = await get('/_app/immutable/a.js');
    expect(script.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(script.headers['cache-control']).toContain('immutable');
    expect((await get('/ten.bin')).headers['content-type']).toBe('application/octet-stream');
  });

  test('other methods are refused', async () => {
    expect((await get('/', {}, 'POST')).status).toBe(405);
    const head = await get('/ten.bin', {}, 'HEAD');
    expect([head.status, head.headers['content-length'], head.body]).toEqual([200, '10', '']);
  });
});

describe('ranges', () => {
  test.each([
    ['bytes=0-', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
    ['bytes=-3', 206, '789', 'bytes 7-9/10'],
    ['bytes=-99', 206, '0123456789', 'bytes 0-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, '416\n', 'bytes */10'],
    ['bytes=-0', 416, '416\n', 'bytes */10'],
    ['bytes=5-3', 200, '0123456789', undefined],
    ['bytes=0-1,4-5', 200, '0123456789', undefined],
    ['lines=0-1', 200, '0123456789', undefined],
  ])('%s', async (range, status, body, contentRange) => {
    const reply = await get('/ten.bin', { Range: range });
    expect([reply.status, reply.body]).toEqual([status, body]);
    expect(reply.headers['content-range']).toBe(contentRange);
  });

  test('an empty file satisfies no range', () => {
    expect(parseRange('bytes=0-', 0)).toBe('unsatisfiable');
    expect(parseRange('bytes=-1', 0)).toBe('unsatisfiable');
    expect(parseRange(undefined, 0)).toBeUndefined();
  });
});

describe('the name a request is for', () => {
  const statusFor = async (host: string) => (await get('/', { host })).status;

  test.each([
    'localhost',
    'localhost:7420',
    'LOCALHOST.:7420',
    'app.ipfs.localhost:7420',
    '127.0.0.1:7420',
    '127.0.0.2',
    '[::1]:7420',
    '[0:0:0:0:0:0:0:1]',
  ])('%s is this machine', async (host) => {
    expect(await statusFor(host)).toBe(200);
  });

  test.each(['evil.example', 'localhost.evil.example', '192.168.1.5:7420', 'me@localhost', '.'])(
    '%s is not, and is answered nothing',
    async (host) => {
      expect(await get('/', { host })).toMatchObject({ status: 404, body: '404\n' });
    },
  );

  test('may be one it was told', async () => {
    const told = await serveStatic({ mounts: [], hosts: ['Drive.Example.'] });
    const { port } = new URL(told.origin);
    const ask = (host: string) =>
      new Promise<number>((resolve, reject) => {
        const headers = { host };
        request({ host: '127.0.0.1', port, path: '/api/v0/ids', headers }, (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        })
          .on('error', reject)
          .end();
      });
    expect([await ask('drive.example'), await ask('drive.example:8000')]).toEqual([204, 204]);
    expect(await ask('other.example')).toBe(404);
    await told.close();
  });
});
