/** Whatever comes to the UDP port, the process lives and its work is bounded. */
import { createHash } from 'node:crypto';
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freeUdpPort } from '../../../tests/server/udp-port.ts';
import { SigningKeyPair, systemRandom } from '#lib/crypto/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { keptCertificate } from './certificate.ts';
import { listenWebRtc } from './listener.ts';
import type { WebRtcListener } from './listener.ts';

const MAX_PENDING = 3;
let listener: WebRtcListener;
let port: number;
let socket: Socket;

beforeEach(async () => {
  port = await freeUdpPort();
  socket = createSocket('udp4');
  const { records } = createMemoryStores();
  listener = listenWebRtc({
    host: '127.0.0.1',
    port,
    key: SigningKeyPair.fromSeed(new Uint8Array(32)),
    certificate: await keptCertificate({ records, random: systemRandom, clock: Date.now }),
    random: systemRandom,
    limits: { maxPendingPerAddress: MAX_PENDING, handshakeWithinMs: 300 },
    addressKey: (ip) => ip,
    onStream: () => undefined,
  });
});

afterEach(() => {
  listener.close();
  socket.close();
});

async function send(...packets: readonly Uint8Array[]): Promise<void> {
  for (const packet of packets) {
    await new Promise<void>((resolve) => socket.send(packet, port, '127.0.0.1', () => resolve()));
  }
  await new Promise((resolve) => setTimeout(resolve, 100));
}

/** A STUN binding request with this user name and a message integrity that nobody can check yet (RFC 8489). */
function bindingRequest(username: string): Uint8Array {
  const name = Buffer.from(username);
  const padded = Buffer.alloc(Math.ceil(name.length / 4) * 4);
  name.copy(padded);
  const attribute = Buffer.concat([uint16(0x0006), uint16(name.length), padded]);
  const integrity = Buffer.concat([
    uint16(0x0008),
    uint16(20),
    createHash('sha1').update(username).digest(),
  ]);
  const length = attribute.length + integrity.length;
  const id = createHash('sha1').update(`id ${username}`).digest().subarray(0, 12);
  const head = Buffer.concat([uint16(0x0001), uint16(length), Buffer.from('2112a442', 'hex'), id]);
  return Buffer.concat([head, attribute, integrity]);
}

function uint16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 0xff]);
}

const callerNamed = (i: number): string =>
  `libp2p+webrtc+v2/abcdefghijklmnopqrst${String(1000 + i)}:name${String(1000 + i)}`;

test('callers of one address that do not go on are few, and are dropped after a while', async () => {
  await send(...Array.from({ length: 20 }, (_, i) => bindingRequest(callerNamed(i))));
  expect(listener.connections).toBe(MAX_PENDING);
  await vi.waitFor(() => expect(listener.connections).toBe(0), { timeout: 3000 });
});

test('a request that is repeated makes one caller', async () => {
  const request = bindingRequest(callerNamed(0));
  await send(request, request, request);
  expect(listener.connections).toBe(1);
});

test('names that are none of ours make no caller', async () => {
  await send(
    ...['', ':', 'a:b', 'x'.repeat(500), 'libp2p+webrtc+v2/:abcd', `${callerNamed(0)}\r\na=x`].map(
      bindingRequest,
    ),
    bindingRequest('libp2p+webrtc+v2/abc\0defghijklmnopqrstuvw:abcd'),
    bindingRequest(`libp2p+webrtc+v2/${'ä'.repeat(30)}:abcd`),
    systemRandom(1200),
    systemRandom(20),
    new Uint8Array(),
  );
  expect(listener.connections).toBe(0);
});
