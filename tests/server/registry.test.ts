/**
 * A private network: one server is the registry of names, others mirror it, or mirror a mirror. All
 * of it by what goes over HTTP.
 */
import { gunzipSync } from 'node:zlib';
import { request } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { createHttpNode } from '#lib/node-http/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  createClaimLink,
  NameTaken,
  PATHS,
} from '#lib/protocol/index.ts';
import { main } from '../../src/server/main.ts';
import { signUpAt, type Client } from './client.ts';
import { startNode, temporaryFolder, type TestNode } from './temp-nodes.ts';

const startRegistry = (dataFolder?: string) =>
  startNode({ registry: { at: 'self' }, ...(dataFolder === undefined ? {} : { dataFolder }) });

const startMirror = (of: TestNode, registry = of) =>
  startNode({
    registry: { at: 'url', url: of.url },
    registryKey: registry.registry!.names.identity,
  });

const clientOf = ({ url }: { url: string }) => {
  const end = new AbortController();
  onTestFinished(() => end.abort());
  return createHttpNode(url, { signal: end.signal });
};

async function homeOf(node: TestNode, name: string): Promise<Cid | undefined> {
  const chain = claimChainFromCbor(decodeBlock(await clientOf(node).names.chain(name)));
  return chain.at(-1)?.claim.storageProviders[0];
}

test('names of every server are known to all, and taken once', async () => {
  const registry = await startRegistry();
  const near = await startMirror(registry);
  const far = await startMirror(near, registry);
  const alice = await signUpAt(registry.url, 'alice');
  const bob = await signUpAt(near.url, 'bob');
  const carol = await signUpAt(far.url, 'carol');
  // The second hears of what the third registered with its next step.
  for (const node of [near, far]) await node.registry!.step();
  for (const node of [registry, near, far]) {
    const { names } = clientOf(node);
    expect((await names.usernames()).sort()).toEqual(['alice', 'bob', 'carol', 'peergos']);
    for (const { session } of [alice, bob, carol]) {
      expect(await names.publicKey(session.username)).toEqual(session.identity.hash);
      expect(await names.nameOf(session.identity.hash)).toBe(session.username);
    }
    await expect(signUpAt(node.url, 'bob')).rejects.toThrow(NameTaken);
  }
  const [at, ids] = [await homeOf(registry, 'carol'), await clientOf(far).blocks.nodeIds()];
  expect(at).toEqual(ids.at(-1));
});

test('a claim that is renewed at one server is seen at all', async () => {
  const registry = await startRegistry();
  const mirror = await startMirror(registry);
  const bob = await signUpAt(mirror.url, 'bob');
  await renew(bob, '2099-09-09');
  for (const node of [registry, mirror]) {
    const [link] = claimChainFromCbor(decodeBlock(await clientOf(node).names.chain('bob')));
    expect(link?.claim.expiry).toBe('2099-09-09');
  }
});

test('an account that moves is at home elsewhere for all servers', async () => {
  const registry = await startRegistry();
  const [old, other] = [await startMirror(registry), await startMirror(registry)];
  const bob = await signUpAt(old.url, 'bob');
  const [home] = (await clientOf(other).blocks.nodeIds()).slice(-1);
  // As the old home does when its user leaves (B-2 §12).
  await renew(bob, '2099-09-09', home);
  await other.registry!.step();
  for (const node of [registry, old, other]) expect(await homeOf(node, 'bob')).toEqual(home);
});

test('accounts of before a server had a registry are registered, where the name is free', async () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()];
  const signedUp = async (dataFolder: string, ...names: string[]) => {
    const before = await startNode({ dataFolder });
    const identities = [];
    for (const name of names) identities.push((await signUpAt(before.url, name)).session.identity);
    await before.close();
    return identities.map(({ hash }) => hash);
  };
  const [alice] = await signedUp(first, 'alice');
  const [bob, otherAlice] = await signedUp(second, 'bob', 'alice');
  const registry = await startRegistry(first);
  await registry.registry!.step();
  const mirror = await startNode({
    dataFolder: second,
    registry: { at: 'url', url: registry.url },
    registryKey: registry.registry!.names.identity,
  });
  await mirror.registry!.step();
  await mirror.registry!.step();
  for (const { url } of [registry, mirror]) {
    expect(await clientOf({ url }).names.publicKey('bob')).toEqual(bob);
  }
  expect(await clientOf(registry).names.publicKey('alice')).toEqual(alice);
  // At home here, whatever the others know.
  expect(await clientOf(mirror).names.publicKey('alice')).toEqual(otherAlice);
});

test('a registry that is away leaves all names where they were, and takes no new ones', async () => {
  const registry = await startRegistry();
  const mirror = await startMirror(registry);
  const alice = await signUpAt(registry.url, 'alice');
  await mirror.registry!.step();
  await registry.close();
  await mirror.registry!.step();
  expect(await clientOf(mirror).names.publicKey('alice')).toEqual(alice.session.identity.hash);
  await expect(signUpAt(mirror.url, 'bob')).rejects.toMatchObject({ kind: 'offline' });
});

test('names that come quickly cost work, which clients do', async () => {
  const registry = await startRegistry();
  const mirror = await startMirror(registry);
  const names = Array.from({ length: 7 }, (_, i) => `user${String(i)}`);
  for (const name of names) await signUpAt(mirror.url, name);
  await mirror.registry!.step();
  expect((await clientOf(mirror).names.usernames()).sort()).toEqual(['peergos', ...names]);
});

test('a mirror says in its metrics and its log that it refuses the registry', async () => {
  const [registry, liar] = [await startRegistry(), await startRegistry()];
  const mirror = await startNode({
    registry: { at: 'url', url: liar.url },
    registryKey: registry.registry!.names.identity,
  });
  await mirror.registry!.step();
  // Another registry signs with another key, so it has nothing to say about this one.
  expect(mirror.registry!.status().sequence).toBe(0);
  expect(mirror.logged.join('\n')).toContain('names could not be mirrored');
  const metrics = await (await fetch(`${mirror.url}/metrics`)).text();
  expect(metrics).toMatch(/pyrgos_pki_refused 0\n/u);
  expect(metrics).toMatch(/pyrgos_pki_age_seconds -1\n/u);
});

test('what one server tells another of the registry brings it a later state', async () => {
  const registry = await startRegistry();
  const [ahead, behind] = [await startMirror(registry), await startMirror(registry)];
  const alice = await signUpAt(registry.url, 'alice');
  await ahead.registry!.step();
  const told = await ahead.registry!.told();
  await registry.close();
  await behind.registry!.hear(told, clientOf(ahead));
  expect(await behind.registry!.told()).toBe(told);
  expect(await clientOf(behind).names.publicKey('alice')).toEqual(alice.session.identity.hash);
  await behind.registry!.hear('nothing that can be read', clientOf(ahead));
});

test('the list of names is sent once, and then only when it changed', async () => {
  const registry = await startRegistry();
  await signUpAt(registry.url, 'alice');
  const first = await listed(registry);
  expect(first).toMatchObject({ status: 200, names: ['alice', 'peergos'] });
  expect(await listed(registry, first.tag)).toMatchObject({ status: 304, names: [] });
  expect(await listed(registry, '"another"')).toMatchObject({ status: 200 });
  const { names } = clientOf(registry);
  expect(await names.usernames()).toEqual(await names.usernames());
});

test('check tells the key that mirrors need, and what is wrong with the place of a registry', async () => {
  const registry = await startRegistry();
  const key = registry.registry!.names.identity.toString();
  const own = await checked('--data', registry.dataFolder, '--registry', 'self');
  expect(own).toContain(key);
  const mirror = ['--data', temporaryFolder(), '--port', '0', '--registry', registry.url];
  expect(await checked(...mirror)).toContain('A registry elsewhere needs --registry-key');
  expect(await checked(...mirror, '--registry-key', key)).toContain(
    'ok     The registry of names answers',
  );
  const other = (await startRegistry()).registry!.names.identity.toString();
  expect(await checked(...mirror, '--registry-key', other)).toMatch(/wrong {2}.*registry/u);
});

async function renew({ deps, session }: Client, expiry: string, home?: Cid): Promise<void> {
  const { identity, username } = session;
  const { names } = deps.node;
  const [link] = claimChainFromCbor(decodeBlock(await names.chain(username)));
  const storageProviders = home === undefined ? link!.claim.storageProviders : [home];
  const next = await createClaimLink(identity, { username, expiry, storageProviders });
  await names.updateChain(
    username,
    decodeBlock(encodeCbor(claimChainToCbor([next]))),
    { prefix: new Uint8Array(8) },
    '',
  );
}

async function listed({ url }: TestNode, tag?: string) {
  return new Promise<{ status: number | undefined; tag: string | undefined; names: string[] }>(
    (resolve, reject) => {
      const headers = tag === undefined ? {} : { 'if-none-match': tag };
      const asking = request(`${url}/${PATHS.getUsernamesGzip}/`, { method: 'POST', headers });
      asking.on('error', reject);
      asking.on('response', (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('end', () => {
          const bytes = Buffer.concat(pieces);
          const text = bytes.length === 0 ? '[]' : gunzipSync(bytes).toString();
          const names = (JSON.parse(text) as string[]).sort();
          resolve({ status: response.statusCode, tag: response.headers.etag, names });
        });
      });
      asking.end();
    },
  );
}

async function checked(...words: string[]): Promise<string> {
  const said: string[] = [];
  const say = (line: string): void => void said.push(line);
  await main(['check', ...words], { environment: {}, siteFolder: undefined, say, complain: say });
  return said.join('\n');
}
