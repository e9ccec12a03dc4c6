/**
 * A move between two servers whose connection is cut on the way (B-2 §12): it waits, or is called off,
 * and goes on from there.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { moveAccount, type MoveOptions, type MoveProgress } from '#lib/account/index.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { PASSWORD, put, read, signInAt, signUpAt, type Client } from './client.ts';
import { startNode } from './temp-nodes.ts';

/** More than is asked for at once. */
const LARGER = systemRandom(24_000_000);
const CUT_AFTER = 18_000_000;
const OPEN = { p2pHost: '127.0.0.1', p2pPrivate: true } as const;

function moveTo(alice: Client, url: string, options: MoveOptions = {}) {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const { deps } = alice;
  const to = { ...deps, node: createHttpNode(url, { signal: end.signal }) };
  const from = { ...deps, cipher: createLocalChunkCipher(deps.random) };
  const credentials = { username: 'alice', password: PASSWORD };
  return moveAccount(from, to, credentials, { by: 'servers', ...options });
}

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
  const from = await startNode({ ...OPEN, p2pPort: port, p2pAnnounce: announced });
  const to = await startNode({ ...OPEN, p2pPort: 0 });
  const alice = await signUpAt(from.url, 'alice');
  await put(alice, 'larger', LARGER);
  return { from, to, alice, wire };
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
  const moved = await signInAt(to.url, 'alice');
  expect(Buffer.compare(await read(moved, 'larger'), LARGER)).toBe(0);
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
  expect(Buffer.compare(await read(moved, 'larger'), LARGER)).toBe(0);
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
