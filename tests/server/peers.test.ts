/** Two servers that reach each other by libp2p, and people of both (B-1 §3). */
import { describe, expect, test } from 'vitest';
import { createPlace, type TestPlace } from '#lib/account/testing.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { decodeBlock, type Cid } from '#lib/codec/index.ts';
import type { NameDirectory } from '#lib/forwarding/index.ts';
import { bytesSource } from '#lib/drive/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { claimChainFromCbor, HomeServerAway, UnknownUser } from '#lib/protocol/index.ts';
import { befriend, putText, seen, settle, type TestPerson } from '#lib/social/testing.ts';
import { visit } from '../../src/lib/social/links/testing.ts';
import type { Recipient } from '../../src/lib/social/share/sharing.ts';
import type { StartOptions } from '../../src/server/index.ts';
import { put, read, signInAt, signUpAt } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';

/** What a mirror of the registry knows: the names of all these nodes, also of those away. */
function directoryOf(nodes: readonly TestNode[]): NameDirectory {
  const known = new Map<string, unknown>();
  const first = async <T>(
    key: string,
    find: (node: TestNode['node']) => Promise<T | undefined>,
  ) => {
    for (const { node } of known.has(key) ? [] : nodes) {
      const found = await find(node).catch(() => undefined);
      if (found !== undefined) known.set(key, found);
    }
    return known.get(key) as T | undefined;
  };
  return {
    usernameOf: (owner) => first(owner.toString(), ({ names }) => names.nameOf(owner)),
    chainOf: (name) =>
      first(name, async ({ names }) => {
        const chain = claimChainFromCbor(decodeBlock(await names.chain(name)));
        return chain.length === 0 ? undefined : chain;
      }),
  };
}

/** Nodes that listen for others; each knows the names of all, and where those before it are. */
async function startPeers(...options: Partial<StartOptions>[]): Promise<TestNode[]> {
  const nodes: TestNode[] = [];
  const directory = directoryOf(nodes);
  for (const one of options) {
    const peers = await Promise.all(
      nodes.map(async ({ node, peers: { addresses } }) => ({
        nodeId: await node.blocks.nodeId(),
        address: addresses[0] ?? '',
      })),
    );
    const own = { p2pPort: 0, p2pHost: '127.0.0.1', p2pGatewayPort: 0, p2pPrivate: true };
    nodes.push(await startNode({ ...own, peers, directory, ...one }));
  }
  // Those after it are known to a node once they have called.
  for (const [i, { node }] of nodes.entries()) {
    for (const { peers } of nodes.slice(i + 1)) {
      await askId(peers.gatewayPort, await node.blocks.nodeId());
    }
  }
  return nodes;
}

const askId = (port: number | undefined, id: Cid): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(port)}/p2p/${id.toString()}/http/api/v0/id`, {
    method: 'POST',
  });

/** A place for people whose clients talk to this server alone. */
function placeAt({ url }: TestNode): TestPlace {
  const node = createHttpNode(url) as TestPlace['node'];
  return { ...createPlace(), clock: Date.now, node };
}

const person = (username: string): Recipient => ({ kind: 'person', username });

/** What a browser that knows nothing sees of alice's tree. */
const fresh = (who: TestPerson, at: TestNode) => seen(who.onNode(placeAt(at).node), 'alice');

test('a node is asked by its id through the port for programs of another one', async () => {
  const [one, two] = await startPeers({}, {});
  const id = await one!.node.blocks.nodeId();
  const gateway = `http://127.0.0.1:${String(two!.peers.gatewayPort)}`;
  for (const text of [id.toString(), id.toPeerId()]) {
    const answer = await fetch(`${gateway}/p2p/${text}/http/api/v0/id`, { method: 'POST' });
    expect(answer.status).toBe(200);
    expect(await answer.json()).toEqual({ ID: id.toString() });
  }
  // The id that claims name is the one that the key of the connection proves.
  expect(one!.peers.addresses[0]).toContain(`/p2p/${id.toPeerId()}`);
  const own = await fetch(`${two!.url}/p2p/${id.toString()}/http/api/v0/id`, { method: 'POST' });
  expect(own.status).toBe(404);
  const page = { method: 'POST', headers: { origin: 'https://page.example' } };
  expect((await fetch(`${gateway}/p2p/${id.toString()}/http/api/v0/id`, page)).status).toBe(404);
});

test('a process without a port of its own asks through the one that has', async () => {
  const [one, two] = await startPeers({}, {});
  const carol = await signUpAt(one!.url, 'carol');
  await put(carol, 'note', new Uint8Array(2_000_000).fill(5));
  const p2pGateway = `http://127.0.0.1:${String(two!.peers.gatewayPort)}`;
  const three = await startNode({ p2pGateway, directory: directoryOf([one!]) });
  const guest = await signInAt(three.url, 'carol');
  expect(await read(guest, 'note')).toEqual(new Uint8Array(2_000_000).fill(5));
  expect(three.peers.addresses).toEqual([]);
}, 60_000);

test('whose home is where is read from the registry that both keep', async () => {
  const own = { p2pPort: 0, p2pHost: '127.0.0.1' };
  const one = await startNode({ ...own, p2pPrivate: true, registry: { at: 'self' } });
  const nodeId = await one.node.blocks.nodeId();
  const two = await startNode({
    ...own,
    p2pGatewayPort: 0,
    peers: [{ nodeId, address: one.peers.addresses[0] ?? '' }],
    registry: { at: 'node', nodeId },
    registryKey: one.registry?.names.identity,
  });
  const erin = await signUpAt(one.url, 'erin');
  await put(erin, 'note', Uint8Array.of(7));
  await two.registry!.step();
  // A call to the other node brings what that one has come to know since.
  await signUpAt(one.url, 'finn');
  expect(await read(await signInAt(two.url, 'erin'), 'note')).toEqual(Uint8Array.of(7));
  await expect
    .poll(
      async () => {
        await askId(two.peers.gatewayPort, nodeId);
        return two.registry!.names.publicKey('finn');
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBeDefined();
  await expect(signUpAt(two.url, 'erin')).rejects.toHaveProperty('name', 'NameTaken');
}, 60_000);

describe('people of two servers', () => {
  test('become friends, share to read and to write, take back, and open links', async () => {
    const [one, two] = await startPeers({}, {});
    const alice = await settle(placeAt(one!), 'alice');
    const bob = await settle(placeAt(two!), 'bob');
    await befriend(alice, bob);
    await putText(alice, ['docs', 'plan.txt'], 'the plan');
    await putText(alice, ['desk', 'draft.txt'], 'draft');
    await alice.sharing.share([['alice', 'docs', 'plan.txt']], [person('bob')], 'read');
    await alice.sharing.share([['alice', 'desk']], [person('bob')], 'write');
    const all = { desk: '/', 'desk/draft.txt': 'draft', docs: '/', 'docs/plan.txt': 'the plan' };
    expect(await fresh(bob, two!)).toEqual(all);

    const guest = bob.another();
    await guest.mount();
    const desk = await guest.drive.roots
      .open('alice')
      .then(async (root) => guest.drive.open(root, (await guest.drive.find(root, 'desk'))!));
    const source = bytesSource(utf8('by bob'));
    await guest.drive.upload(desk, [{ path: ['answer.txt'], source }]);
    expect(await fresh(alice, one!)).toMatchObject({ 'desk/answer.txt': 'by bob' });

    const address = alice.links.addressOf(await alice.links.create(['alice', 'docs'], false));
    expect(await visit(placeAt(two!), address)).toEqual({ 'plan.txt': 'the plan' });

    await alice.sharing.unshare(['alice', 'docs', 'plan.txt'], [person('bob')], 'read');
    expect(Object.keys(await fresh(bob, two!))).not.toContain('docs/plan.txt');
  }, 60_000);

  test('sign in through the other one, unless it takes no guests', async () => {
    const [home, other, closed] = await startPeers({}, {}, { guests: false });
    const carol = await signUpAt(home!.url, 'carol');
    await put(carol, 'note', Uint8Array.of(1, 2, 3));
    const away = await signInAt(other!.url, 'carol');
    expect(await read(away, 'note')).toEqual(Uint8Array.of(1, 2, 3));
    await put(away, 'more', Uint8Array.of(4));
    expect(await read(await signInAt(home!.url, 'carol'), 'more')).toEqual(Uint8Array.of(4));
    await expect(signInAt(closed!.url, 'carol')).rejects.toBeInstanceOf(UnknownUser);
  }, 60_000);

  test('are told that a server is away, and never that what they look for is not there', async () => {
    const [home, other] = await startPeers({}, {});
    const carol = await signUpAt(home!.url, 'carol');
    await put(carol, 'note', Uint8Array.of(1));
    const { owner } = carol.session.home;
    expect(await createHttpNode(other!.url).pointers.get(owner, owner)).toBeDefined();
    await home!.close();
    const asked = createHttpNode(other!.url);
    await expect(asked.pointers.get(owner, owner)).rejects.toBeInstanceOf(HomeServerAway);
    await expect(asked.inbox.send(owner, Uint8Array.of(0xa0))).rejects.toBeInstanceOf(
      HomeServerAway,
    );
    await expect(signInAt(other!.url, 'carol')).rejects.toBeInstanceOf(HomeServerAway);
    // A server of one's own is there all the while.
    await signUpAt(other!.url, 'dave');
  }, 60_000);
});
