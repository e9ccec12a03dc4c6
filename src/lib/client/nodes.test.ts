/** The nodes around an account, as the screens ask about them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { createPlace, type TestPlace } from '#lib/account/testing.ts';
import { startCrypto, systemRandom } from '#lib/crypto/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { NameRegistry, OwnRegistry } from '#lib/name-registry/index.ts';
import { claim, lieOnce } from '#lib/name-registry/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { claimChainToCbor, type NodeReport } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { closingTabs, createBrowser, GOOD, openTab, until, type Browser } from './testing.ts';

const tabs = closingTabs();
const HOME = 'https://home.example';
const SECOND = 'https://second.example';
const AT =
  '/ip4/192.0.2.7/udp/4001/webrtc-direct/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ/p2p/';

beforeAll(() => startCrypto());

/** A node that says this of itself, and else what `changed` says. */
function serve(
  browser: Browser,
  server: string,
  report?: NodeReport,
  changed: Partial<StorageNode> = {},
): TestPlace {
  const place = createPlace(server);
  const { node } = place;
  const admin = report === undefined ? node.admin : { ...node.admin, report: async () => report };
  browser.servers.set(server, { ...place, node: { ...node, admin, ...changed } });
  return place;
}

async function signedUpAt(browser: Browser, server: string, username = 'alice') {
  const tab = await openTab(browser);
  tabs.push(tab);
  await tab.client.signUp({ username, password: GOOD, staySignedIn: true, server });
  return tab;
}

describe('what a node says of itself', () => {
  it('counts only as far as its addresses name its own key', async () => {
    const browser = createBrowser();
    const { node } = serve(browser, HOME);
    const own = (await node.blocks.nodeIds())[0]!.toPeerId();
    const other = '12D3KooWGC6TvWhfapngX6wvJHMYvKpDMXPb3ZnCZ6dMoaMtimQ5';
    const addresses = [AT + other, AT + own, '/dns4/a.example/tcp/1', 'javascript:alert(1)'];
    const report = { addresses, registry: undefined };
    browser.servers.set(HOME, {
      ...browser.servers.get(HOME)!,
      node: { ...node, admin: { ...node.admin, report: async () => report } },
    });
    const { client } = await signedUpAt(browser, HOME);
    expect(await client.nodeFacts()).toEqual({ id: own, addresses: [AT + own] });
  });

  it('may be nothing', async () => {
    const browser = createBrowser();
    serve(browser, HOME);
    const { client } = await signedUpAt(browser, HOME);
    expect(await client.nodeFacts()).toMatchObject({ addresses: [] });
  });

  it('proves forks of the registry that we know, and of no other', async () => {
    const browser = createBrowser();
    const [real, made] = [await lyingRegistry(), await lyingRegistry()];
    const forks = [...(await real.names.forks()), ...(await made.names.forks())];
    const { identity } = real.names;
    const registry = { identity, sequence: 1, refused: 'It is older.', forks };
    const place = serve(browser, HOME, { addresses: [], registry });
    withRegistry(browser, place, real.names);
    const tab = await signedUpAt(browser, HOME);
    const { registry: facts } = await tab.client.nodeFacts();
    expect(facts).toMatchObject({ sequence: 1, refused: 'It is older.', forks: [{ sequence: 1 }] });
    expect(new Set(facts?.forks[0]?.states).size).toBe(2);
    await until(() => tab.events.some((it) => it.kind === 'warning'));
    const warning = tab.events.find((it) => it.kind === 'warning');
    expect(warning).toMatchObject({ error: { name: 'RegistryForkProved', kind: 'refused' } });
  });
});

describe('a second node', () => {
  it('is named, asked, and remembered until it is removed', async () => {
    const browser = createBrowser();
    serve(browser, HOME);
    serve(browser, SECOND);
    const { client, close } = await signedUpAt(browser, HOME);
    expect(await client.witness()).toBeUndefined();
    await expect(client.checkWitness()).rejects.toMatchObject({ name: 'NoSecondNode' });
    await expect(client.setWitness(HOME)).rejects.toMatchObject({ name: 'SameNode' });
    await expect(client.setWitness('ftp://x')).rejects.toMatchObject({ name: 'BadServerAddress' });
    const named = { server: SECOND, agreed: 0, unknown: 1, disputes: [] };
    expect(await client.setWitness(`${SECOND}/some/page`)).toEqual(named);
    close();
    const again = await openTab(browser);
    tabs.push(again);
    expect(await again.client.resume()).toBe(true);
    expect(await again.client.witness()).toBe(SECOND);
    expect(await again.client.checkWitness()).toEqual(named);
    await again.client.removeWitness();
    expect(await again.client.witness()).toBeUndefined();
    await again.client.setWitness(SECOND);
    await again.client.signOut();
    await again.client.forgetAccount({ username: 'alice', server: HOME });
    const other = await openTab(browser);
    tabs.push(other);
    const { client: last } = other;
    await last.signIn({ username: 'alice', password: GOOD, staySignedIn: false, server: HOME });
    expect(await last.witness()).toBeUndefined();
  });

  it('that shows another key of somebody keeps both from being believed', async () => {
    const browser = createBrowser();
    serve(browser, HOME);
    await signedUpAt(browser, HOME, 'bob');
    const { client } = await signedUpAt(browser, HOME);
    const lie = await claim('bob', { key: 'mallory', expiry: '2090-01-01' });
    const forged = encodeCbor(claimChainToCbor(lie));
    const { names } = createPlace(SECOND).node;
    const chain = async (name: string) => (name === 'bob' ? forged : names.chain(name));
    serve(browser, SECOND, undefined, { names: { ...names, chain } });
    await client.setWitness(SECOND);
    await expect(client.requestFollow('bob')).rejects.toMatchObject({ name: 'IdentityDisputed' });
    expect(await client.people()).toMatchObject({ pendingOutgoing: [] });
    await client.removeWitness();
    await client.requestFollow('bob');
    const { disputes } = await client.setWitness(SECOND);
    expect(disputes.map(({ username }) => username)).toEqual(['bob']);
    const { own, other } = disputes[0]!;
    expect([own, other].every((it) => /^(?:[0-9a-f]{4} ){7}[0-9a-f]{4}$/u.test(it))).toBe(true);
    expect(own).not.toBe(other);
  });
});

async function lyingRegistry() {
  const { records } = createMemoryStores();
  const { node } = createPlace('registry');
  const deps = { records, clock: () => 1_795_423_041_900, random: systemRandom };
  const own = new OwnRegistry({ ...deps, nodeId: () => node.blocks.nodeId() });
  const names = new NameRegistry({ ...deps, identity: await own.open() });
  await lieOnce(deps);
  return { names };
}

/** The node answers for the registry as a mirror does. */
function withRegistry(browser: Browser, { node }: TestPlace, registry: NameRegistry): void {
  const place = browser.servers.get(HOME)!;
  const { names, pointers, blocks } = node;
  browser.servers.set(HOME, {
    ...place,
    node: {
      ...place.node,
      names: {
        ...names,
        chain: async (name) => (name === 'peergos' ? registry.chain(name) : names.chain(name)),
      },
      pointers: {
        ...pointers,
        get: async (owner, writer, options) =>
          (await pointers.get(owner, writer, options)) ?? registry.pointer(writer),
      },
      blocks: {
        ...blocks,
        get: async (owner, cid, bat, signal) => {
          const own = await registry.block(cid);
          if (own !== undefined) return own as Awaited<ReturnType<typeof blocks.get>>;
          return blocks.get(owner, cid, bat, signal);
        },
      },
    },
  });
}
