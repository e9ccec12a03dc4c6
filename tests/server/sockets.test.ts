/** What comes over a socket that no client of ours would send (B-1 §1). */
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { startNode } from './temp-nodes.ts';
import { exchange, request } from './wire.ts';

const NOBODY = 'z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi';

describe('a refusal', () => {
  test('is status 400, chunked and empty, with its text in the header Trailer', async () => {
    const { port } = await startNode();
    const answer = await request(port, 'POST /peergos/v0/mutable/nothing HTTP/1.1');
    const [head = '', body] = answer.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 400 /u);
    expect(head).toMatch(/^trailer: Unknown\+method\+in\+mutable\+pointers%21$/imu);
    expect(head).toMatch(/^transfer-encoding: chunked$/imu);
    expect(head).not.toMatch(/^content-length:/imu);
    expect(body).toBe('0');
  });

  test('reaches a client of HTTP/1.0 without the text, which cannot be sent there', async () => {
    const { port } = await startNode();
    const answer = await request(port, 'POST /peergos/v0/mutable/nothing HTTP/1.0');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('of an unknown block method is 404', async () => {
    const { port } = await startNode();
    expect(await request(port, 'POST /api/v0/block/rm HTTP/1.1')).toMatch(/^HTTP\/1\.1 404 /u);
    expect(await request(port, 'POST /p2p/x/http/api/v0/id HTTP/1.1')).toMatch(/^HTTP\/1\.1 404 /u);
  });
});

describe('a name that is none of the node', () => {
  test.each(['evil.example', 'localhost', 'localhost:1', '127.0.0.1:1', 'LOCALHOST:@', ''])(
    '"%s" is answered 404 and nothing else',
    async (host) => {
      const { port } = await startNode();
      for (const line of ['POST /api/v0/id HTTP/1.1', 'GET / HTTP/1.1', 'GET /metrics HTTP/1.1']) {
        const answer = await request(port, line, [`Host: ${host}`]);
        expect(answer).toMatch(/^HTTP\/1\.1 40[04] /u);
        expect(answer).not.toContain('{');
      }
    },
  );

  test('a public name is answered in every spelling, and by no other port', async () => {
    const { port } = await startNode({ publicHosts: ['drive.example', '[2001:db8::1]:8000'] });
    const statusOf = async (host: string) =>
      (await request(port, 'GET /api/v0/id HTTP/1.1', [`Host: ${host}`])).split(' ', 2)[1];
    for (const host of [
      'drive.example',
      'DRIVE.Example',
      'drive.example:443',
      'drive.example:80',
      'drive.example.',
      'Drive.Example.:443',
      '[2001:DB8::1]:8000',
      '[2001:db8:0:0:0:0:0:1]:8000',
      `LOCALHOST:${String(port)}`,
      `[0:0:0:0:0:0:0:1]:${String(port)}`,
    ]) {
      expect(await statusOf(host), host).toBe('200');
    }
    for (const host of [
      'drive.example:8443',
      'drive.example..',
      'x.drive.example',
      '[2001:db8::1]',
      'me@drive.example',
      'drive.example/',
      'drive%2eexample',
    ]) {
      expect(await statusOf(host), host).toBe('404');
    }
  });

  test('by the name with a dot at its end a browser is sent to the one without', async () => {
    const { port } = await startNode({ publicHosts: ['drive.example'] });
    const answer = await request(port, 'GET /a?b HTTP/1.1', ['Host: Drive.Example.:443']);
    expect(answer).toMatch(/^HTTP\/1\.1 308 /u);
    expect(answer).toMatch(/^location: \/\/drive\.example\/a\?b$/imu);
  });
});

describe('a target that is another one after it is normalised', () => {
  test('is refused before anything is done, and does not get round a limit', async () => {
    const { port } = await startNode({ publicHosts: ['drive.example'] });
    const host = ['Host: drive.example'];
    const statusOf = async (target: string) =>
      (await request(port, `POST ${target} HTTP/1.1`, host)).split(' ', 2)[1];
    for (const target of [
      '/peergos/v0/./login/getLogin',
      '/peergos/v0/%2e/login/getLogin',
      '/peergos/v0/x/../login/getLogin',
      '/peergos/v0/x/%2E%2e/login/getLogin',
      '/peergos/v0\\login\\getLogin',
      '/peergos/v0//login/getLogin',
      '/peergos/v0/login/%67etLogin',
      '/./metrics',
      '/%6detrics',
      '/x/..//metrics',
      '/./index.html',
    ]) {
      expect(await statusOf(target), target).toBe('400');
    }
    const statuses = new Set<string | undefined>();
    for (let i = 0; i < 75; i++) statuses.add(await statusOf('/peergos/v0/login/getLogin'));
    expect(statuses).toEqual(new Set(['400', '429']));
  });
});

describe('a method', () => {
  const ODD = [
    'HEAD',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'QUERY',
    'M-SEARCH',
  ];
  const statusOf = async (port: number, method: string, path: string, host?: string) => {
    const headers = host === undefined ? [] : [`Host: ${host}`];
    const answer = await request(port, `${method} ${path} HTTP/1.1`, headers);
    const [head = '', body = ''] = answer.split('\r\n\r\n', 2);
    return { status: Number(head.split(' ', 2)[1]), body };
  };

  test('of a node for this machine alone is POST', async () => {
    const { port, logged } = await startNode();
    expect((await statusOf(port, 'POST', '/api/v0/id')).status).toBe(200);
    for (const method of ['GET', ...ODD]) {
      for (const path of ['/api/v0/id', '/api/v0/nope', '/peergos/v0/core/getChain']) {
        const answer = await statusOf(port, method, path);
        expect(answer, `${method} ${path}`).toEqual({ status: 405, body: '' });
      }
    }
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  test('of a node for others is POST or GET', async () => {
    const { port, logged } = await startNode({ publicHosts: ['drive.example'] });
    for (const method of ['POST', 'GET']) {
      expect((await statusOf(port, method, '/api/v0/id', 'drive.example')).status).toBe(200);
    }
    for (const method of ODD) {
      const answer = await statusOf(port, method, '/api/v0/id', 'drive.example');
      expect(answer, method).toEqual({ status: 405, body: '' });
      const page = await statusOf(port, method, '/nothing.html', 'drive.example');
      expect(page.status, method).toBe(method === 'HEAD' ? 404 : 405);
    }
    expect(logged.filter((line) => line.includes('"level":"error"'))).toEqual([]);
  });

  test.each(['POST http://elsewhere/api/v0/id', 'OPTIONS *', 'GET *', 'POST api/v0/id'])(
    '"%s" is refused as what it is: no fault of the node',
    async (line) => {
      const { port, logged } = await startNode({ publicHosts: ['drive.example'] });
      const answer = await request(port, `${line} HTTP/1.1`);
      expect(answer).toMatch(/^HTTP\/1\.1 40[045] /u);
      expect(logged.filter((it) => it.includes('"level":"error"'))).toEqual([]);
    },
  );
});

describe('a slow or broken client', () => {
  const limits = {
    headersWithinMs: 400,
    requestWithinMs: 800,
    stillnessMs: 1500,
    keepAliveMs: 300,
  };

  test('that trickles its headers is cut off', async () => {
    const { port, url } = await startNode({ limits });
    const trickle = ['POST /api/v0/id HTTP/1.1\r\n', ...Array<string>(40).fill('X: y\r\n')];
    const answer = await exchange(port, trickle, { pauseMs: 100 });
    expect(answer).toMatch(/^HTTP\/1\.1 408 /u);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('that trickles its body is cut off', async () => {
    const { port } = await startNode({ limits });
    const head =
      `POST /api/v0/block/put/bulk?owner=${NOBODY}&writer=${NOBODY}&transaction=t&format=raw ` +
      `HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Length: 1000000\r\n\r\n`;
    const answer = await exchange(port, [head, ...Array<string>(60).fill('x')], { pauseMs: 100 });
    expect(answer === '' || /^HTTP\/1\.1 40[08] /u.test(answer)).toBe(true);
  });

  test('that ends in mid-body leaves nothing behind and no error in the log', async () => {
    const { port, url, logged } = await startNode();
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `POST /api/v0/block/put/bulk?owner=${NOBODY}&writer=${NOBODY}&transaction=t&format=raw ` +
        `HTTP/1.1\r\nHost: localhost:${String(port)}\r\nContent-Length: 1000\r\n\r\nhalf`,
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(logged.some((line) => line.includes('"level":"error"'))).toBe(false);
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/^pyrgos_requests_under_way 1$/mu); // the one that asks
  });

  test('that keeps a connection without a request is cut off', async () => {
    const { port } = await startNode({ limits });
    expect(await exchange(port, ['POST /api/v0/id HTTP/1.1\r\n'])).toMatch(
      /^(?:HTTP\/1\.1 408 |$)/u,
    );
  });

  test('cannot hold up others: a hundred idle connections', async () => {
    const { port, url } = await startNode();
    const idle = Array.from({ length: 100 }, () => connect(port, '127.0.0.1'));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    for (const socket of idle) socket.destroy();
  });
});

describe('too much', () => {
  test('of a header is 431', async () => {
    const { port } = await startNode();
    const answer = await request(port, 'POST /api/v0/id HTTP/1.1', [`X: ${'x'.repeat(20_000)}`]);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /u);
  });

  test('of a query is 431', async () => {
    const { port } = await startNode();
    const answer = await request(port, `POST /api/v0/id?x=${'x'.repeat(20_000)} HTTP/1.1`);
    expect(answer).toMatch(/^HTTP\/1\.1 431 /u);
  });

  test('of a body is refused before it is read', async () => {
    const { port } = await startNode();
    const line = `POST /peergos/v0/mutable/setPointer?owner=${NOBODY}&writer=${NOBODY} HTTP/1.1`;
    const answer = await request(port, line, [], 'x'.repeat(100_000));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(answer).toMatch(/^trailer: /imu);
  });
});

describe('what is no HTTP', () => {
  test.each([
    'nonsense\r\n\r\n',
    'POST /api/v0/id HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'POST /api/v0/id HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    'POST /api/v0/id HTTP/1.1\r\nHost: x\r\nX: a\nb: c\r\n\r\n',
    'GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    'CONNECT elsewhere:443 HTTP/1.1\r\nHost: x\r\n\r\n',
    '\x16\x03\x01\x02\x00\x01',
  ])('%# is refused', async (bytes) => {
    const { port, url } = await startNode({ limits: { headersWithinMs: 300 } });
    const answer = await exchange(port, [bytes]);
    expect(answer === '' || /^HTTP\/1\.1 4\d\d /u.test(answer)).toBe(true);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('options of the operator', () => {
  test('basic authentication is asked of everything but the state of health', async () => {
    const { url } = await startNode({ basicAuth: { user: 'us', password: 'pass:word' } });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    const refused = await fetch(`${url}/api/v0/id`, { method: 'POST' });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toBe(
      'Basic realm="Peergos server access", charset="UTF-8"',
    );
    const authorization = (text: string) => ({ authorization: `Basic ${btoa(text)}` });
    const ask = (text: string) =>
      fetch(`${url}/api/v0/id`, { method: 'POST', headers: authorization(text) });
    expect((await ask('us:pass:word')).status).toBe(200);
    expect((await ask('us:password')).status).toBe(401);
  });

  test('guesses at the basic authentication are slowed down like everything else', async () => {
    const { url } = await startNode({ basicAuth: { user: 'us', password: 'pass:word' } });
    // As from elsewhere: this machine's own requests are not counted.
    const headers = { authorization: `Basic ${btoa('us:guess')}`, 'x-forwarded-for': '192.0.2.1' };
    const guess = () =>
      fetch(`${url}/peergos/v0/login/getLogin`, { method: 'POST', headers }).then(
        (it) => it.status,
      );
    const statuses: number[] = [];
    for (let i = 0; i < 70; i++) statuses.push(await guess());
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
  });

  test('TLS only is told with every answer', async () => {
    const { url } = await startNode({ isTlsOnly: true });
    const answer = await fetch(`${url}/api/v0/id`, { method: 'POST' });
    expect(answer.headers.get('strict-transport-security')).toBe('max-age=31536000');
  });

  test('a page from a listed origin may use the node, and read why it was refused', async () => {
    const { url } = await startNode({ pageOrigins: ['https://pages.example'] });
    const ask = (origin: string) =>
      fetch(`${url}/peergos/v0/mutable/nothing`, { method: 'POST', headers: { origin } });
    const listed = await ask('https://pages.example');
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://pages.example');
    expect(listed.headers.get('access-control-expose-headers')?.toLowerCase()).toContain('trailer');
    const other = await ask('https://other.example');
    expect(other.headers.get('access-control-allow-origin')).toBeNull();
  });

  test('an address behind a trusted proxy that asks too fast is told so, and others are not', async () => {
    // Nothing is given back meanwhile, however long the requests take.
    const nowMs = Date.now();
    const { url } = await startNode({
      clock: () => nowMs,
      trustedProxies: ['127.0.0.1'],
      pageOrigins: ['https://a.b'],
    });
    const ask = (address: string) =>
      fetch(`${url}/peergos/v0/login/getLogin`, {
        method: 'POST',
        headers: { 'X-Forwarded-For': address, origin: 'https://a.b' },
      });
    for (let i = 0; i < 60; i++) expect((await ask('203.0.113.7')).status).toBe(400);
    const refused = await ask('203.0.113.7');
    expect(refused.status).toBe(429);
    expect(refused.headers.get('trailer')).toMatch(/^Rate\+Limit/u);
    expect(refused.headers.get('node-refusal')).toMatch(/^Rate\+Limit/u);
    expect(refused.headers.has('retry-after')).toBe(false);
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://a.b');
    expect((await ask('203.0.113.8')).status).toBe(400);
  });
});
