/**
 * Against handshakes that were run with `@libp2p/noise` 17.0.3 at the other end, which accepted what
 * this side sent: recorded with fixed random bytes of this side.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { SigningKeyPair } from '#lib/crypto/index.ts';
import { StreamEnded, WrongPeer } from './errors.ts';
import { shakeHands } from './handshake.ts';

type Role = 'client' | 'server';

interface Recorded {
  /** With their two bytes of length, in hex; some were sent in several pieces. */
  readonly received: readonly string[];
  readonly sent: readonly string[];
  /** Who the other end was. */
  readonly peer: string;
}

const path = new URL('../../../tests/vectors/noise-libp2p.json', import.meta.url);
const recorded = JSON.parse(readFileSync(path, 'utf8')) as Record<Role, Recorded>;
const ROLES: readonly Role[] = ['client', 'server'];

/** Runs our side against what was received then; answers what it sent and whom it found. */
async function replay(role: Role, received = recorded[role].received, serverFingerprint = 2) {
  const waiting = [...received];
  const sent: string[] = [];
  let draws = 0;
  const stream = {
    read: async () => {
      const next = waiting.shift();
      return next === undefined ? undefined : fromHex(next);
    },
    write: async (bytes: Uint8Array) => void sent.push(toHex(bytes)),
  };
  const peer = await shakeHands(stream, {
    role,
    clientFingerprint: new Uint8Array(32).fill(1),
    serverFingerprint: new Uint8Array(32).fill(serverFingerprint),
    key: SigningKeyPair.fromSeed(new Uint8Array(32).fill(9)),
    random: (length) => new Uint8Array(length).fill(100 + draws++),
  });
  return { peer: peer.toPeerId(), sent };
}

test.each(ROLES)(
  'as %s this side sends what was accepted, and finds who was there',
  async (role) => {
    const { sent, peer } = recorded[role];
    expect(await replay(role)).toEqual({ sent, peer });
  },
);

test.each(ROLES)('as %s nobody is believed whose messages were changed', async (role) => {
  const { received } = recorded[role];
  const last = fromHex(received.join(''));
  last[last.length - 1]! ^= 1;
  await expect(replay(role, [toHex(last)])).rejects.toThrow(WrongPeer);
});

test.each(ROLES)('as %s nobody is believed who was shown another certificate', async (role) => {
  await expect(replay(role, undefined, 3)).rejects.toThrow(WrongPeer);
});

test.each(ROLES)('as %s a handshake that ends early is a broken connection', async (role) => {
  await expect(replay(role, [])).rejects.toThrow(StreamEnded);
});

test('a message longer than any handshake is not waited for', async () => {
  await expect(replay('client', ['ffff'])).rejects.toThrow(WrongPeer);
});
