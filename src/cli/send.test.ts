/** Node's own HTTP below the client: against real sockets, among them hostile ones. */
import { createServer, type RequestListener } from 'node:http';
import {
  createServer as createSocketServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttpNode } from '#lib/node-http/index.ts';
import { MalformedAnswer, NodeUnreachable } from '#lib/protocol/index.ts';
import { createSend } from './send.ts';

const servers: Server[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) {
    if ('closeAllConnections' in server) (server.closeAllConnections as () => void)();
    server.close();
    await once(server, 'close');
  }
});

async function listening(server: Server): Promise<URL> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
}

const answering = (listener: RequestListener): Promise<URL> => listening(createServer(listener));

/** Sends one message to each client, then ends or keeps the connection. */
const saying = (text: string, isEnd: boolean): Promise<URL> =>
  listening(
    createSocketServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => (isEnd ? socket.end(text) : socket.write(text)));
    }),
  );

async function nodeAt(url: URL, signal?: AbortSignal) {
  const given = signal === undefined ? {} : { signal };
  return createHttpNode(url.href, {
    send: createSend(url),
    pause: () => Promise.resolve(),
    ...given,
  });
}

/** A question that is asked once, with a small answer. */
const ask = async (url: URL, signal?: AbortSignal) =>
  (await nodeAt(url, signal)).blocks.properties();

async function sent(url: URL, ...body: Uint8Array[]) {
  const send = createSend(url);
  const { signal } = new AbortController();
  return send({ method: 'POST', url, body, signal });
}

describe('sending', () => {
  it('carries the pieces of a body in order, with their length', async () => {
    const pieces = [Buffer.from('one'), Buffer.alloc(300_000, 7), Buffer.from('three')];
    const seen = Promise.withResolvers<{ length: string | undefined; bytes: Buffer }>();
    const url = await answering((request, response) => {
      const got: Buffer[] = [];
      request.on('data', (piece: Buffer) => got.push(piece));
      request.on('end', () => {
        seen.resolve({ length: request.headers['content-length'], bytes: Buffer.concat(got) });
        response.end('done');
      });
    });
    const { receive, status } = await sent(url, ...pieces);
    const answer: Buffer[] = [];
    await receive((piece) => answer.push(Buffer.from(piece)));
    expect([status, Buffer.concat(answer).toString()]).toEqual([200, 'done']);
    const { length, bytes } = await seen.promise;
    expect(length).toBe('300008');
    expect(bytes.equals(Buffer.concat(pieces))).toBe(true);
  });

  describe('on a kept connection that the server gives up when the next request arrives', () => {
    async function givenUp() {
      const connections = new Set<Socket>();
      const url = await answering(({ socket }, response) => {
        const isFirst = !connections.has(socket);
        connections.add(socket);
        if (isFirst) response.end('done');
        else socket.resetAndDestroy();
      });
      const { receive } = await sent(url);
      await receive(() => undefined);
      // The connection is put by after the answer.
      await new Promise((resolve) => setTimeout(resolve, 20));
      return { url, connections };
    }

    it('asks a question again on another', async () => {
      const { url, connections } = await givenUp();
      expect((await sent(url)).status).toBe(200);
      expect(connections.size).toBe(2);
    });

    it('does not send a body twice', async () => {
      const { url, connections } = await givenUp();
      await expect(sent(url, Buffer.from('one'))).rejects.toThrow();
      expect(connections.size).toBe(1);
    });
  });

  it('tells headers by name in any case, several of one name as one', async () => {
    const text =
      'HTTP/1.1 200 OK\r\nX-One: a\r\nx-two: b\r\nX-ONE:  c \r\ncontent-length: 0\r\n\r\n';
    const { headers, leave } = await sent(await saying(text, false));
    expect(headers.get('x-One')).toBe('a, c');
    expect(headers.get('X-TWO')).toBe('b');
    expect(headers.has('CONTENT-length')).toBe(true);
    expect(headers.get('x-three')).toBe(null);
    expect(headers.has('x-three')).toBe(false);
    leave();
  });

  it('uses a connection again', async () => {
    const ports = new Set<number | undefined>();
    const url = await answering(({ socket }, response) => {
      ports.add(socket.remotePort);
      response.end('x');
    });
    for (let i = 0; i < 3; i++) {
      const { receive } = await sent(url);
      await receive(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(ports.size).toBe(1);
  });

  it('gives up what is under way, with the reason of who ended it', async () => {
    const stop = new AbortController();
    const url = await answering(() => stop.abort(new Error('enough')));
    await expect(ask(url, stop.signal)).rejects.toThrow('enough');
    await expect(ask(url, stop.signal)).rejects.toThrow('enough');
  });
});

describe('an answer is refused that', () => {
  it('refers to another place', async () => {
    let isAsked = false;
    const other = await answering((_, response) => {
      isAsked = true;
      response.end();
    });
    const url = await answering((_, response) => {
      response.writeHead(302, { location: other.href }).end();
    });
    await expect(ask(url)).rejects.toThrow(MalformedAnswer);
    expect(isAsked).toBe(false);
  });

  it('says it is longer than it may be', async () => {
    const url = await saying('HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n', false);
    await expect(ask(url)).rejects.toThrow(MalformedAnswer);
  });

  it('never ends', async () => {
    const url = await answering((request, response) => {
      response.on('error', () => undefined);
      const more = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on('drain', more);
      request.resume();
      more();
    });
    await expect(ask(url)).rejects.toThrow(MalformedAnswer);
  });

  it('is packed, which nobody asked for', async () => {
    const url = await answering((request, response) => {
      expect(request.headers['accept-encoding']).toBe('identity');
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1000)));
    });
    await expect(ask(url)).rejects.toThrow(MalformedAnswer);
  });

  it.each([
    ['ends before its length', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc'],
    ['ends within a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc'],
    ['is no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
    ['says two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['has a header without end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100_000)}`],
    ['is nothing', ''],
  ])('%s', async (_, text) => {
    await expect(ask(await saying(text, true))).rejects.toThrow(NodeUnreachable);
  });
});
