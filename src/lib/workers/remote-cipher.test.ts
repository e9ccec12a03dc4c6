import { afterEach, describe, expect, it } from 'vitest';
import { createLocalChunkCipher, WrongKey, type ChunkCipher } from '#lib/cryptree/index.ts';
import { SymmetricKey, systemRandom } from '#lib/crypto/index.ts';
import { createFileReader } from '#lib/drive/index.ts';
import { createTestDrive, driveDeps, put } from '#lib/drive/testing.ts';
import { RemoteCipher } from './remote-cipher.ts';
import { serveCipher } from './cipher-protocol.ts';
import type { Wire } from '#lib/rpc/index.ts';
import { unverifiedOf } from './testing.ts';

const FILE_BYTES = 12 * 1024 * 1024;
const TIMEOUT_MS = 100;
const ports: MessagePort[] = [];
afterEach(() => {
  for (const port of ports.splice(0)) port.close();
});

/** A cipher worker at the other end of a port, which answers as many jobs as it is told to. */
function remotePort(answers: number, then: 'closes' | 'sleeps' = 'closes') {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1);
  const seen = { jobs: 0 };
  const wire: Wire = {
    postMessage: (message, transfer) => port1.postMessage(message, transfer ?? []),
    addEventListener: (type, listener) =>
      port1.addEventListener(type, (event) => {
        if (++seen.jobs <= answers) listener(event);
        else if (then === 'closes') port1.close();
      }),
    removeEventListener: () => undefined,
  };
  serveCipher(wire, Promise.resolve());
  port1.start();
  return { port: port2, seen };
}

/** What is read of a file of three chunks whose service worker works with `cipher`. */
async function readWith(cipher: ChunkCipher): Promise<{ expected: Uint8Array; read: Uint8Array }> {
  const { account, drive } = await createTestDrive();
  const expected = new Uint8Array(FILE_BYTES).map((_, i) => i >> 8);
  const file = await put(drive, await drive.home(), 'film', expected.slice());
  const deps = driveDeps(account.node, systemRandom, account, { cipher });
  const reader = await createFileReader(deps, file.capability);
  const read = new Uint8Array(FILE_BYTES);
  let at = 0;
  for await (const piece of reader.read()) {
    read.set(piece, at);
    at += piece.length;
  }
  return { expected, read: read.subarray(0, at) };
}

function withPort(port?: MessagePort): RemoteCipher {
  const cipher = new RemoteCipher(createLocalChunkCipher(systemRandom), TIMEOUT_MS);
  if (port !== undefined) cipher.connect(port);
  return cipher;
}

describe('a remote cipher', () => {
  it('opens the chunks of a file', async () => {
    const { port, seen } = remotePort(Infinity);
    const { expected, read } = await readWith(withPort(port));
    expect(Buffer.compare(read, expected)).toBe(0);
    expect(seen.jobs).toBe(3);
  });

  it('works without a port', async () => {
    const { expected, read } = await readWith(withPort());
    expect(Buffer.compare(read, expected)).toBe(0);
  });

  it.each([
    [0, 'closes'],
    [1, 'closes'],
    [2, 'closes'],
    [0, 'sleeps'],
    [1, 'sleeps'],
  ] as const)('that has answered %i jobs and then %s loses nothing', async (answers, then) => {
    const { port, seen } = remotePort(answers, then);
    const { expected, read } = await readWith(withPort(port));
    expect(Buffer.compare(read, expected)).toBe(0);
    expect(seen.jobs).toBeGreaterThan(answers);
  });

  it('keeps the class of an error', async () => {
    const { port } = remotePort(Infinity);
    const local = createLocalChunkCipher(systemRandom);
    const [key, wrong] = [SymmetricKey.random(systemRandom), SymmetricKey.random(systemRandom)];
    const sealed = await local.seal({ plain: new Uint8Array(1_000_000), dataKey: key });
    const opening = withPort(port).open(unverifiedOf(sealed), wrong);
    await expect(opening).rejects.toThrow(WrongKey);
  });
});
