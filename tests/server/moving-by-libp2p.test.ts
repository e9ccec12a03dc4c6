/**
 * An account moves between two servers that reach each other by libp2p, and are told of one another
 * by the person's client alone (B-2 §12). What dies on the way is started again.
 */
import { expect, onTestFinished, test } from 'vitest';
import { moveAccount, type MoveProgress } from '#lib/account/index.ts';
import { createPlace, type TestPlace } from '#lib/account/testing.ts';
import { createLocalChunkCipher } from '#lib/cryptree/index.ts';
import { systemRandom } from '#lib/crypto/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { befriend, putText, seen, settle, type TestPerson } from '#lib/social/testing.ts';
import { SignUpClosed } from '#lib/protocol/index.ts';
import { PASSWORD, put, read, signInAt, signUpAt, type Client } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';
import type { StartOptions } from '../../src/server/index.ts';

const LARGE = systemRandom(3_000_000);
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

/** A place for people whose clients talk to this server alone. */
function placeAt({ url }: TestNode): TestPlace {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  const node = createHttpNode(url, { signal: end.signal }) as TestPlace['node'];
  return { ...createPlace(), clock: Date.now, node };
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

test('friends reach somebody who has moved, at the new home and by the old one', async () => {
  const [from, to] = [await start(), await start()];
  const alice = await settle(placeAt(from), 'alice');
  const bob = await settle(placeAt(from), 'bob');
  await befriend(alice, bob);
  await putText(alice, ['docs', 'plan.txt'], 'the plan');
  const share = (who: TestPerson) =>
    who.sharing.share([['alice', 'docs']], [{ kind: 'person', username: 'bob' }], 'read');
  await share(alice);
  const { deps } = alice;
  const old = { ...deps.driveDeps, cipher: createLocalChunkCipher(deps.random) };
  const credentials = { username: 'alice', password: 'alice has a long password' };
  await moveAccount(old, placeAt(to), credentials, { by: 'servers' });
  const moved = alice.onNode(placeAt(to).node);
  await putText(moved, ['docs', 'more.txt'], 'more');
  const expected = { docs: '/', 'docs/plan.txt': 'the plan', 'docs/more.txt': 'more' };
  expect(await seen(bob.another(), 'alice')).toEqual(expected);
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
