/** HTTP over streams of libp2p (B-1 §3.2), with Kubo at the other end in each direction. */
import { createHash, randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { decodeBlock } from '#lib/codec/index.ts';
import type { NameDirectory } from '#lib/forwarding/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { claimChainFromCbor, HomeServerAway } from '#lib/protocol/index.ts';
import { PEER_ORIGIN, peerFetch } from '../../src/server/p2p/peer-fetch.ts';
import { bytesOf, startHost, textOf } from '../../src/server/p2p/testing.ts';
import type { TestHost } from '../../src/server/p2p/testing.ts';
import { put, read, signInAt, signUpAt } from '../server/client.ts';
import { startNode, type TestNode } from '../server/temp-nodes.ts';
import { Kubo, KUBO_PROGRAM } from './kubo.ts';

/** As much as nodes pass on to each other. */
const LONGEST = randomBytes(8 * 1024 * 1024);
const NOBODY = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';

let kubo: Kubo;

describe.skipIf(KUBO_PROGRAM === undefined)('HTTP over libp2p', () => {
  beforeAll(async () => {
    kubo = await Kubo.start();
  });
  afterAll(() => kubo.stop());

  describe('from our transport to a server behind Kubo', () => {
    test('status, headers, query, redirects and refusals arrive as they were sent', async () => {
      const seen: IncomingMessage[] = [];
      const { ask } = await askingKubo((incoming, response) => {
        seen.push(incoming);
        const status = Number(/\/status\/(\d+)/u.exec(incoming.url ?? '')?.[1] ?? 200);
        response.setHeader('Trailer', 'Storage+quota+reached%21');
        if (status === 302) response.setHeader('Location', '/elsewhere');
        response.writeHead(status);
        response.end('said');
      });
      for (const status of [200, 302, 400, 401, 404, 500]) {
        const answer = await ask('POST', `/status/${String(status)}?a=1&a=2&b=x%20y%2Bz`);
        expect(answer.statusCode).toBe(status);
        expect(answer.headers['trailer']).toBe('Storage+quota+reached%21');
        expect(answer.headers.location).toBe(status === 302 ? '/elsewhere' : undefined);
        expect(await textOf(answer)).toBe('said');
      }
      expect(seen[0]!.url).toBe('/status/200?a=1&a=2&b=x%20y%2Bz');
      expect(seen[0]!.headers.host).toBe(kubo.nodeId.toPeerId());
      expect(seen[0]!.headers['content-length']).toBe('0');
    });

    test('the longest body comes back whole, with its length and in pieces', async () => {
      const { ask } = await askingKubo((incoming, response) => {
        if (incoming.url === '/counted') {
          response.setHeader('Content-Length', incoming.headers['content-length'] ?? '');
        }
        incoming.pipe(response);
      });
      for (const path of ['/counted', '/chunked']) {
        const answer = await ask('POST', path, LONGEST);
        expect((await bytesOf(answer)).equals(LONGEST)).toBe(true);
      }
    });

    test('many requests at once, each on a stream of its own, are not mixed up', async () => {
      const { ask } = await askingKubo((incoming, response) => incoming.pipe(response));
      const bodies = Array.from({ length: 60 }, () => randomBytes(30_000));
      const back = await Promise.all(
        bodies.map(async (body) => bytesOf(await ask('POST', '/', body))),
      );
      expect(back.map(hashOf)).toEqual(bodies.map(hashOf));
    });

    test('an answer that is cut off is an error, and so is a Kubo that went away', async () => {
      const other = await Kubo.start();
      onTestFinished(() => other.stop());
      const { ask } = await askingKubo((_incoming, response) => {
        response.setHeader('Content-Length', '1000');
        response.write('a part');
        setTimeout(() => response.destroy(), 50);
      }, other);
      await expect(ask('POST', '/').then(bytesOf)).rejects.toThrow();
      await other.stop();
      await expect(ask('POST', '/')).rejects.toThrow();
    });

    test('it is a Pyrgos node, asked by the protocol as any other home', async () => {
      const own = await startNode({ publicHosts: [kubo.nodeId.toPeerId()] });
      const carol = await signUpAt(own.url, 'carol');
      await put(carol, 'note', new Uint8Array(1_500_000).fill(7));
      const { host } = await askingKubo(undefined, kubo, own.port);
      const node = createHttpNode(PEER_ORIGIN, { fetch: peerFetch(host.ask, kubo.nodeId) });
      const { owner } = carol.session.home;
      expect(await node.pointers.get(owner, owner)).toEqual(
        await own.node.pointers.get(owner, owner),
      );
    });
  });

  describe('from the gateway of Kubo to our node', () => {
    test('a node is asked by its peer id and by its CID', async () => {
      const node = await startPeer();
      const id = await node.node.blocks.nodeId();
      for (const text of [id.toPeerId(), id.toString()]) {
        const answer = await post(`/p2p/${text}/http/api/v0/id`);
        expect(answer).toMatchObject({ status: 200, text: JSON.stringify({ ID: String(id) }) });
      }
      const refused = await post(`/p2p/${id.toPeerId()}/http/api/v0/block/get`);
      expect(refused.status).toBe(400);
      expect(refused.trailer).toBe('The+parameter+%22owner%22+is+missing.');
    });

    test('a request that waits for leave to go on gets its answer, not an empty one', async () => {
      const node = await startPeer();
      const id = await node.node.blocks.nodeId();
      const waiting = { expect: '100-continue' };
      const body = Buffer.from('\0\0\0\x05alice', 'latin1');
      const path = `/p2p/${id.toPeerId()}/http/peergos/v0/core/getChain`;
      expect((await post(path, body, waiting)).text).toBe('\x80');
    });

    test('a peer that nobody reaches is a bad gateway', async () => {
      expect((await post(`/p2p/${NOBODY}/http/api/v0/id`)).status).toBe(502);
    });
  });

  describe('our node with the gateway of Kubo as its way to others', () => {
    test('people whose home is another node sign in, read and write', async () => {
      const home = await startPeer();
      const carol = await signUpAt(home.url, 'carol');
      await put(carol, 'note', new Uint8Array(2_000_000).fill(5));
      const here = await startNode({ p2pGateway: kubo.gateway, directory: directoryOf(home) });
      const guest = await signInAt(here.url, 'carol');
      expect(await read(guest, 'note')).toEqual(new Uint8Array(2_000_000).fill(5));
      await put(guest, 'more', Uint8Array.of(4));
      expect(await read(await signInAt(home.url, 'carol'), 'more')).toEqual(Uint8Array.of(4));
    });

    test('a home that is away is said to be away, and nothing to be absent', async () => {
      const home = await startPeer();
      const { owner } = (await signUpAt(home.url, 'dave')).session.home;
      const here = await startNode({ p2pGateway: kubo.gateway, directory: directoryOf(home) });
      expect(await createHttpNode(here.url).pointers.get(owner, owner)).toBeDefined();
      await home.close();
      const asked = createHttpNode(here.url);
      await expect(asked.pointers.get(owner, owner)).rejects.toBeInstanceOf(HomeServerAway);
      await expect(asked.inbox.send(owner, Uint8Array.of(0xa0))).rejects.toBeInstanceOf(
        HomeServerAway,
      );
    });
  });
});

/** A host of ours that knows a Kubo, which hands requests to a server: this one, or that at `port`. */
async function askingKubo(answer?: RequestListener, other = kubo, port?: number) {
  other.command('p2p', 'close', '--all');
  await other.forwardHttp(port ?? (await listen(answer ?? (() => undefined))));
  const [address = ''] = other.addresses;
  const known = { nodeId: other.nodeId, address } as TestHost;
  const host = await startHost(71, { knows: [known] });
  const ask = (method: string, target: string, body?: Uint8Array) =>
    host.ask(other.nodeId, {
      method,
      target,
      signal: AbortSignal.timeout(60_000),
      ...(body === undefined ? {} : { body }),
    });
  return { host, ask };
}

async function listen(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** A node of ours that Kubo is connected to. */
async function startPeer(): Promise<TestNode> {
  const node = await startNode({ p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true });
  await kubo.connect(node.peers.addresses[0] ?? '');
  return node;
}

/** What a mirror of the registry knows of the people of one node, also when it is away. */
function directoryOf({ node }: TestNode): NameDirectory {
  const known = new Map<string, unknown>();
  const once = async <T>(key: string, find: () => Promise<T>): Promise<T> => {
    if (!known.has(key)) known.set(key, await find());
    return known.get(key) as T;
  };
  return {
    usernameOf: (owner) => once(String(owner), () => node.names.nameOf(owner)),
    chainOf: (name) =>
      once(name, async () => {
        const chain = claimChainFromCbor(decodeBlock(await node.names.chain(name)));
        return chain.length === 0 ? undefined : chain;
      }),
  };
}

interface Answer {
  readonly status: number | undefined;
  readonly trailer: string | undefined;
  readonly text: string;
}

/** By Node's own client, which sends `Expect` as it is told. */
function post(path: string, body?: Uint8Array, headers: Record<string, string> = {}) {
  return new Promise<Answer>((resolve, reject) => {
    const length = { 'content-length': String(body?.length ?? 0) };
    const outgoing = request(`${kubo.gateway}${path}`, {
      method: 'POST',
      headers: { ...headers, ...length },
    });
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      const { statusCode: status, headers: said } = incoming;
      bytesOf(incoming).then(
        (bytes) => resolve({ status, trailer: said['trailer'], text: bytes.toString('latin1') }),
        reject,
      );
    });
    if (headers['expect'] === undefined) outgoing.end(body);
    else {
      // As curl does: a server that does not answer the question gets the body all the same.
      outgoing.flushHeaders();
      setTimeout(() => outgoing.end(body), 500);
    }
  });
}

function hashOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
