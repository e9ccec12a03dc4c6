/**
 * An account moves between two servers that reach each other by libp2p, and are told of one another
 * by the person's client alone (B-2 §12). What dies on the way is started again.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { moveAccount, type MoveProgress } from '#lib/account/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { SignUpClosed } from '#lib/protocol/index.ts';
import { PASSWORD, put, read, signInAt, signUpAt, type Client } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';
import type { StartOptions } from '../../src/server/index.ts';

const LARGE = systemRandom(12_000_000);
/** More than is asked for at once. */
const LARGER = systemRandom(24_000_000);
const CUT_AFTER = 30_000_000;
const OPEN = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;

const start = (options: Partial<StartOptions> = {}): Promise<TestNode> =>
  startNode({ ...OPEN, ...options });

/** An old server with alice on it, and a new one; neither knows the other. */
async function twoServers(old: Partial<StartOptions> = {}, next: Partial<StartOptions> = {}) {
  const [from, to] = [await start(old), await start(next)];
  const alice = await signUpAt(from.url, 'alice');
  await put(alice, 'large', LARGE);
  await put(alice, 'small', Uint8Array.of(1, 2, 3));
  return { from, to, alice };
}

interface Moving {
  readonly token?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: MoveProgress) => void;
}

/** What alice's client does; it never carries the data itself. */
function moveTo(alice: Client, url: string, options: Moving = {}) {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const { deps } = alice;
  const to = { ...deps, node: createHttpNode(url, { signal: end.signal }) };
  const from = { ...deps, cipher: createLocalChunkCipher(deps.random) };
  const credentials = { username: 'alice', password: PASSWORD };
  return moveAccount(from, to, credentials, { by: 'servers', ...options });
}

async function expectFiles(client: Client): Promise<void> {
  expect(Buffer.compare(await read(client, 'large'), LARGE)).toBe(0);
  expect(await read(client, 'small')).toEqual(Uint8Array.of(1, 2, 3));
}

test('an account moves, and is answered for by the old home too', async () => {
  const { from, to, alice } = await twoServers();
  const seen: MoveProgress[] = [];
  await moveTo(alice, to.url, { onProgress: (progress) => void seen.push(progress) });
  // What is told grows to what the account uses, and its blocks were counted.
  const last = seen.at(-1)!;
  expect(last.by).toBe('servers');
  expect(last.doneBytes).toBeGreaterThan(LARGE.length);
  expect(last.doneBytes).toBeLessThanOrEqual(last.totalBytes);
  expect(seen.map(({ doneBytes }) => doneBytes)).toEqual(
    seen.map(({ doneBytes }) => doneBytes).toSorted((a, b) => a - b),
  );
  await expectFiles(await signInAt(to.url, 'alice'));
  // The old home passes on what is asked of it, so one may sign in there as before.
  const guest = await signInAt(from.url, 'alice');
  await put(guest, 'late', Uint8Array.of(4));
  expect(await read(await signInAt(to.url, 'alice'), 'late')).toEqual(Uint8Array.of(4));
}, 60_000);

test('an invitation admits an account that moves', async () => {
  const { to, alice } = await twoServers({}, { signUps: 'token' });
  await expect(moveTo(alice, to.url)).rejects.toBeInstanceOf(SignUpClosed);
  const before = await to.node.operator.invitations();
  const token = await to.node.operator.createInvitation();
  await moveTo(alice, to.url, { token });
  await expectFiles(await signInAt(to.url, 'alice'));
  expect(await to.node.operator.invitations()).toEqual(before);
}, 60_000);

test('an account comes back to where it was before', async () => {
  const { from, to, alice } = await twoServers();
  await moveTo(alice, to.url);
  const there = await signInAt(to.url, 'alice');
  await put(there, 'new', Uint8Array.of(9));
  await moveTo(there, from.url);
  const back = await signInAt(from.url, 'alice');
  await expectFiles(back);
  expect(await read(back, 'new')).toEqual(Uint8Array.of(9));
}, 60_000);

test('a server that cannot reach the old one says so, and the device carries the data', async () => {
  const { to, alice } = await twoServers({}, { p2pPrivate: false });
  await expect(moveTo(alice, to.url)).rejects.toHaveProperty('name', 'MoveRefused');
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const seen = new Set<string>();
  const node = createHttpNode(to.url, { signal: end.signal });
  const from = { ...alice.deps, cipher: createLocalChunkCipher(alice.deps.random) };
  const onProgress = ({ by }: MoveProgress) => void seen.add(by);
  const { createPointerMemory } = await import('#lib/writers/index.ts');
  const credentials = { username: 'alice', password: PASSWORD };
  const place = { ...alice.deps, node, pointerMemory: createPointerMemory() };
  await moveAccount(from, place, credentials, { onProgress });
  expect([...seen]).toEqual(['device']);
  await expectFiles(await signInAt(to.url, 'alice'));
}, 60_000);

/** Passes bytes on until it is cut; new connections are refused while it is. */
async function wireTo(port: number) {
  const open = new Set<Socket>();
  let passed = 0;
  let isCut = false;
  let cutAt = Infinity;
  const cut = (): void => {
    isCut = true;
    for (const socket of open) socket.destroy();
  };
  const server = createServer((near) => {
    if (isCut) return void near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        open.delete(one);
        other.destroy();
      });
      one.on('data', (bytes) => {
        passed += bytes.length;
        other.write(bytes);
        if (passed > cutAt) cut();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    cut();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    /** After so many more bytes. */
    cutAfter: (bytes: number) => {
      [cutAt, isCut] = [passed + bytes, false];
    },
    mend: () => {
      [cutAt, isCut] = [Infinity, false];
    },
    get isCut() {
      return isCut;
    },
  };
}

/** Two servers, the way from the new one to the old one by a wire that can be cut. */
async function twoWiredServers() {
  const port = await freePort();
  const wire = await wireTo(port);
  const announced = [`/ip4/127.0.0.1/tcp/${String(wire.port)}`];
  const servers = await twoServers({ p2pPort: port, p2pAnnounce: announced });
  await put(servers.alice, 'larger', LARGER);
  return { ...servers, wire };
}

test('a connection that is cut holds a move up and does not end it', async () => {
  const { to, alice, wire } = await twoWiredServers();
  wire.cutAfter(CUT_AFTER);
  const phases: string[] = [];
  let fetched = 0;
  await moveTo(alice, to.url, {
    onProgress: ({ phase, doneBytes }) => {
      if (phases.at(-1) !== phase) phases.push(phase);
      if (phase !== 'waiting' || !wire.isCut) return;
      fetched = doneBytes;
      wire.mend();
    },
  });
  expect(phases).toContain('waiting');
  expect(fetched).toBeGreaterThan(1_000_000);
  await expectFiles(await signInAt(to.url, 'alice'));
}, 60_000);

test('a move that is called off leaves the account where it is, and later goes on from there', async () => {
  const { from, to, alice, wire } = await twoWiredServers();
  wire.cutAfter(CUT_AFTER);
  const stop = new AbortController();
  const { signal } = stop;
  const onProgress = ({ phase }: MoveProgress): void => {
    if (phase === 'waiting') stop.abort();
  };
  await expect(moveTo(alice, to.url, { signal, onProgress })).rejects.toHaveProperty(
    'name',
    'AbortError',
  );
  wire.mend();
  await put(await signInAt(from.url, 'alice'), 'meanwhile', Uint8Array.of(7));
  expect(await to.node.names.usernames()).toEqual([]);
  await moveTo(alice, to.url);
  const moved = await signInAt(to.url, 'alice');
  await expectFiles(moved);
  expect(await read(moved, 'meanwhile')).toEqual(Uint8Array.of(7));
}, 60_000);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
