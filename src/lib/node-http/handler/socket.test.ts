/**
 * The handler behind Node's HTTP server: error texts travel in a header that Node's HTTP only sends
 * on chunked answers (B-1 §1.1), and a client has to be able to read them.
 */
import { createServer, request as httpRequest } from 'node:http';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { PATHS } from '#lib/protocol/index.ts';
import { createBench } from '#lib/node-local/testing.ts';
import { framed } from '../wire/framing.ts';
import { handleRequest } from './handle-request.ts';

let server: Server;
let url: string;

beforeEach(async () => {
  server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  url = `http://${host}`;
  const { node } = createBench();
  const answer = handleRequest(node, {
    hosts: [host],
    isPublic: true,
    pageOrigins: [],
    clock: () => Date.now(),
  });
  server.on('request', (incoming, outgoing) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const { method = 'GET' } = incoming;
      const body = method === 'POST' ? { body: Buffer.concat(chunks) } : {};
      const response = await answer(new Request(url + (incoming.url ?? ''), { method, ...body }));
      const headers = new Map(response.headers);
      if (headers.has('trailer')) headers.set('transfer-encoding', 'chunked');
      outgoing.writeHead(response.status, Object.fromEntries(headers));
      outgoing.end(Buffer.from(await response.arrayBuffer()));
    })();
  });
});

afterEach(() => new Promise((resolve) => server.close(resolve)));

test('the text of a refusal arrives, on a chunked answer without content', async () => {
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    httpRequest(`${url}/${PATHS.blockGet}`, { method: 'POST', agent: false }, resolve)
      .on('error', reject)
      .end();
  });
  let length = 0;
  for await (const chunk of incoming) length += (chunk as Buffer).length;
  expect([incoming.statusCode, length]).toEqual([400, 0]);
  expect(incoming.headers['transfer-encoding']).toBe('chunked');
  expect(incoming.headers['content-type']).toBe('text/plain');
  expect(incoming.headers.trailer).toBe('The+parameter+%22owner%22+is+missing.');
});

test('fetch can read it', async () => {
  const answer = await fetch(`${url}/${PATHS.blockGet}`, { method: 'POST' });
  expect(answer.headers.get('trailer')).toBe('The+parameter+%22owner%22+is+missing.');
  expect(await answer.text()).toBe('');
});

test('the list of names is unpacked by the client', async () => {
  const answer = await fetch(`${url}/${PATHS.getUsernamesGzip}/abc`, { method: 'POST' });
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual([]);
});

test('a framed body arrives', async () => {
  const body = framed('nobody') as BodyInit;
  const answer = await fetch(`${url}/${PATHS.getChain}`, { method: 'POST', body });
  expect(new Uint8Array(await answer.arrayBuffer())).toEqual(Uint8Array.of(0x80));
});
