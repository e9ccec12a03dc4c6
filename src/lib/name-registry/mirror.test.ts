/** Mirroring, against a registry that signs what it should not, and mirrors that die on the way. */
import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { CODEC, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow, startCrypto } from '#lib/crypto/index.ts';
import { claimChainToCbor, createClaimLink, openPointer } from '#lib/protocol/index.ts';
import { createMemoryStores } from '#lib/stores/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { RegistryForked, RegistryIncomplete, RegistryRefused, RegistryUnknown } from './errors.ts';
import { IllegalEntry, RegistryRolledBack } from './errors.ts';
import { claim, createMirror, HOME, handedOver, keyPair, OTHER_HOME, told } from './testing.ts';
import { SimulatedRegistry } from './testing.ts';
import type { Chain } from './testing.ts';

async function users(...names: readonly string[]): Promise<Record<string, Chain>> {
  const chains = await Promise.all(names.map((name) => claim(name)));
  return Object.fromEntries(names.map((name, i) => [name, chains[i]!]));
}

type Refusal = new (...args: never[]) => RegistryRefused;

beforeAll(() => startCrypto());

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => `user${from + i}`);
const owners = (names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, keyPair(name).hash.toString()]));

describe('what a mirror knows', () => {
  it('is every name, its chain and all its keys, and that other names are free', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 60)));
    const { names, step } = createMirror(registry);
    await expect(names.chain('user1')).rejects.toThrow(RegistryUnknown);
    expect(await step()).toMatchObject({ added: 60, changed: [] });
    expect(await told(names)).toEqual(owners(numbered(0, 60)));
    expect(await names.chain('user7')).toEqual(encodeCbor(claimChainToCbor(await claim('user7'))));
    expect(await names.chain('user60')).toEqual(encodeCbor([]));
    expect(await names.publicKey('nobody')).toBeUndefined();
    expect(await names.nameOf(keyPair('user59').hash)).toBe('user59');
    expect(await names.nameOf(keyPair('user60').hash)).toBeUndefined();
  });

  it('follows renewals, moves and new identities, and former identities still resolve', async () => {
    const registry = new SimulatedRegistry();
    const before = await users('alice', 'bob', 'carol');
    await registry.set(before);
    const { names, step } = createMirror(registry);
    await step();
    await registry.set({
      alice: await claim('alice', { expiry: '2027-06-01', home: OTHER_HOME }),
      bob: await handedOver(before['bob']!, 'bob', 'bob anew'),
      dave: await claim('dave'),
    });
    const { added, changed } = await step();
    expect({ added, changed: changed.toSorted() }).toEqual({ added: 1, changed: ['alice', 'bob'] });
    expect(await names.publicKey('bob')).toEqual(keyPair('bob anew').hash);
    expect(await names.nameOf(keyPair('bob').hash)).toBe('bob');
    expect(await names.nameOf(keyPair('bob anew').hash)).toBe('bob');
    expect(await step()).toMatchObject({ added: 0, changed: [] });
  });

  it('is the same whether it came in one step or in many', async () => {
    const registry = new SimulatedRegistry();
    const slow = createMirror(registry);
    for (let at = 0; at < 200; at += 40) {
      await registry.set(await users(...numbered(at, at + 40)));
      await slow.step(at % 80 === 0 ? registry.paged(2000) : registry.source());
    }
    const fast = createMirror(registry);
    await fast.step();
    expect((await slow.names.state())?.root).toEqual((await fast.names.state())?.root);
    expect(await told(slow.names)).toEqual(await told(fast.names));
  });

  it('takes names of before the rule at first, and none later', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users('old_name', 'a-b_c'));
    const { names, step } = createMirror(registry);
    await step();
    expect(await names.publicKey('old_name')).toEqual(keyPair('old_name').hash);
    await registry.set(await users('new_name'));
    await expect(step()).rejects.toThrow(IllegalEntry);
  });
});

describe('in bulk', () => {
  it('comes in pages of any size, and as by single blocks', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 120)));
    const single = createMirror(registry);
    await single.step();
    for (const pageBytes of [1500, 5000, 1_000_000]) {
      const { names, step } = createMirror(registry);
      registry.asked = 0;
      await step(registry.paged(pageBytes));
      // The states of the two writers.
      expect(registry.asked).toBe(2);
      expect(await told(names)).toEqual(await told(single.names));
    }
  });

  it('costs one page for one new name', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 300)));
    const { step } = createMirror(registry);
    const source = registry.paged();
    await step(source);
    await registry.set(await users('another'));
    let [pages, bytes] = [0, 0];
    await step({
      ...source,
      difference: async (...asked) => {
        const page = await source.difference!(...asked);
        pages++;
        bytes += page?.length ?? 0;
        return page;
      },
    });
    expect(pages).toBe(1);
    expect(bytes).toBeLessThan(4000);
  });

  it.each([
    ['is refused', async () => undefined],
    ['is garbage', async () => utf8('no CAR at all')],
    ['is cut', async (page: Uint8Array) => page.subarray(0, page.length - 100)],
    ['is empty', async (page: Uint8Array) => page.subarray(0, 59)],
    ['has a changed byte', async (page: Uint8Array) => page.map((it, i) => (i === 300 ? ~it : it))],
  ])('goes on block by block when a page %s', async (_, spoil) => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 40)));
    const source = registry.paged();
    const { names, step } = createMirror(registry);
    await step({
      ...source,
      difference: async (...asked) => spoil((await source.difference!(...asked))!),
    });
    expect(await told(names)).toEqual(owners(numbered(0, 40)));
  });
});

describe('a registry that does what it may not', () => {
  async function started() {
    const registry = new SimulatedRegistry();
    await registry.set(await users('alice', 'bob', ...numbered(0, 30)));
    const mirror = createMirror(registry);
    await mirror.step();
    const before = await told(mirror.names);
    /** Refused by name, and all is as before; a legal state after it is taken. */
    const refuses = async (kind: Refusal, text: RegExp) => {
      for (const source of [registry.source(), registry.paged()]) {
        const refusal = await mirror.step(source).then(
          () => undefined,
          (error: unknown) => error,
        );
        expect(refusal).toBeInstanceOf(kind);
        expect((refusal as Error).message).toMatch(text);
        expect(await told(mirror.names)).toEqual(before);
      }
    };
    return { registry, ...mirror, refuses };
  }

  it('rolls back', async () => {
    const { registry, step, refuses } = await started();
    const old = registry.freeze();
    await registry.set(await users('carol'));
    await step();
    registry.thaw(old);
    await expect(step()).rejects.toThrow(RegistryRolledBack);
    await expect(refuses(RegistryRolledBack, /older/u)).rejects.toThrow(); // carol stays
  });

  it('forks, and both signed pointers are kept as the proof', async () => {
    const { registry, names, refuses } = await started();
    const kept = registry.freeze();
    await registry.publish(await registry.treeWith(registry.root, await users('mallory')), 1);
    await refuses(RegistryForked, /two different states/u);
    const [proof] = await names.forks();
    expect([proof?.kept, proof?.shown]).toEqual([kept.pki, registry.freeze().pki]);
    const updates = await Promise.all(
      [proof!.kept, proof!.shown].map((signed) => openPointer(registry.pki.hash, signed)),
    );
    expect(updates[0]!.sequence).toBe(updates[1]!.sequence);
    expect(updates[0]!.updated!.equals(updates[1]!.updated!)).toBe(false);
  });

  it('shows one mirror something else than another', async () => {
    const { registry, names } = await started();
    const liar = new SimulatedRegistry();
    await liar.set(await users('alice', 'bob', 'mallory'));
    const other = createMirror(liar);
    await other.step();
    const [ours, theirs] = [await names.state(), await other.names.state()];
    expect(ours?.pkiSequence).toBe(theirs?.pkiSequence);
    expect(ours?.root.equals(theirs!.root)).toBe(false);
    expect(registry.identityHash).toEqual(liar.identityHash);
  });

  it('removes a name', async () => {
    const { registry, refuses } = await started();
    await registry.publish(await registry.treeWithout(registry.root, 'alice'));
    await refuses(RegistryRefused, /removed/u);
  });

  it('replaces a name by another', async () => {
    const { registry, refuses } = await started();
    const less = await registry.treeWithout(registry.root, 'alice');
    await registry.publish(await registry.treeWith(less, await users('carol')));
    await refuses(RegistryRefused, /removed/u);
  });

  it('gives a name to another key', async () => {
    const { registry, refuses } = await started();
    await registry.set({ alice: await claim('alice', { key: 'mallory' }) });
    await refuses(IllegalEntry, /alice.*Invalid key change attempt/u);
  });

  it('hands a name over without the signature of its key', async () => {
    const { registry, refuses } = await started();
    const alice = await claim('alice');
    const [first, last] = await handedOver(alice, 'alice', 'mallory');
    const other = await handedOver(alice, 'alice', 'somebody');
    await registry.set({ alice: [{ ...first!, keyChange: other[0]!.keyChange! }, last!] });
    await refuses(IllegalEntry, /alice.*key change/u);
  });

  it('takes links out of a chain', async () => {
    const { registry, step, names } = await started();
    const longer = await handedOver(await claim('alice'), 'alice', 'alice anew');
    await registry.set({ alice: longer });
    await step();
    const before = await told(names);
    await registry.set({
      alice: await claim('alice', { key: 'alice anew', expiry: '2028-01-01' }),
    });
    await expect(step()).rejects.toThrow(/alice.*lacks links/u);
    expect(await told(names)).toEqual(before);
  });

  it('lets a claim expire earlier', async () => {
    const { registry, refuses } = await started();
    await registry.set({ bob: await claim('bob', { expiry: '2026-12-31' }) });
    await refuses(IllegalEntry, /bob.*expiry/u);
  });

  it('registers a claim to another name', async () => {
    const { registry, refuses } = await started();
    await registry.set({ bob2: await claim('bob') });
    await refuses(IllegalEntry, /bob2/u);
  });

  it('registers a claim that nobody signed', async () => {
    const { registry, refuses } = await started();
    const [link] = await claim('carol');
    const signed = link!.claim.signed.map((byte, i) => (i === 5 ? byte ^ 1 : byte));
    await registry.set({ carol: [{ ...link!, claim: { ...link!.claim, signed } }] });
    await refuses(IllegalEntry, /carol/u);
  });

  it.each(['ROOT', 'admin', 'a b', '-x', 'x'.repeat(33), 'ä'])(
    'registers the name %j',
    async (name) => {
      const { registry, refuses } = await started();
      await registry.set({ [name]: await claim(name) });
      await refuses(IllegalEntry, /not legal/u);
    },
  );

  it('registers a name with a claim that names no home, and one with two', async () => {
    for (const storageProviders of [[], [HOME, OTHER_HOME]]) {
      const { registry, refuses } = await started();
      const link = await createClaimLink(keyPair('carol'), {
        username: 'carol',
        expiry: '2027-01-01',
        storageProviders,
      });
      await registry.set({ carol: [link] });
      await refuses(IllegalEntry, /carol.*one home/u);
    }
  });

  it('puts something else than a chain behind a name', async () => {
    const { registry, refuses } = await started();
    const root = registry.save(
      encodeCbor([Uint8Array.of(16), new Uint8Array(), [[utf8('alice'), 1]]]),
    );
    await registry.publish(root);
    await refuses(RegistryRefused, /./u);
  });

  it('signs a tree that is none', async () => {
    const { registry, refuses } = await started();
    await registry.publish(registry.save(encodeCbor('a tree')));
    await refuses(RegistryRefused, /tree of names/u);
  });

  it('is followed again once it goes on from what it had', async () => {
    const { registry, step, names } = await started();
    const good = registry.root;
    await registry.publish(await registry.treeWithout(good, 'alice'));
    await expect(step()).rejects.toThrow(RegistryRefused);
    await registry.publish(await registry.treeWith(good, await users('carol')));
    await step();
    expect(await names.publicKey('carol')).toEqual(keyPair('carol').hash);
    expect(await names.publicKey('alice')).toEqual(keyPair('alice').hash);
  });

  it('is not walked again for what was refused once', async () => {
    const { registry, step } = await started();
    await registry.set({ bob2: await claim('bob') });
    await expect(step()).rejects.toThrow(IllegalEntry);
    registry.asked = 0;
    await expect(step()).rejects.toThrow(/bob2/u);
    // The state of the writer alone, to know the root.
    expect(registry.asked).toBe(1);
  });

  it('notes of a refused state mean nothing', async () => {
    const { registry, step, names } = await started();
    const good = registry.root;
    const some = await users('carol', ...numbered(100, 120));
    await registry.publish(
      await registry.treeWith(good, { ...some, bob: await claim('bob', { key: 'mallory' }) }),
    );
    await expect(step()).rejects.toThrow(IllegalEntry);
    expect(await names.nameOf(keyPair('carol').hash)).toBeUndefined();
    expect(await names.nameOf(keyPair('mallory').hash)).toBeUndefined();
  });
});

describe('a source that lies', () => {
  it('with a pointer that the registry did not sign changes nothing', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users('alice'));
    const { names, step } = createMirror(registry);
    await step();
    const source = registry.source();
    const pointer = async (...asked: Parameters<typeof source.pointer>) => {
      const signed = await source.pointer(...asked);
      return signed?.map((byte, i) => (i === 10 ? byte ^ 1 : byte));
    };
    await expect(step({ ...source, pointer })).rejects.toMatchObject({ name: 'BadSignature' });
    expect(await told(names)).toEqual(owners(['alice']));
  });

  it('with another block than was asked for, or with none, changes nothing', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users('alice'));
    const { names, step } = createMirror(registry);
    await step();
    await registry.set(await users('bob'));
    const source = registry.source();
    const other = async () => utf8('something else');
    await expect(step({ ...source, block: other })).rejects.toMatchObject({ name: 'DamagedBlock' });
    await expect(step({ ...source, block: async () => undefined })).rejects.toThrow(
      RegistryIncomplete,
    );
    expect(await told(names)).toEqual(owners(['alice']));
    await step();
    expect(await told(names)).toEqual(owners(['alice', 'bob']));
  });
});

describe('a mirror that dies', () => {
  class Died extends Error {}

  /** Dies at the `at`th change of records, before it or right after it was made. */
  function dying(records: RecordStore, at: number, when: 'before' | 'after'): RecordStore {
    let changes = 0;
    return {
      get: (...asked) => records.get(...asked),
      list: (...asked) => records.list(...asked),
      apply: async (change) => {
        changes++;
        if (changes === at && when === 'before') throw new Died();
        const isApplied = await records.apply(change);
        if (changes >= at) throw new Died();
        return isApplied;
      },
    };
  }

  it.each(['before', 'after'] as const)(
    '%s any change has the old state or the new',
    async (when) => {
      const registry = new SimulatedRegistry();
      await registry.set(await users(...numbered(0, 400)));
      const first = createMirror(registry);
      await first.step();
      const old = await told(first.names);
      const { records } = first;
      const alice = await users('alice');
      await registry.set({ ...alice, ...(await users(...numbered(400, 1000))) });
      const all = { ...old, ...owners(['alice', ...numbered(400, 1000)]) };
      let deaths = 0;
      for (let at = 1; ; at++) {
        const { step, names } = createMirror(registry, { records: dying(records, at, when) });
        const hasDied = await step().then(
          () => false,
          (error: unknown) => error instanceof Died,
        );
        const now = Object.keys(await told(names)).length;
        expect([Object.keys(old).length, Object.keys(all).length]).toContain(now);
        if (!hasDied) break;
        deaths++;
      }
      expect(deaths).toBeGreaterThan(1);
      expect(await told(first.names)).toEqual(all);
    },
  );

  it('at its first step has nothing, and asks again only for what it has not', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 600)));
    const { records } = createMemoryStores();
    const { step } = createMirror(registry, { records: dying(records, 2, 'after') });
    await expect(step()).rejects.toThrow(Died);
    const asked = registry.asked;
    const again = createMirror(registry, { records });
    await expect(again.names.chain('user1')).rejects.toThrow(RegistryUnknown);
    await again.step();
    expect(registry.asked - asked).toBeLessThan(asked);
    expect(await told(again.names)).toEqual(owners(numbered(0, 600)));
  });

  it('while another process takes the same state loses nothing', async () => {
    const registry = new SimulatedRegistry();
    await registry.set(await users(...numbered(0, 20)));
    const { records } = createMemoryStores();
    const both = [createMirror(registry, { records }), createMirror(registry, { records })];
    await Promise.all(both.map(({ step }) => step()));
    await registry.set(await users('alice'));
    await Promise.all(both.map(({ step }) => step()));
    expect(await told(both[0]!.names)).toEqual(owners(['alice', ...numbered(0, 20)]));
    expect((await both[1]!.names.state())?.number).toBe(2);
  });
});

describe('a wrong tree by hand', () => {
  it('with a name twice, at its place and at another, is refused', async () => {
    const registry = new SimulatedRegistry();
    const chain = registry.save(encodeCbor(claimChainToCbor(await claim('alice'))));
    const other = registry.save(
      encodeCbor(claimChainToCbor(await claim('alice', { key: 'mallory' }))),
    );
    const pair = utf8('alice');
    // alice belongs to position 4 (B-8); a look-up would find only that one.
    const block = encodeCbor([
      Uint8Array.of((1 << 4) | (1 << 5)),
      new Uint8Array(),
      [
        [pair, chain],
        [pair, other],
      ],
    ]);
    registry.save(block);
    await registry.publish(hashBlockNow(block, CODEC.dagCbor));
    await expect(createMirror(registry).step()).rejects.toThrow(RegistryRefused);
  });
});
