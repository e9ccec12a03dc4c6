/** Servers that take new ids, and others that follow them (B-2 §7). */
import { expect, test } from 'vitest';
import { renewClaim } from '#lib/account/index.ts';
import { decodeBlock } from '#lib/codec/index.ts';
import type { NameDirectory } from '#lib/forwarding/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import { claimChainFromCbor, openNodeRecord, successorIn } from '#lib/protocol/index.ts';
import { main } from '../../src/server/main.ts';
import type { StartOptions } from '../../src/server/index.ts';
import { put, read, signInAt, signUpAt } from './client.ts';
import { startNode, type TestNode } from './temp-nodes.ts';

const PEERS = { p2pPort: 0, p2pHost: '127.0.0.1', p2pPrivate: true } as const;
const FILE = Uint8Array.of(1, 2, 3);

/** What a mirror of the registry knew before anything changed. */
async function directoryOf({ node }: TestNode, name: string): Promise<NameDirectory> {
  const chain = claimChainFromCbor(decodeBlock(await node.names.chain(name)));
  const isOf = (it: string): boolean => it === name;
  return {
    usernameOf: async (owner) => (chain.some((it) => it.owner.equals(owner)) ? name : undefined),
    chainOf: async (it) => (isOf(it) ? chain : undefined),
  };
}

/** Stops a node, gives it a new id, and starts it at the same port unless told otherwise. */
async function rotate(node: TestNode, options: Partial<StartOptions> = {}): Promise<TestNode> {
  const port = /\/tcp\/(\d+)/u.exec(node.peers.addresses[0] ?? '')?.[1];
  const { dataFolder } = node;
  const say = (): void => undefined;
  const around = { environment: {}, siteFolder: undefined, say, complain: say };
  expect(await main(['rotate-id', '--data', dataFolder], around), 'while it runs').toBe(1);
  await node.close();
  expect(await main(['rotate-id', '--data', dataFolder], around)).toBe(0);
  return startNode({ ...PEERS, dataFolder, p2pPort: Number(port), ...options });
}

test('a home that took new ids is found where it was', async () => {
  const first = await startNode(PEERS);
  const nodeId = await first.node.blocks.nodeId();
  const [address = ''] = first.peers.addresses;
  const carol = await signUpAt(first.url, 'carol');
  await put(carol, 'note', FILE);
  const directory = await directoryOf(first, 'carol');
  const peers = [{ nodeId, address }];
  const other = await startNode({ ...PEERS, p2pGatewayPort: 0, directory, peers });
  expect(await read(await signInAt(other.url, 'carol'), 'note')).toEqual(FILE);

  const second = await rotate(await rotate(first));
  const ids = await second.node.blocks.nodeIds();
  expect(ids).toHaveLength(3);
  expect(ids[0]).toEqual(nodeId);
  expect(await read(await signInAt(other.url, 'carol'), 'note')).toEqual(FILE);

  // So it is for a process that asks through that one.
  const p2pGateway = `http://127.0.0.1:${String(other.peers.gatewayPort)}`;
  const { owner } = carol.session.home;
  const third = await startNode({ p2pGateway, directory });
  const pointer = await createHttpNode(third.url).pointers.get(owner, owner);
  expect(pointer).toEqual(await second.node.pointers.get(owner, owner));

  // At home the claim follows.
  const home = await signInAt(second.url, 'carol');
  expect(await renewClaim(home.deps, home.session)).toBe(true);
  const chain = claimChainFromCbor(decodeBlock(await second.node.names.chain('carol')));
  expect(chain.at(-1)?.claim.storageProviders).toEqual([ids[2]]);
}, 120_000);

test('a home that moved and took a new id is found by the table of nodes', async () => {
  const table = { ...PEERS, dht: 'private' } as const;
  const middle = await startNode(table);
  const joined = { ...table, dhtBootstrap: [middle.peers.addresses[0] ?? ''] };
  const first = await startNode(joined);
  const nodeId = await first.node.blocks.nodeId();
  await put(await signUpAt(first.url, 'carol'), 'note', FILE);
  const directory = await directoryOf(first, 'carol');
  const second = await rotate(first, { ...joined, p2pPort: 0 });
  await expect.poll(() => second.logged.join(), { timeout: 15_000 }).toContain('published');
  const other = await startNode({ ...joined, directory });
  await expect.poll(() => other.logged.join(), { timeout: 15_000 }).toContain('published');
  expect(second.peers.addresses).not.toEqual(first.peers.addresses);
  expect(await read(await signInAt(other.url, 'carol'), 'note')).toEqual(FILE);
  expect(await second.node.blocks.nodeId()).not.toEqual(nodeId);
}, 120_000);

test('a server that is asked for the record of its ids tells who took over', async () => {
  const first = await startNode(PEERS);
  const nodeId = await first.node.blocks.nodeId();
  const second = await rotate(first);
  const { blocks } = createHttpNode(second.url);
  const newId = await blocks.nodeId();
  const record = await openNodeRecord(nodeId, (await blocks.nodeRecord(nodeId))!, Date.now());
  expect(successorIn(record)).toEqual(newId);
  const own = await openNodeRecord(newId, (await blocks.nodeRecord(newId))!, Date.now());
  expect(successorIn(own)).toBeUndefined();
  const stranger = await startNode();
  const unknown = blocks.nodeRecord(await stranger.node.blocks.nodeId());
  await expect(unknown).rejects.toHaveProperty('name', 'NotOffered');
  const answer = await fetch(`${second.url}/api/v0/ipns/get?arg=${nodeId.toPeerId()}`, {
    method: 'POST',
  });
  expect(answer.status).toBe(200);
  expect(Object.keys((await answer.json()) as object)).toEqual(['sig', 'data']);
}, 120_000);
