/** A private network's registry, and mirrors that follow it. */
import { beforeAll, expect, it } from 'vitest';
import { gunzipSync } from 'node:zlib';
import { champPairs } from '#lib/champ/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { sha256Now, startCrypto } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { mergeClaimChains } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import { mirrorStep } from './mirror.ts';
import { NameRegistry } from './name-registry.ts';
import { OwnRegistry } from './own-registry.ts';
import { OPERATOR_NAME } from './own-state.ts';
import { rootFromBytes } from './records.ts';
import type { RegistrySource } from './source.ts';
import { claim, handedOver, HOME, keyPair, NOW_MS, told } from './testing.ts';
import type { Chain } from './testing.ts';

beforeAll(() => startCrypto());

let seeds = 0;
const random = (length: number) => sha256Now(utf8(`seed ${seeds++}`)).subarray(0, length);

async function createRegistry(keptRoots = 1000) {
  const { records } = createMemoryStores();
  const deps = { records, clock: () => NOW_MS, random, nodeId: async () => HOME, keptRoots };
  const own = new OwnRegistry(deps);
  const identity = await own.open();
  const names = new NameRegistry({ records, clock: () => NOW_MS, identity });
  const register = (username: string, chain: Chain, registry = own) =>
    registry.update(username, (existing) => mergeClaimChains(existing, chain, username));
  return { records, deps, own, identity, names, register };
}

function sourceOf(names: NameRegistry): RegistrySource {
  return {
    pointer: (_owner, writer) => names.pointer(writer),
    block: (_owner, cid) => names.block(cid),
    difference: (...asked) => names.difference(...asked),
  };
}

function createMirror(identity: KeyHash, source: RegistrySource, keptRoots = 1000) {
  const { records } = createMemoryStores();
  const clock = () => NOW_MS;
  const names = new NameRegistry({ records, clock, identity });
  return {
    records,
    names,
    step: () => mirrorStep({ records, clock, identity, source, keptRoots }),
  };
}

it('begins with the name of its operator, and keeps its keys', async () => {
  const { names, identity, deps } = await createRegistry();
  expect(await told(names)).toEqual({ [OPERATOR_NAME]: identity.toString() });
  expect(await new OwnRegistry(deps).open()).toEqual(identity);
});

it('is mirrored completely, each change as it comes, also by a mirror of a mirror', async () => {
  const { names, identity, register } = await createRegistry();
  const near = createMirror(identity, sourceOf(names));
  const far = createMirror(identity, {
    ...sourceOf(near.names),
    difference: async () => undefined,
  });
  const changes: [string, Chain][] = [
    ['alice', await claim('alice')],
    ['bob', await claim('bob')],
    ['alice', await claim('alice', { expiry: '2027-09-09' })],
    ['bob', await handedOver(await claim('bob'), 'bob', 'bob anew')],
    ['carol', await claim('carol')],
  ];
  for (const [name, chain] of changes) {
    await register(name, chain);
    await near.step();
    await far.step();
    const all = await told(names);
    expect(await told(near.names)).toEqual(all);
    expect(await told(far.names)).toEqual(all);
  }
  expect((await far.names.state())?.pkiSequence).toBe(1 + changes.length);
});

it('makes one state of what waits together, and judges each name by what was before it', async () => {
  const { names, register } = await createRegistry();
  const registered = await Promise.allSettled([
    register('alice', await claim('alice')),
    register('alice', await claim('alice', { key: 'mallory' })),
    ...Array.from({ length: 40 }, async (_, i) => register(`u${i}`, await claim(`u${i}`))),
  ]);
  expect(registered.filter(({ status }) => status === 'rejected')).toHaveLength(1);
  expect(await names.publicKey('alice')).toEqual(keyPair('alice').hash);
  expect(Object.keys(await told(names))).toHaveLength(42);
  expect((await names.state())!.pkiSequence).toBeLessThan(10);
});

it('loses nothing when two processes on the same records register at once', async () => {
  const { names, register, deps } = await createRegistry();
  const other = new OwnRegistry(deps);
  await Promise.all(
    Array.from({ length: 30 }, async (_, i) =>
      register(`u${i}`, await claim(`u${i}`), i % 2 === 0 ? undefined : other),
    ),
  );
  expect(Object.keys(await told(names))).toHaveLength(31);
});

it('changes nothing for an update that is registered already', async () => {
  const { names, register } = await createRegistry();
  await register('alice', await claim('alice'));
  const before = await names.state();
  await register('alice', await claim('alice'));
  expect(await names.state()).toEqual(before);
});

it('keeps the trees of the last states whole, at home and mirrored, and no other blocks', async () => {
  const KEPT = 4;
  const { records, names, identity, register } = await createRegistry(KEPT);
  const mirror = createMirror(identity, sourceOf(names), KEPT);
  const homes = ['one', 'two'].map((home) => keyPair(home).hash as Cid);
  for (let i = 0; i < 14; i++) {
    await register(`user${i}`, await claim(`user${i}`));
    // A claim that goes to and fro makes blocks of former states come back.
    await register('alice', await claim('alice', { home: homes[i % 2]! }));
    await mirror.step();
  }
  for (const store of [records, mirror.records]) {
    const roots = (await store.list('registryRoots', '')).map(({ value }) => rootFromBytes(value));
    expect(roots).toHaveLength(KEPT);
    const wanted = new Set<string>();
    const load = async (cid: Cid): Promise<Uint8Array> => {
      const key = Buffer.from(cid.digest).toString('hex');
      wanted.add(key);
      const bytes = await store.get('registryBlocks', key);
      expect(bytes).toBeDefined();
      return bytes!;
    };
    for (const { root } of roots) {
      for await (const { value } of champPairs(load, root)) {
        if (value instanceof Cid) await load(value);
      }
    }
    const kept = (await store.list('registryBlocks', '')).map(({ key }) => key);
    // Beside the trees: states of the two writers, and the empty tree of owned keys.
    const beside = kept.filter((key) => !wanted.has(key));
    expect(beside.length).toBeLessThanOrEqual(KEPT + 2);
  }
});

it('lists all names in one compressed answer, made anew once a minute at most', async () => {
  const { records, identity, register } = await createRegistry();
  let nowMs = NOW_MS;
  const names = new NameRegistry({ records, identity, clock: () => nowMs });
  const listed = async () => {
    const { gzip, version } = await names.list();
    return { all: (JSON.parse(gunzipSync(gzip).toString()) as string[]).sort(), version };
  };
  await register('alice', await claim('alice'));
  const first = await listed();
  expect(first.all).toEqual(['alice', OPERATOR_NAME]);
  await register('bob', await claim('bob'));
  nowMs += 59_000;
  expect(await listed()).toEqual(first);
  nowMs += 2_000;
  const second = await listed();
  expect(second.all).toEqual(['alice', 'bob', OPERATOR_NAME]);
  expect(second.version).not.toBe(first.version);
});
