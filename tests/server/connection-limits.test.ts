/** One address that takes all it can get, and another that is served all the same (B-1 §1). */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { onTestFinished, describe, expect, test } from 'vitest';
import { BLOCK_MAX_BYTES } from '#lib/codec/index.ts';
import { signBlock } from '#lib/crypto/index.ts';
import { signUpAt } from './client.ts';
import { startNode } from './temp-nodes.ts';
import { request } from './wire.ts';

const NOBODY = 'z59vuwzfFDp3ZA8ZpnnmHEuMtyA1q34m3Th49DYXQVJntWpxdGrRqXi';
const UPLOAD = `POST /api/v0/block/put/bulk?owner=${NOBODY}&writer=${NOBODY}&transaction=t&format=raw HTTP/1.1`;
const READ = 'POST /api/v0/id HTTP/1.1';

/** On a busy machine. */
const SOON = { timeout: 15_000 };

/** One more than an address has places for. */
const CROWD = 81;

interface Slow {
  readonly socket: Socket;
  /** The first line of what has come back. */
  readonly answer: () => string | undefined;
}

/** An upload of which nothing comes but its head. */
function startUpload(port: number, localAddress: string, headers: readonly string[] = []): Slow {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  onTestFinished(() => void socket.destroy());
  let received = '';
  socket.on('data', (piece) => (received += piece.toString('latin1')));
  socket.on('error', () => undefined);
  const length = `Content-Length: ${String(BLOCK_MAX_BYTES)}`;
  const head = [UPLOAD, `Host: localhost:${String(port)}`, length, ...headers];
  socket.write(`${head.join('\r\n')}\r\n\r\nx`);
  return { socket, answer: () => received.split('\r\n', 1)[0] || undefined };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('slow uploads from one address', () => {
  test('get a share of the places, and another address is answered at once', async () => {
    const { port, url } = await startNode();
    const crowd = Array.from({ length: CROWD + 20 }, () => startUpload(port, '127.0.0.2'));
    await expect
      .poll(() => crowd.filter(({ answer }) => answer() !== undefined).length, SOON)
      .toBe(21);
    expect(new Set(crowd.flatMap(({ answer }) => answer() ?? []))).toEqual(
      new Set(['HTTP/1.1 429 Too Many Requests']),
    );
    const turnedAway = await request(port, READ, [], '', { localAddress: '127.0.0.2' });
    expect(turnedAway).toMatch(/^HTTP\/1\.1 429 /u);
    const served = await request(port, READ, [], '', { localAddress: '127.0.0.3' });
    expect(served).toMatch(/^HTTP\/1\.1 200 /u);
    // It did not wait for any of them.
    expect(crowd.filter(({ answer }) => answer() !== undefined)).toHaveLength(21);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });

  test('give their places back when they end', async () => {
    const { port } = await startNode();
    const crowd = Array.from({ length: CROWD }, () => startUpload(port, '127.0.0.2'));
    await expect
      .poll(() => crowd.filter(({ answer }) => answer() !== undefined).length, SOON)
      .toBe(1);
    for (const { socket } of crowd) socket.destroy();
    const ask = () => request(port, READ, [], '', { localAddress: '127.0.0.2' });
    await expect.poll(ask, SOON).toMatch(/^HTTP\/1\.1 200 /u);
  });

  test('are told apart behind a proxy that is named, by what it wrote last', async () => {
    const { port } = await startNode({ trustedProxies: ['127.0.0.1'] });
    const from = (address: string) => [`X-Forwarded-For: 203.0.113.99, ${address}`];
    const crowd = Array.from({ length: CROWD }, () =>
      startUpload(port, '127.0.0.1', from('203.0.113.7')),
    );
    await expect
      .poll(() => crowd.filter(({ answer }) => answer() !== undefined).length, SOON)
      .toBe(1);
    expect(await request(port, READ, from('203.0.113.7'))).toMatch(/^HTTP\/1\.1 429 /u);
    expect(await request(port, READ, from('203.0.113.8'))).toMatch(/^HTTP\/1\.1 200 /u);
  });

  test('behind a proxy that is not named do not stop its other clients', async () => {
    const { port } = await startNode();
    const from = (address: string) => [`X-Forwarded-For: ${address}`];
    const crowd = Array.from({ length: CROWD }, () =>
      startUpload(port, '127.0.0.1', from('203.0.113.7')),
    );
    await pause(300);
    expect(crowd.filter(({ answer }) => answer() !== undefined)).toEqual([]);
    expect(await request(port, READ, from('203.0.113.8'))).toMatch(/^HTTP\/1\.1 200 /u);
  });
});

test('an upload that falls behind the slowest line served is ended with its connection', async () => {
  const { port } = await startNode();
  const { socket, answer } = startUpload(port, '127.0.0.2');
  // Never still, and never to be done: 40 bytes a second of a MiB.
  const trickle = setInterval(() => socket.write('xxxx'), 100);
  onTestFinished(() => {
    clearInterval(trickle);
  });
  await once(socket, 'close');
  expect(answer()).toBe('HTTP/1.1 408 Request Timeout');
}, 30_000);

test('answers that an address does not take are not prepared without end', async () => {
  const { port, url } = await startNode();
  const alice = await signUpAt(url, 'alice');
  const { owner, signer } = alice.session.home;
  const bytes = new Uint8Array(BLOCK_MAX_BYTES).fill(7);
  const blocks = [{ bytes, authorisation: await signBlock(signer, bytes) }];
  const [cid] = await alice.deps.node.blocks.put(owner, signer.hash, blocks, 'raw', 't');
  const line = `POST /api/v0/block/get?arg=${String(cid)}&owner=${String(owner)} HTTP/1.1`;
  const asking = `${line}\r\nHost: localhost:${String(port)}\r\nContent-Length: 0\r\n\r\n`;
  const sockets = Array.from({ length: 5 }, () =>
    connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }).pause(),
  );
  const leave = () => sockets.map((socket) => socket.destroy());
  onTestFinished(() => void leave());
  for (let sent = 0; sent < 50; sent++) {
    sockets[sent % sockets.length]?.write(asking.repeat(20));
    await pause(20);
  }
  const bufferedBytes = async (): Promise<number> => {
    const text = await (await fetch(`${url}/metrics`)).text();
    return Number(/^pyrgos_unsent_bytes (\d+)$/mu.exec(text)?.[1]);
  };
  // 1000 blocks were asked for.
  await expect.poll(bufferedBytes, SOON).toBeGreaterThan(60 * BLOCK_MAX_BYTES);
  expect(await bufferedBytes()).toBeLessThan(150 * BLOCK_MAX_BYTES);
  const more = await request(port, line, [], '', { localAddress: '127.0.0.2' });
  expect(more).toMatch(/^HTTP\/1\.1 429 /u);
  const other = await request(port, line, [], '', { localAddress: '127.0.0.3' });
  expect(other).toMatch(/^HTTP\/1\.1 200 /u);
  leave();
  await expect.poll(bufferedBytes, SOON).toBe(0);
});

test('one address has a share of the connections', async () => {
  const { port } = await startNode({ limits: { maxConnectionsPerAddress: 5 } });
  const idle = Array.from({ length: 8 }, () =>
    connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }),
  );
  onTestFinished(() => {
    for (const socket of idle) socket.destroy();
  });
  let closed = 0;
  for (const socket of idle) socket.on('error', () => undefined).on('close', () => closed++);
  await expect.poll(() => closed, SOON).toBe(3);
  expect(await request(port, READ, [], '', { localAddress: '127.0.0.3' })).toMatch(/ 200 /u);
  idle.find((it) => !it.destroyed)?.destroy();
  const ask = () => request(port, READ, [], '', { localAddress: '127.0.0.2' });
  await expect.poll(ask, SOON).toMatch(/^HTTP\/1\.1 200 /u);
});
