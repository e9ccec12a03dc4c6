/** Requests and answers over streams of libp2p, between two hosts on this machine. */
import type { Duplex } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { peerFetch, PEER_ORIGIN } from './peer-fetch.ts';
import { PEER_BODY_MAX_BYTES, PeerMessageTooLong } from './peer-request.ts';
import { bytesOf, startHost, startServingHost, textOf } from './testing.ts';

const never = new AbortController().signal;
const MIB = 1024 * 1024;

describe('a request to a peer', () => {
  test('arrives as plain HTTP with the bare peer id as host, a length, and its query as sent', async () => {
    const seen: unknown[] = [];
    const peer = await startServingHost(1, (request, response) => {
      const { method, url, headers } = request;
      seen.push(method, url, headers.host, headers['content-length'], headers.expect);
      response.setHeader('Trailer', 'Storage+quota+reached%21');
      response.writeHead(400, { 'transfer-encoding': 'chunked' }).end();
    });
    const { ask } = await startHost(2, { knows: [peer] });
    const target = '/api/v0/id?a=1&b=x%20y%2Bz';
    const incoming = await ask(peer.nodeId, { method: 'POST', target, signal: never });
    expect(seen).toEqual(['POST', target, peer.host.peerId, '0', undefined]);
    expect(peer.host.peerId).toMatch(/^12D3Koo/u);
    expect([incoming.statusCode, incoming.headers.trailer, await textOf(incoming)]).toEqual([
      400,
      'Storage+quota+reached%21',
      '',
    ]);
  });

  test('carries 8 MiB each way, and not a byte more', async () => {
    const peer = await startServingHost(3, (request, response) => {
      if (request.url === '/echo') request.pipe(response);
      else response.end(Buffer.alloc(PEER_BODY_MAX_BYTES + 1));
    });
    const { ask } = await startHost(4, { knows: [peer] });
    const body = Buffer.alloc(PEER_BODY_MAX_BYTES, 'abcdefg');
    const echo = await ask(peer.nodeId, { method: 'POST', target: '/echo', body, signal: never });
    expect(Buffer.compare(await bytesOf(echo), body)).toBe(0);
    const long = { method: 'POST', target: '/echo', body: Buffer.concat([body, body]) };
    await expect(ask(peer.nodeId, { ...long, signal: never })).rejects.toThrow(PeerMessageTooLong);
    const fetch = peerFetch(ask, peer.nodeId);
    const answer = await fetch(new Request(`${PEER_ORIGIN}/long`));
    await expect(answer.arrayBuffer()).rejects.toThrow(PeerMessageTooLong);
  });

  test('goes to two peers at a time, many to each', async () => {
    const peers = await Promise.all(
      [5, 6].map((seed) =>
        startServingHost(seed, (request, response) => response.end(request.url)),
      ),
    );
    const { ask } = await startHost(7, { knows: peers });
    const asked = Array.from({ length: 40 }, async (_, i) => {
      const target = `/${String(i)}`;
      const { nodeId } = peers[i % 2]!;
      return textOf(await ask(nodeId, { method: 'GET', target, signal: never }));
    });
    expect(await Promise.all(asked)).toEqual(asked.map((_, i) => `/${String(i)}`));
  });

  test('uses the stream of the one before where the peer keeps it, and else one of its own', async () => {
    const streams = new Set<Duplex>();
    const peer = await startServingHost(21, (request, response) => {
      streams.add(request.socket);
      if (request.headers['node-stream'] === 'kept' && request.url === '/kept') {
        response.setHeader('Node-Stream', 'kept');
      }
      response.end(request.url);
    });
    const { ask } = await startHost(22, { knows: [peer] });
    const asked = async (target: string): Promise<number> => {
      const incoming = await ask(peer.nodeId, { method: 'POST', target, signal: never });
      expect(await textOf(incoming)).toBe(target);
      return streams.size;
    };
    const counts: number[] = [];
    for (const target of ['/kept', '/kept', '/once', '/once', '/kept', '/kept']) {
      counts.push(await asked(target));
    }
    expect(counts).toEqual([1, 1, 1, 2, 3, 3]);
  });

  test('is answered though the peer gave up the stream that was kept', async () => {
    const streams: Duplex[] = [];
    const peer = await startServingHost(23, (request, response) => {
      streams.push(request.socket);
      response.setHeader('Node-Stream', 'kept');
      response.end('there');
    });
    const { ask } = await startHost(24, { knows: [peer] });
    const asked = async () =>
      textOf(await ask(peer.nodeId, { method: 'POST', target: '/', signal: never }));
    expect(await asked()).toBe('there');
    streams[0]?.destroy();
    await pause(100);
    expect(await asked()).toBe('there');
    expect(streams[1]).not.toBe(streams[0]);
  });

  test('that its sender gives up ends at the peer, too, and leaves the connection as it was', async () => {
    const gone: Promise<void>[] = [];
    const peer = await startServingHost(8, (request, response) => {
      if (request.url === '/quick') response.end('quick');
      else gone.push(new Promise((resolve) => request.socket.once('close', () => resolve())));
    });
    const { ask } = await startHost(9, { knows: [peer] });
    const given = new AbortController();
    const slow = ask(peer.nodeId, { method: 'POST', target: '/slow', signal: given.signal });
    await expect.poll(() => gone.length).toBe(1);
    given.abort();
    await expect(slow).rejects.toHaveProperty('name', 'AbortError');
    await gone[0];
    const quick = await ask(peer.nodeId, { method: 'POST', target: '/quick', signal: never });
    expect(await textOf(quick)).toBe('quick');
  });

  test('whose reader is slow does not make the sender hold all of the answer', async () => {
    let written = 0;
    const peer = await startServingHost(10, async (_request, response) => {
      const piece = Buffer.alloc(64 * 1024, 1);
      for (let i = 0; i < 8 * 16; i++) {
        written += piece.length;
        if (!response.write(piece)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const { ask } = await startHost(11, { knows: [peer] });
    const incoming = await ask(peer.nodeId, { method: 'GET', target: '/', signal: never });
    let before = -1;
    while (before !== written) {
      before = written;
      await pause(50);
    }
    expect(written).toBeLessThan(6 * MIB);
    expect((await bytesOf(incoming)).length).toBe(8 * MIB);
  });

  test('fails where the peer is away, is another one, or breaks off', async () => {
    const peer = await startServingHost(12, (_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    const stranger = await startHost(13);
    const other = await startHost(14, {
      knows: [{ ...peer, nodeId: stranger.nodeId, address: withoutPeer(peer.address) }, peer],
    });
    const asked = { method: 'GET', target: '/', signal: never };
    // The address is of somebody who cannot prove to be the one asked for.
    await expect(other.ask(stranger.nodeId, asked)).rejects.toThrow();
    const broken = await other.ask(peer.nodeId, asked);
    await expect(bytesOf(broken)).rejects.toThrow();
    await peer.host.close();
    await expect(other.ask(peer.nodeId, asked)).rejects.toThrow();
  });

  test('does not go to a private address that nobody of this node wrote down', async () => {
    const peer = await startServingHost(15, (_request, response) => response.end('here'));
    const ignorant = await startHost(16);
    const asked = { method: 'GET', target: '/', signal: never };
    await expect(ignorant.ask(peer.nodeId, asked)).rejects.toThrow();
  });
});

test('a client of a peer asks that peer and nobody else', async () => {
  const peer = await startServingHost(17, (_request, response) => {
    response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end();
  });
  const { ask } = await startHost(18, { knows: [peer] });
  const fetch = peerFetch(ask, peer.nodeId);
  expect((await fetch(new Request(`${PEER_ORIGIN}/x`))).status).toBe(302);
  await expect(fetch(new Request('http://127.0.0.1/x'))).rejects.toThrow(TypeError);
});

function withoutPeer(address: string): string {
  return address.replace(/\/p2p\/.*$/u, '');
}
