/** A node that listens, and our own client over the connections of an independent stack of WebRTC. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { RTCPeerConnection } from 'node-datachannel/polyfill';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test, onTestFinished } from 'vitest';
import { peerIdOf, SigningKeyPair, systemRandom } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { formatMultiaddr } from '#lib/webrtc/index.ts';
import type { WebRtcAddress } from '#lib/webrtc/index.ts';
import { channelOf, createPeer, WrongPeer } from '#lib/webrtc/streams.ts';
import type { Fetch } from '#lib/webrtc/streams.ts';
import { dial } from '#lib/webrtc/page.ts';
import type { MakesConnections } from '#lib/webrtc/page.ts';
import { freeUdpPort } from '../../../tests/server/udp-port.ts';
import { keptCertificate } from './certificate.ts';
import { listenWebRtc } from './listener.ts';
import type { WebRtcListener } from './listener.ts';

const key = SigningKeyPair.fromSeed(new Uint8Array(32).fill(7));
const answers = { now: (_request: IncomingMessage, _response: ServerResponse): void => undefined };
const asked: string[] = [];
let server: Server;
let listener: WebRtcListener;
let address: WebRtcAddress;

beforeAll(async () => {
  server = createServer((request, response) => answers.now(request, response));
  const { records } = createMemoryStores();
  const certificate = await keptCertificate({ records, random: systemRandom, clock: Date.now });
  const port = await freeUdpPort();
  address = {
    family: 4,
    ip: '127.0.0.1',
    port,
    certificateHash: certificate.fingerprint,
    peer: peerIdOf(key.publicKey),
  };
  listener = listenWebRtc({
    host: address.ip,
    port: address.port,
    key,
    certificate,
    random: systemRandom,
    addressKey: (ip) => ip,
    onStream: (stream, peerId) => {
      asked.push(peerId);
      server.emit('connection', stream);
    },
  });
});

afterAll(() => {
  listener.close();
  server.closeAllConnections();
});

function peerAt(at: WebRtcAddress, clock = Date.now): Fetch {
  return createPeer({
    address: at,
    random: systemRandom,
    clock,
    dial: async (to) => {
      const { connection, first, fingerprint } = dial(to, RTCPeerConnection as MakesConnections);
      return {
        first: channelOf(first),
        fingerprint: () => fingerprint,
        open: async () => channelOf(connection.createDataChannel('')),
        hangUp: () => connection.close(),
      };
    },
  });
}

test('a request and its answer travel whole in both directions', async () => {
  answers.now = (request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces);
      response.setHeader('x-asked', `${request.method} ${request.url} ${request.headers.host}`);
      response.end(body.reverse());
    });
  };
  const ask = peerAt(address);
  const body = systemRandom(3_000_000);
  const answer = await ask(
    new Request('http://x/a/b?c=%20d', { method: 'POST', body: body as Uint8Array<ArrayBuffer> }),
  );
  expect(answer.status).toBe(200);
  expect(answer.headers.get('x-asked')).toBe(`POST /a/b?c=%20d ${address.peer.toPeerId()}`);
  expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(body).reverse())).toBe(true);
  expect(asked.at(-1)).toMatch(/^12D3Koo/u);
});

test('an answer comes piece by piece, and giving up ends it on both sides', async () => {
  let closed: Promise<void> | undefined;
  answers.now = (_request, response) => {
    closed = new Promise((resolve) => response.once('close', resolve));
    const write = (): void => {
      while (response.write(Buffer.alloc(16_000)));
      response.once('drain', write);
    };
    write();
  };
  const stop = new AbortController();
  const answer = await peerAt(address)(new Request('http://x/', { signal: stop.signal }));
  const body = answer.body!.getReader();
  expect((await body.read()).value!.length).toBeGreaterThan(0);
  stop.abort();
  await expect(
    (async () => {
      while (!(await body.read()).done);
    })(),
  ).rejects.toThrow('aborted');
  await closed;
});

test('many requests at once go over one connection', async () => {
  answers.now = (request, response) => void response.end(request.url);
  const ask = peerAt(address);
  const before = listener.connections;
  const paths = Array.from({ length: 40 }, (_, i) => `/${i}`);
  const texts = await Promise.all(
    paths.map(async (path) => (await ask(new Request(`http://x${path}`))).text()),
  );
  expect(texts).toEqual(paths);
  expect(listener.connections).toBe(before + 1);
});

test('a node with another key than the address names is refused before anything is asked', async () => {
  const asks = asked.length;
  const peer = peerIdOf(SigningKeyPair.fromSeed(new Uint8Array(32)).publicKey);
  await expect(peerAt({ ...address, peer })(new Request('http://x/'))).rejects.toThrow(WrongPeer);
  expect(asked).toHaveLength(asks);
});

test('the certificate is made once and stays', async () => {
  const { records } = createMemoryStores();
  const deps = { records, random: systemRandom, clock: Date.now };
  const [one, two] = await Promise.all([keptCertificate(deps), keptCertificate(deps)]);
  expect(one).toEqual(two);
  expect(await keptCertificate(deps)).toEqual(one);
});

test('an address is written with the hash of the certificate', () => {
  expect(formatMultiaddr(address)).toMatch(
    /\/webrtc-direct\/certhash\/uEi[\w-]{44}\/p2p\/12D3Koo/u,
  );
});

test('a node that was away is connected to again when a request found it silent', async () => {
  answers.now = (request, response) => void response.end(request.url);
  const proxy = await startUdpProxy(address.port);
  onTestFinished(() => proxy.close());
  let nowMs = 0;
  const ask = peerAt({ ...address, port: proxy.port }, () => (nowMs += 5_000));
  await ask(new Request('http://x/'));
  proxy.loseCallers();
  const signal = AbortSignal.timeout(200);
  await ask(new Request('http://x/', { signal })).catch(() => undefined);
  expect(await (await ask(new Request('http://x/again'))).text()).toBe('/again');
});

/** UDP to a port of this machine, by a socket of its own for each caller, which can be lost. */
async function startUdpProxy(to: number) {
  const sockets = new Map<string, Socket>();
  const lost = new Set<string>();
  const front = createSocket('udp4');
  front.on('message', (bytes, from) => {
    const caller = `${from.address}:${from.port}`;
    if (lost.has(caller)) return;
    let socket = sockets.get(caller);
    if (socket === undefined) {
      socket = createSocket('udp4');
      socket.on('message', (answer) => {
        if (!lost.has(caller)) front.send(answer, from.port, from.address);
      });
      sockets.set(caller, socket);
    }
    socket.send(bytes, to, '127.0.0.1');
  });
  front.bind(0, '127.0.0.1');
  await once(front, 'listening');
  return {
    port: front.address().port,
    loseCallers: () => {
      for (const caller of sockets.keys()) lost.add(caller);
    },
    close: () => {
      for (const socket of [front, ...sockets.values()]) socket.close();
    },
  };
}
