import { describe, expect, it } from 'vitest';
import { PyrgosError } from '#lib/bytes/index.ts';
import { CODEC, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { Bat, DamagedBlock, hashBlockNow } from '#lib/crypto/index.ts';
import { LookedUpBlock } from '#lib/node/index.ts';
import type { NodeBlocks, NodePointers, StorageNode, UnverifiedBlock } from '#lib/node/index.ts';
import { WriterData, Unauthorised } from '#lib/protocol/index.ts';
import { observed, tally } from './faults.ts';
import { BlockMissing, Commit, createBlockCache, readConsistently, Snapshot } from './index.ts';
import { createTestAccount, depsOn, mapKeyAt, rawBlock } from './testing.ts';
import type { TestAccount } from './testing.ts';
import { createPointerMemory, PointerRolledBack } from './pointer-memory.ts';

const FILES = 300;

async function filled(files = FILES): Promise<TestAccount> {
  const account = await createTestAccount();
  const commit = new Commit(account.deps, account.owner);
  for (let i = 0; i < files; i++) {
    await commit.setMapped(account.home, mapKeyAt(i), undefined, commit.putCbor(account.home, i));
  }
  await commit.commit();
  return account;
}

async function change(account: TestAccount, i: number, value: string): Promise<void> {
  const commit = new Commit(depsOn(account.node), account.owner);
  const old = await commit.mapped(account.home.hash, mapKeyAt(i));
  await commit.setMapped(account.home, mapKeyAt(i), old, commit.putCbor(account.home, value));
  await commit.commit();
}

/** A node whose answers are changed on the way. */
function lying(
  node: StorageNode,
  lies: { blocks?: Partial<NodeBlocks>; pointers?: Partial<NodePointers> },
): StorageNode {
  return {
    ...node,
    blocks: { ...node.blocks, ...lies.blocks },
    pointers: { ...node.pointers, ...lies.pointers },
  };
}

const asAnswer = (bytes: Uint8Array): UnverifiedBlock => bytes as UnverifiedBlock;

describe('a snapshot', () => {
  it('stays as it is while the space moves on', async () => {
    const account = await filled(20);
    const snapshot = new Snapshot(account.deps, account.owner);
    expect(await snapshot.mapped(account.home.hash, mapKeyAt(3))).toBeDefined();
    await change(account, 3, 'later');
    const then = await snapshot.lookup(account.home.hash, mapKeyAt(3));
    expect(decodeBlock(then!.block)).toBe(3);
    const now = await new Snapshot(account.deps, account.owner).lookup(
      account.home.hash,
      mapKeyAt(3),
    );
    expect(decodeBlock(now!.block)).toBe('later');
  });

  it('gives nothing for keys, spaces and writers that are not there', async () => {
    const account = await filled(5);
    const snapshot = new Snapshot(account.deps, account.owner);
    expect(await snapshot.lookup(account.home.hash, mapKeyAt(999))).toBeUndefined();
    expect(await snapshot.lookup(account.owner, mapKeyAt(1))).toBeUndefined();
    const stranger = (await createTestAccount(2)).owner;
    expect((await snapshot.state(stranger)).data).toBeUndefined();
    expect(await snapshot.lookup(stranger, mapKeyAt(1))).toBeUndefined();
  });

  it('names the block that is missing', async () => {
    const { deps, owner } = await createTestAccount();
    const { cid } = rawBlock(1, 10);
    const error = await new Snapshot(deps, owner).block(cid).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(BlockMissing);
    expect((error as BlockMissing).cid.equals(cid)).toBe(true);
  });

  it('does not keep a failure as its state', async () => {
    const account = await filled(5);
    const { node } = observed(account.node, (index) => (index === 0 ? 'lost request' : undefined));
    const snapshot = new Snapshot(depsOn(node), account.owner);
    await expect(snapshot.state(account.home.hash)).rejects.toThrow();
    expect((await snapshot.state(account.home.hash)).sequence).toBe(2);
  });
});

describe('calls of the node', () => {
  it('a first look-up: pointer, state, one champ look-up; the next ones little more', async () => {
    const account = await filled();
    const { node, calls } = observed(account.node);
    const snapshot = new Snapshot(depsOn(node), account.owner);
    await snapshot.lookup(account.home.hash, mapKeyAt(1));
    expect(calls).toEqual(['pointers.get', 'blocks.get', 'blocks.champLookup']);
    await snapshot.lookup(account.home.hash, mapKeyAt(2));
    expect(calls.length).toBeLessThanOrEqual(4);
  });

  it('with a cache of blocks only the pointer is asked for again', async () => {
    const account = await filled();
    const { node, calls } = observed(account.node);
    const deps = { ...depsOn(node), blockCache: createBlockCache(1 << 20) };
    await new Snapshot(deps, account.owner).lookup(account.home.hash, mapKeyAt(1));
    calls.length = 0;
    await new Snapshot(deps, account.owner).lookup(account.home.hash, mapKeyAt(1));
    expect(calls).toEqual(['pointers.get']);
  });

  it('many look-ups go twenty to a call', async () => {
    const account = await filled();
    const { node, calls } = observed(account.node);
    const snapshot = new Snapshot(depsOn(node), account.owner);
    const requests = Array.from({ length: 110 }, (_, i) => ({ mapKey: mapKeyAt(i * 3) }));
    const found = await snapshot.lookupMany(account.home.hash, requests);
    expect(tally(calls)).toEqual({
      'pointers.get': 1,
      'blocks.get': 1,
      'blocks.champLookup': 6,
    });
    for (const [i, each] of found.entries()) {
      if (i * 3 >= FILES) expect(each).toBeUndefined();
      else expect(each && 'block' in each && decodeBlock(each.block)).toBe(i * 3);
    }
  });

  it('one protected block that cannot be had leaves the others readable', async () => {
    const account = await filled(30);
    const { deps, owner, home } = account;
    const commit = new Commit(deps, owner);
    const bat = Bat.random(deps.random);
    const locked = new Map([['bats', [bat.inlineId().bytes]]]);
    await commit.setMapped(home, mapKeyAt(50), undefined, commit.putCbor(home, locked));
    await commit.commit();
    const requests = [3, 50, 4, 999].map((i) => ({ mapKey: mapKeyAt(i) }));
    const found = await new Snapshot(deps, owner).lookupMany(home.hash, requests);
    const shown = found.map((each) =>
      each instanceof PyrgosError ? each.name : each && decodeBlock(each.block),
    );
    expect(shown).toEqual([3, 'Unauthorised', 4, undefined]);
    const withBat = { mapKey: mapKeyAt(50), bat: bat.withId() };
    const [opened] = await new Snapshot(deps, owner).lookupMany(home.hash, [withBat]);
    expect(opened).toHaveProperty('block');
    await expect(new Snapshot(deps, owner).lookup(home.hash, mapKeyAt(50))).rejects.toThrow(
      Unauthorised,
    );
  });

  it('a node that cannot be reached fails all look-ups at once', async () => {
    const account = await filled(30);
    const { node } = observed(account.node, (_, name) =>
      name === 'blocks.champLookup' ? 'lost request' : undefined,
    );
    const snapshot = new Snapshot(depsOn(node), account.owner);
    const requests = [{ mapKey: mapKeyAt(1) }];
    await expect(snapshot.lookupMany(account.home.hash, requests)).rejects.toThrow();
  });
});

describe('a malicious node', () => {
  it('wrong bytes for a block are refused by name', async () => {
    const account = await filled(5);
    const found = await new Snapshot(account.deps, account.owner).lookup(
      account.home.hash,
      mapKeyAt(1),
    );
    const node = lying(account.node, {
      blocks: { get: () => Promise.resolve(asAnswer(encodeCbor('forged'))) },
    });
    const snapshot = new Snapshot(depsOn(node), account.owner);
    await expect(snapshot.block(found!.cid)).rejects.toBeInstanceOf(DamagedBlock);
    await expect(snapshot.state(account.home.hash)).rejects.toBeInstanceOf(DamagedBlock);
  });

  it('an older pointer is refused by who saw a newer one', async () => {
    const account = await filled(5);
    const old = (await account.node.pointers.get(account.owner, account.home.hash))!;
    await change(account, 1, 'newer');
    const memory = createPointerMemory();
    const honest = { ...depsOn(account.node), pointerMemory: memory };
    await new Snapshot(honest, account.owner).state(account.home.hash);
    for (const answer of [old, undefined]) {
      const node = lying(account.node, { pointers: { get: () => Promise.resolve(answer) } });
      const deps = { ...depsOn(node), pointerMemory: memory };
      const snapshot = new Snapshot(deps, account.owner);
      await expect(snapshot.state(account.home.hash)).rejects.toBeInstanceOf(PointerRolledBack);
    }
  });

  it('a commit records its pointers, so its own client cannot be rolled back', async () => {
    const account = await filled(5);
    const old = (await account.node.pointers.get(account.owner, account.home.hash))!;
    const deps = depsOn(account.node);
    const commit = new Commit(deps, account.owner);
    await commit.setMapped(
      account.home,
      mapKeyAt(77),
      undefined,
      commit.putCbor(account.home, 'mine'),
    );
    await commit.commit();
    const node = lying(account.node, { pointers: { get: () => Promise.resolve(old) } });
    const snapshot = new Snapshot({ ...deps, node }, account.owner);
    await expect(snapshot.state(account.home.hash)).rejects.toBeInstanceOf(PointerRolledBack);
  });

  it('an answer that crosses with a newer state is no attack', async () => {
    const account = await filled(5);
    const old = (await account.node.pointers.get(account.owner, account.home.hash))!;
    const deps = depsOn(account.node);
    let asked = 0;
    const node = lying(account.node, {
      pointers: {
        get: async (owner, writer) => {
          if (asked++ > 0) return account.node.pointers.get(owner, writer);
          await change(account, 1, 'newer');
          await new Snapshot(deps, owner).state(writer);
          return old;
        },
      },
    });
    const snapshot = new Snapshot({ ...deps, node }, account.owner);
    expect((await snapshot.state(account.home.hash)).sequence).toBe(3);
  });

  it("another writer's pointer is refused", async () => {
    const account = await filled(5);
    const node = lying(account.node, {
      pointers: { get: (owner) => account.node.pointers.get(owner, owner) },
    });
    const snapshot = new Snapshot(depsOn(node), account.owner);
    await expect(snapshot.state(account.home.hash)).rejects.toThrow();
  });

  it("a pointer to another writer's state is refused", async () => {
    const account = await filled(5);
    const { data } = await new Snapshot(account.deps, account.owner).state(account.owner);
    expect(() => WriterData.fromCbor(data!.toCbor(), account.home.hash)).toThrow();
  });

  type Lookup = NodeBlocks['champLookup'];
  const lookups: [string, (honest: Lookup) => Lookup][] = [
    ['answers nothing', () => () => Promise.resolve([])],
    [
      'leaves out every second block',
      (honest) =>
        async (...query) =>
          (await honest(...query)).filter((_, i) => i % 2 === 1),
    ],
    [
      'adds blocks nobody asked for',
      (honest) =>
        async (...query) => [
          ...Array.from({ length: 10 }, (_, i) => new LookedUpBlock(encodeCbor(['extra', i]))),
          ...(await honest(...query)),
        ],
    ],
    [
      'forges every block',
      (honest) =>
        async (...query) =>
          (await honest(...query)).map((block) => {
            const forged = block.bytes.slice();
            forged[forged.length - 1]! ^= 1;
            return new LookedUpBlock(forged);
          }),
    ],
    [
      'answers with the blocks of an empty tree',
      () => () => Promise.resolve([new LookedUpBlock(Uint8Array.of(0x83, 0x40, 0x40, 0x80))]),
    ],
    [
      'answers for other keys',
      (honest) => (owner, root) => honest(owner, root, [{ key: mapKeyAt(5) }]),
    ],
    [
      'answers with ten thousand blocks',
      (honest) =>
        async (...query) => [
          ...Array.from({ length: 10_000 }, () => new LookedUpBlock(new Uint8Array(1))),
          ...(await honest(...query)),
        ],
    ],
  ];
  it.each(lookups)('a look-up that %s still finds what is there', async (_, lie) => {
    const account = await filled(100);
    const honest: Lookup = (...query) => account.node.blocks.champLookup(...query);
    const node = lying(account.node, { blocks: { champLookup: lie(honest) } });
    const snapshot = new Snapshot(depsOn(node), account.owner);
    for (const i of [0, 17, 99]) {
      const found = await snapshot.lookup(account.home.hash, mapKeyAt(i));
      expect(decodeBlock(found!.block)).toBe(i);
    }
    const many = await new Snapshot(depsOn(node), account.owner).lookupMany(
      account.home.hash,
      [1, 2, 3].map((i) => ({ mapKey: mapKeyAt(i) })),
    );
    expect(many.map((each) => each && 'block' in each && decodeBlock(each.block))).toEqual([
      1, 2, 3,
    ]);
    expect(await snapshot.lookup(account.home.hash, mapKeyAt(500))).toBeUndefined();
  });

  it('nothing a node answers with a lie gets into the cache', async () => {
    const account = await filled(50);
    const blockCache = createBlockCache(1 << 20);
    const node = lying(account.node, {
      blocks: { champLookup: () => Promise.resolve([new LookedUpBlock(encodeCbor('junk'))]) },
    });
    await new Snapshot({ ...depsOn(node), blockCache }, account.owner).lookup(
      account.home.hash,
      mapKeyAt(1),
    );
    expect(blockCache.get(hashBlockNow(encodeCbor('junk'), CODEC.dagCbor))).toBeUndefined();
  });
});

describe('reading consistently', () => {
  it('begins again when the state it reads was collected', async () => {
    const account = await filled(60);
    const { deps, node, owner, home, clock } = account;
    const seen: unknown[] = [];
    const value = await readConsistently(deps, owner, async (snapshot) => {
      await snapshot.state(home.hash);
      if (seen.length === 0) {
        for (let i = 0; i < 60; i++) await change(account, i, 'new');
        clock.nowMs += 25 * 3600 * 1000;
        await node.collect(owner);
      }
      seen.push(1);
      return (await snapshot.lookup(home.hash, mapKeyAt(7)))!.block;
    });
    expect(decodeBlock(value)).toBe('new');
    expect(seen.length).toBe(2);
  });

  it('does not hide that a block of the present state is missing', async () => {
    const account = await filled(5);
    const { cid } = rawBlock(1, 10);
    let runs = 0;
    const reading = readConsistently(account.deps, account.owner, async (snapshot) => {
      runs++;
      await snapshot.state(account.home.hash);
      return snapshot.block(cid);
    });
    await expect(reading).rejects.toBeInstanceOf(BlockMissing);
    expect(runs).toBe(1);
  });
});

describe('a cache of blocks', () => {
  it('keeps what was used last within its bytes, and nothing large', () => {
    const cache = createBlockCache(1000);
    const blocks = Array.from({ length: 12 }, (_, i) => rawBlock(i, 100));
    for (const { cid, bytes } of blocks.slice(0, 10)) cache.put(cid, bytes);
    expect(cache.get(blocks[0]!.cid)).toEqual(blocks[0]!.bytes);
    for (const { cid, bytes } of blocks.slice(10)) cache.put(cid, bytes);
    const kept = blocks.map(({ cid }) => cache.get(cid) !== undefined);
    expect(kept).toEqual([true, false, false, ...new Array<boolean>(9).fill(true)]);
    const large = rawBlock(99, 100_000);
    const roomy = createBlockCache(1 << 20);
    roomy.put(large.cid, large.bytes);
    expect(roomy.get(large.cid)).toBeUndefined();
  });

  it('does not keep the large buffer a small block lies in', () => {
    const cache = createBlockCache(1 << 20);
    const whole = new Uint8Array(1 << 20);
    const cid: Cid = hashBlockNow(whole.subarray(0, 10), CODEC.raw);
    cache.put(cid, whole.subarray(0, 10));
    expect(cache.get(cid)!.buffer.byteLength).toBe(10);
  });
});
