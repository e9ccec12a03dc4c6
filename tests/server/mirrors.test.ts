/**
 * An account is mirrored by a second server (B-6 §8), read there while its home is away, and taken
 * over there when its home is gone. The servers reach each other by libp2p.
 */
import { expect, onTestFinished, test } from 'vitest';
import {
  endMirror,
  mirrorAccount,
  mirrorWithPassword,
  SecondFactors,
  takeOver,
} from '#lib/account/index.ts';
import { signRequest, systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import type { MirrorRequest } from '#lib/node/index.ts';
import {
  HomeServerAway,
  MIRROR_END_PATH,
  SignUpClosed,
  WrongSignature,
} from '#lib/protocol/index.ts';
import { codeOf, previousCodeOf } from '../browser/authenticator.ts';
import { PASSWORD, put, read, signInAt, signUpAt, type Client } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';
import type { StartOptions } from '../../src/server/index.ts';

const LARGE = systemRandom(3_000_000);
const OPEN = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;

const start = (options: Partial<StartOptions> = {}): Promise<TestNode> =>
  startNode({ ...OPEN, ...options });

/** An account with two files at one server, and another server that knows nothing of it. */
async function homeAndMirror(options: Partial<StartOptions> = {}) {
  const [home, mirror] = [await start(), await start(options)];
  const alice = await signUpAt(home.url, 'alice');
  await put(alice, 'large', LARGE);
  await put(alice, 'small', Uint8Array.of(1, 2, 3));
  return { home, mirror, alice };
}

function placeAt(alice: Client, url: string) {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  return { ...alice.deps, node: createHttpNode(url, { signal: end.signal }) };
}

/** Asks for the mirror, until its copy is what the home has. */
async function mirrorAt(alice: Client, { url, node }: TestNode, token?: string): Promise<void> {
  const to = placeAt(alice, url);
  const mirroring = { from: alice.deps, to, ...(token === undefined ? {} : { token }) };
  const begunMs = Date.now();
  await mirrorWithPassword(mirroring, { username: 'alice', password: PASSWORD });
  await expect
    .poll(
      async () => {
        await node.mirrorAccounts();
        return (await mirrorAccount({ ...mirroring, session: alice.session })).seenMs ?? 0;
      },
      { timeout: 30_000 },
    )
    .toBeGreaterThan(begunMs);
}

async function expectFiles(client: Client): Promise<void> {
  expect(Buffer.compare(await read(client, 'large'), LARGE)).toBe(0);
  expect(await read(client, 'small')).toEqual(Uint8Array.of(1, 2, 3));
}

/** What the mirror answers to a question for alice's pointer. */
const askPointer = ({ url }: TestNode, alice: Client): Promise<Response> => {
  const key = alice.session.home.owner.toString();
  return fetch(`${url}/peergos/v0/mutable/getPointer?owner=${key}&writer=${key}`, {
    method: 'POST',
  });
};

test('a mirror is read while the home is away, says so, and takes no changes', async () => {
  const { home, mirror, alice } = await homeAndMirror();
  await mirrorAt(alice, mirror);
  expect((await askPointer(mirror, alice)).headers.get('pyrgos-mirror')).toBeNull();
  await home.close();
  const guest = await signInAt(mirror.url, 'alice');
  await expectFiles(guest);
  const answer = await askPointer(mirror, alice);
  expect(answer.headers.get('pyrgos-mirror')).toMatch(/^\d+; seen=\d+$/u);
  await expect(put(guest, 'late', Uint8Array.of(4))).rejects.toBeInstanceOf(HomeServerAway);
}, 60_000);

test('a mirror follows its home, and the account goes on there when the home is gone', async () => {
  const { home, mirror, alice } = await homeAndMirror();
  await mirrorAt(alice, mirror);
  await put(alice, 'more', Uint8Array.of(9));
  await mirrorAt(alice, mirror);
  await home.close();
  const there = await signInAt(mirror.url, 'alice');
  await takeOver(there.deps, there.session);
  const anew = await signInAt(mirror.url, 'alice');
  await expectFiles(anew);
  expect(await read(anew, 'more')).toEqual(Uint8Array.of(9));
  await put(anew, 'after', Uint8Array.of(5));
  expect((await askPointer(mirror, alice)).headers.get('pyrgos-mirror')).toBeNull();
  expect(await read(await signInAt(mirror.url, 'alice'), 'after')).toEqual(Uint8Array.of(5));
  // Nothing is mirrored any more.
  await mirror.node.mirrorAccounts();
  await expectFiles(await signInAt(mirror.url, 'alice'));
  await mirror.node.collect(anew.session.home.owner);
  await expectFiles(await signInAt(mirror.url, 'alice'));
}, 60_000);

test('nobody but the account has it mirrored, and not where it was not admitted', async () => {
  const { mirror, alice } = await homeAndMirror({ signUps: 'token' });
  await expect(mirrorAt(alice, mirror)).rejects.toBeInstanceOf(SignUpClosed);
  const token = await mirror.node.operator.createInvitation();
  await mirrorAt(alice, mirror, token);
  const other = await signUpAt(
    mirror.url,
    'mallory',
    await mirror.node.operator.createInvitation(),
  );
  const to = placeAt(alice, mirror.url);
  const auth = await signRequest(other.session.identity, MIRROR_END_PATH, Date.now());
  const names = { mirror: (request: MirrorRequest) => to.node.names.mirror!({ ...request, auth }) };
  const forging = { ...to, node: { blocks: to.node.blocks, names } as never };
  const forged = endMirror({ from: alice.deps, to: forging, session: alice.session });
  await expect(forged).rejects.toBeInstanceOf(WrongSignature);
  await endMirror({ from: alice.deps, to, session: alice.session });
  await put(alice, 'more', Uint8Array.of(9));
  await mirror.node.mirrorAccounts();
  const { owner } = alice.session.home;
  const kept = await mirror.node.pointers.get(owner, owner);
  expect(kept).toBeDefined();
  expect(await mirror.node.copies.stateOf(owner)).toBeUndefined();
}, 60_000);

test('nobody signs in at a copy that was set up again after a second factor was added', async () => {
  const { home, mirror, alice } = await homeAndMirror();
  await mirrorAt(alice, mirror);
  const factors = new SecondFactors(alice.deps, alice.session);
  const { credential, secret } = await factors.addAuthenticator();
  expect(await factors.confirmAuthenticator(credential, await previousCodeOf(secret))).toBe(true);
  await mirrorWithPassword(
    { from: alice.deps, to: placeAt(alice, mirror.url) },
    {
      username: 'alice',
      password: PASSWORD,
      secondFactor: async () => ({ code: codeOf(secret) }),
    },
  );
  await mirror.node.mirrorAccounts();
  expect(await mirror.node.copies.stateOf(alice.session.home.owner)).toBeDefined();
  await home.close();
  await expect(signInAt(mirror.url, 'alice')).rejects.toBeInstanceOf(HomeServerAway);
}, 60_000);
