/** What other nodes may ask: requests as nodes of the reference write them, byte by byte. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AnswerBudget, handleRequest } from '#lib/node-http/index.ts';
import { createBench } from '#lib/node-local/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { RateLimit } from '../http/rate-limit.ts';
import { silentLog } from '../observe/log.ts';
import { createNodeMetrics } from '../observe/node-metrics.ts';
import { PEER_HOST, PeerServer } from './peer-server.ts';
import type { PeerServerDeps } from './peer-server.ts';

const OWN_ID = '12D3KooWEnCzE4uSeniFaCGXQuV1UnYkvqvbQJnYC363S2abgknr';
const PEER_ID = '12D3KooWFv6ZcoUKyaDBB7nR5SQg6HpmEbDXad48WyFSyEk7xrSR';

function serving(options: Partial<PeerServerDeps> & { readonly node?: StorageNode } = {}) {
  const { node = createBench().node, ...deps } = options;
  const seen: Request[] = [];
  const handle = handleRequest(node, {
    hosts: [PEER_HOST],
    isPublic: true,
    pageOrigins: [],
    clock: Date.now,
  });
  const metrics = createNodeMetrics('test');
  onTestFinished(() => metrics.close());
  const server = new PeerServer({
    handle: (request, client) => {
      seen.push(request.clone());
      return handle(request, client);
    },
    ownIds: new Set([OWN_ID]),
    answers: new AnswerBudget(),
    site: undefined,
    rateLimit: new RateLimit(Date.now),
    metrics,
    log: silentLog,
    ...deps,
  });
  const open = (peerId = PEER_ID): Promise<Socket> => streamTo(server, peerId);
  /** Sends the bytes of one request; answers all bytes that come back. */
  const exchange = async (text: string, peerId?: string): Promise<string> => {
    const stream = await open(peerId);
    stream.write(text);
    const pieces: Buffer[] = [];
    for await (const piece of stream) pieces.push(piece as Buffer);
    return Buffer.concat(pieces).toString('latin1');
  };
  return { server, seen, open, exchange };
}

/** As the gateway of the reference's nodes writes a request for a call without body. */
function asked(target: string, host = OWN_ID, more = ''): string {
  return `POST ${target} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 0\r\n${more}\r\n`;
}

describe('a peer', () => {
  test('is answered by the protocol, with the one answer and the end of the stream', async () => {
    const { exchange } = serving();
    const answer = await exchange(asked('/api/v0/id'));
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK\r\n/u);
    expect(answer).toMatch(/\r\ncontent-length: \d+\r\n/iu);
    expect(answer).toMatch(/\r\n\r\n\{"ID":"z\w+"\}$/u);
  });

  test('is told a refusal in the header that clients read', async () => {
    const { exchange } = serving();
    const answer = await exchange(asked('/api/v0/block/get'));
    expect(answer).toMatch(/^HTTP\/1\.1 400 /u);
    expect(answer).toContain('\r\ntrailer: The+parameter+%22owner%22+is+missing.\r\n');
  });

  test('may write a space as plus and leave an empty part at the end of the query', async () => {
    const emails: string[] = [];
    const { node } = createBench();
    const links = {
      ...node.links,
      published: (username: string, path: readonly string[]) => {
        emails.push(username, ...path);
        return Promise.resolve('#x');
      },
    };
    const { exchange, seen } = serving({ node: { ...node, links } });
    await exchange(asked('/peergos/v0/login/listMfa?auth=00&auth=00&username=x+y%2Bz&'));
    expect(new URL(seen[0]!.url).search).toBe('?auth=00&auth=00&username=x%20y%2Bz');
    // In a path a plus is a plus.
    await exchange(asked('/public/alice/a+b').replace('POST', 'GET'));
    expect(emails).toEqual(['alice', 'a+b']);
  });

  test('is who its key proved to be, whatever it writes, and no header passes that no call reads', async () => {
    const { exchange, seen } = serving();
    const more =
      'Source: 12D3KooWsomebodyElse\r\nX-Forwarded-For: 127.0.0.1\r\nOrigin: https://evil.example\r\n' +
      'If-None-Match: "x"\r\nCookie: a=b\r\n';
    await exchange(asked('/api/v0/id', OWN_ID, more));
    expect(Object.fromEntries(seen[0]!.headers)).toEqual({
      host: PEER_HOST,
      source: PEER_ID,
      'content-length': '0',
      'if-none-match': '"x"',
    });
  });

  test('that expects an interim answer gets the answer', async () => {
    const { exchange } = serving();
    const request =
      `POST /${PATHS.getChain} HTTP/1.1\r\nHost: ${OWN_ID}\r\nContent-Length: 9\r\n` +
      'Expect: 100-continue\r\n\r\n\0\0\0\x05alice';
    expect(await exchange(request)).toMatch(/^HTTP\/1\.1 200 OK\r\n(?:.+\r\n)+\r\n\x80$/su);
  });

  test.each([
    ['of another peer', asked('/api/v0/id', PEER_ID)],
    ['of the web', asked('/api/v0/id', 'localhost:8000')],
    ['missing', 'POST /api/v0/id HTTP/1.0\r\nContent-Length: 0\r\n\r\n'],
  ])('is refused where the host is %s', async (_, request) => {
    const { exchange, seen } = serving();
    expect(await exchange(request)).toMatch(/^HTTP\/1\.1 404 /u);
    expect(seen).toEqual([]);
  });

  test.each(
    [
      ...Object.values(PATHS).filter((path) => path.includes('/admin/')),
      'metrics',
      'healthz',
      'index.html',
      '',
      'p2p/x/http/api/v0/id',
      'peergos/v0/sync/status',
      'peergos/v0/config/x',
    ].map((path) => [path]),
  )('finds nothing at /%s', async (path) => {
    const { exchange } = serving();
    expect(await exchange(asked(`/${path}`))).toMatch(/^HTTP\/1\.1 40[04] /u);
    expect(await exchange(asked(`/${path}`).replace('POST', 'GET'))).toMatch(
      /^HTTP\/1\.1 40[04] /u,
    );
  });

  test('is slowed down alone', async () => {
    const { exchange } = serving();
    const login = asked(`/${PATHS.getLogin}`);
    const statuses = new Set<string>();
    for (let i = 0; i < 61; i++) statuses.add((await exchange(login)).slice(9, 12));
    expect([...statuses]).toEqual(['400', '429']);
    expect(await exchange(login, 'another')).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('with too many streams gets no more, and others do', async () => {
    const { open, exchange } = serving({ limits: { maxStreamsPerPeer: 2 } });
    await open();
    await open();
    await ended(await open());
    expect(await exchange(asked('/api/v0/id'), 'another')).toMatch(/^HTTP\/1\.1 200 /u);
  });

  test('that says nothing, or no HTTP, is cut off', async () => {
    const { open, exchange } = serving({ limits: { headersWithinMs: 20 } });
    await ended(await open());
    expect(await exchange('\x13/multistream/1.0.0\n\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /u);
  });

  test('that would keep its stream may ask again on it, one that does not say so gets its end', async () => {
    const { open, seen } = serving({ limits: { headersWithinMs: 50 } });
    const stream = await open();
    let received = '';
    stream.setEncoding('latin1').on('data', (piece: string) => (received += piece));
    const answers = (): number => received.split('{"ID":"z').length - 1;
    for (let n = 1; n <= 3; n++) {
      stream.write(asked('/api/v0/id', OWN_ID, 'Node-Stream: kept\r\n'));
      await expect.poll(answers).toBe(n);
      // Longer than the first head of a stream may take.
      await pause(60);
    }
    expect(received.match(/\r\nnode-stream: kept\r\n/giu)).toHaveLength(3);
    const end = ended(stream);
    stream.write(asked('/api/v0/id'));
    await end;
    expect(received.match(/\r\nconnection: close\r\n/giu)).toHaveLength(1);
    expect(seen).toHaveLength(4);
  });

  test('that keeps its stream and asks nothing is cut off', async () => {
    const { open } = serving({ limits: { stillnessMs: 60 } });
    const stream = await open();
    stream.write(asked('/api/v0/id', OWN_ID, 'Node-Stream: kept\r\n'));
    await ended(stream);
  });

  test('is not answered more than nodes pass on', async () => {
    const { node } = createBench();
    const block = new Uint8Array(1024 * 1024);
    const lookup = () => Promise.resolve(Array.from({ length: 9 }, () => ({ bytes: block })));
    const blocks = { ...node.blocks, champLookup: lookup as never };
    const { exchange } = serving({ node: { ...node, blocks } });
    const id = await node.blocks.nodeId();
    const owner = 'z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi';
    const target = `/${PATHS.champGet}?arg=${id.toString()}&arg=00&owner=${owner}`;
    expect(await exchange(asked(target))).toMatch(
      /^HTTP\/1\.1 400 (?:.*\r\n)+trailer: Not\+supp/isu,
    );
  });
});

/** A stream whose other end is the server's; of which kind makes no difference to it. */
async function streamTo(server: PeerServer, peerId: string): Promise<Socket> {
  const listener = createServer((far) => server.accept(far, peerId));
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const near = connect((listener.address() as AddressInfo).port, '127.0.0.1');
  near.on('error', () => undefined);
  onTestFinished(() => {
    near.destroy();
    listener.close();
  });
  await new Promise((resolve) => near.once('connect', resolve));
  return near;
}

function ended(stream: Socket): Promise<void> {
  stream.resume();
  return new Promise((resolve) => stream.once('close', () => resolve()));
}
