/** Origins of apps, over HTTP as browsers ask: documents at names below a domain, and what pages are told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { startServer, type StartOptions } from '../../src/server/index.ts';
import { startNode, temporaryFolder } from './temp-nodes.ts';
import { request } from './wire.ts';

const LABEL = `b${'a'.repeat(55)}`;
const DOCUMENT = `/_frame/app/${'A'.repeat(22)}/index.html`;
const IN_FRAME = ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: iframe'];
const PAGE =
  '<!doctype html><meta charset="utf-8"><meta http-equiv="content-security-policy" ' +
  "content=\"default-src 'none'; frame-src 'self'; img-src blob:\"><p>the app";

beforeAll(() => startCrypto());

async function started(options: Partial<StartOptions> = {}) {
  const siteFolder = temporaryFolder();
  mkdirSync(join(siteFolder, '_app'));
  writeFileSync(join(siteFolder, 'index.html'), PAGE);
  writeFileSync(join(siteFolder, 'service-worker.js'), 'worker()');
  writeFileSync(join(siteFolder, '_app/app-loader.txt'), 'loader()');
  return startNode({ appOrigins: 'apps.localhost', siteFolder, ...options });
}

async function ask(port: number, host: string, path: string, headers: readonly string[] = []) {
  const text = await request(port, `GET ${path} HTTP/1.1`, [`Host: ${host}`, ...headers]);
  const at = text.indexOf('\r\n\r\n');
  const [line = '', ...rest] = text.slice(0, at).split('\r\n');
  const known = new Map(
    rest.map((one) => {
      const [name = '', ...value] = one.split(': ');
      return [name.toLowerCase(), value.join(': ')];
    }),
  );
  return { status: Number(line.split(' ')[1]), headers: known, body: text.slice(at + 4) };
}

test('an app’s name answers an iframe with the loader, and with what confines it', async () => {
  const { port } = await started();
  const host = `${LABEL}.apps.localhost:${String(port)}`;
  const { status, headers, body } = await ask(port, host, DOCUMENT, IN_FRAME);
  expect({ status, body }).toEqual({
    status: 200,
    body: '<!doctype html><meta charset="utf-8"><script>loader()</script>',
  });
  const policy = headers.get('content-security-policy')?.split('; ');
  for (const directive of [
    'sandbox allow-scripts allow-forms allow-modals allow-same-origin',
    "default-src 'none'",
    "script-src 'unsafe-inline' blob: 'wasm-unsafe-eval'",
    "connect-src 'none'",
    "frame-src 'none'",
    "object-src 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
    `frame-ancestors http://localhost:${String(port)} http://127.0.0.1:${String(port)}`,
  ]) {
    expect(policy).toContain(directive);
  }
  expect(Object.fromEntries(headers)).toMatchObject({
    'connection-allowlist': '()',
    'origin-agent-cluster': '?1',
    'clear-site-data': '"storage"',
    'cross-origin-embedder-policy': 'require-corp',
    'cross-origin-resource-policy': 'cross-origin',
    'cache-control': 'no-store',
    'x-dns-prefetch-control': 'off',
  });
});

test('nothing else is answered at an app’s name', async () => {
  const { port } = await started();
  const at = async (host: string, path: string, headers: readonly string[] = IN_FRAME) =>
    (await ask(port, host, path, headers)).status;
  const own = `${LABEL}.apps.localhost`;
  expect(await at(own, DOCUMENT, [])).toBe(403);
  expect(await at(own, DOCUMENT, ['Sec-Fetch-Mode: navigate', 'Sec-Fetch-Dest: document'])).toBe(
    403,
  );
  for (const path of ['/', '/index.html', '/service-worker.js', '/api/v0/ids', '/metrics']) {
    expect(await at(own, path), path).toBe(404);
  }
  expect(await at(own, DOCUMENT.replace('app', 'viewer'))).toBe(404);
  for (const host of ['apps.localhost', 'alice.apps.localhost', `x.${own}`, `${LABEL}.localhost`]) {
    expect(await at(host, DOCUMENT), host).toBe(404);
  }
});

test('the page says where apps have origins, and may show their frames', async () => {
  const { port } = await started();
  const pattern = `http://*.apps.localhost:${String(port)}`;
  const { headers, body } = await ask(port, `localhost:${String(port)}`, '/');
  expect(body).toContain(`<meta name="pyrgos-app-origins" content="${pattern}">`);
  expect(body).toContain(`default-src 'none'; frame-src 'self' ${pattern}; img-src blob:`);
  expect(headers.get('content-security-policy')).toContain(`frame-src 'self' ${pattern};`);
  const worker = await ask(port, `localhost:${String(port)}`, '/service-worker.js');
  expect(worker.body).toBe(`worker()\n// [["pyrgos-app-origins","${pattern}"]]\n`);
});

test('the page says where websites of users are', async () => {
  const { port } = await started({ appOrigins: undefined, gatewayDomain: 'sites.localhost' });
  const { body } = await ask(port, `localhost:${String(port)}`, '/');
  const pattern = `http://*.sites.localhost:${String(port)}`;
  expect(body).toContain(`<meta name="pyrgos-websites" content="${pattern}">`);
  expect(body).toContain("frame-src 'self';");
});

test('behind a proxy with TLS the origins are named by https without a port', async () => {
  const { port } = await started({
    publicHosts: ['drive.example.org'],
    appOrigins: 'apps.example.org',
  });
  const page = await ask(port, 'drive.example.org', '/');
  expect(page.body).toContain('content="https://*.apps.example.org"');
  const { headers } = await ask(port, `${LABEL}.apps.example.org`, DOCUMENT, IN_FRAME);
  expect(headers.get('content-security-policy')).toContain(
    'frame-ancestors https://drive.example.org ',
  );
});

test('a node without the setting announces nothing and answers at no other name', async () => {
  const { port } = await started({ appOrigins: undefined });
  expect((await ask(port, `localhost:${String(port)}`, '/')).body).toBe(PAGE);
  expect((await ask(port, `${LABEL}.apps.localhost`, DOCUMENT, IN_FRAME)).status).toBe(404);
});

test('a domain that has the node or the websites in it is refused', async () => {
  for (const settings of [
    { appOrigins: 'example.org', publicHosts: ['drive.example.org'] },
    { appOrigins: 'apps.example.org', gatewayDomain: 'apps.example.org' },
    { appOrigins: 'apps.example.org', gatewayDomain: 'sites.apps.example.org' },
    { appOrigins: 'apps.example.org', gatewayDomain: 'example.org' },
  ]) {
    const start = startServer({ dataFolder: temporaryFolder(), port: 0, ...settings });
    await expect(start).rejects.toMatchObject({ name: 'BadSetting' });
  }
});
