/** Collection: what goes, what stays, and that no interleaving with uploads loses a block (A-10 §6). */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { Cid, decodeBlock, linksOf } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import { CollectionStopped } from '#lib/protocol/index.ts';
import { blockKey, readOwner, TABLE } from './records.ts';
import { crashing, intercepted, isCrash } from './testing-stores.ts';
import { cidOf, createBench, EMPTY_CHAMP, keyPair, ownedBy, TestAccount } from './testing.ts';
import type { Bench } from './testing.ts';
import { createLocalNode } from './local-node.ts';
import type { LocalNodeDeps } from './context.ts';

const DAY_MS = 86_400_000;
const OWNS_NOTHING = { owned: cidOf(EMPTY_CHAMP) };
const raw = (fill: number) => new Uint8Array(100).fill(fill);

async function createAccount(): Promise<Bench & { account: TestAccount }> {
  const bench = createBench();
  return { ...bench, account: await TestAccount.signUp(bench.node) };
}

beforeAll(async () => void (await startCrypto()));

describe('collection', () => {
  test('removes what no pointer reaches, and only that', async () => {
    const { node, account, deps } = await createAccount();
    const [fragment, stray] = await account.putRaw(account.home, 't', [raw(1), raw(2)]);
    const leaf = [fragment!];
    const first = await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(leaf) }, [
      leaf,
    ]);
    await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(leaf), v: 2 }, [leaf]);
    await node.blocks.closeTransaction(account.owner, 't');
    const collected = await node.collect(account.owner);
    // The home's first state of the sign-up, the one replaced just now, and the stray fragment.
    expect(collected.removedBlocks).toBe(3);
    expect(await node.blocks.get(account.owner, stray!)).toBeUndefined();
    expect(await node.blocks.get(account.owner, first)).toBeUndefined();
    expect(await missing(deps, account)).toEqual([]);
    expect(await node.blocks.get(account.owner, fragment!)).toEqual(raw(1));
    expect(await usage(deps, account)).toBe(await node.storedBytes());
    expect(await node.collect(account.owner)).toEqual({ removedBlocks: 0, removedBytes: 0 });
  });

  test('leaves other owners alone', async () => {
    const { node, account } = await createAccount();
    const bob = await TestAccount.signUp(node, 'bob');
    await account.putRaw(account.home, 't', [raw(1)]);
    const [kept] = await bob.putRaw(bob.home, 't', [raw(1)]);
    for (const each of [account, bob]) await node.blocks.closeTransaction(each.owner, 'other');
    await node.blocks.closeTransaction(account.owner, 't');
    await node.collect(account.owner);
    expect(await node.blocks.get(bob.owner, kept!)).toBeDefined();
  });

  test('spares open transactions for a day', async () => {
    const { node, account, time } = await createAccount();
    const [cid] = await account.putRaw(account.home, 't', [raw(1)]);
    time.nowMs += DAY_MS - 1;
    await node.collect(account.owner);
    expect(await node.blocks.get(account.owner, cid!)).toBeDefined();
    time.nowMs += 2;
    await node.collect(account.owner);
    expect(await node.blocks.get(account.owner, cid!)).toBeUndefined();
  });

  test('spares a removed writer for a day, and forgets it then', async () => {
    const { node, account, time, deps } = await createAccount();
    const child = keyPair('child');
    const { owned, values } = await ownedBy(account.home, [child]);
    await account.commit(account.home, { owned }, values);
    const state = await account.commit(child, OWNS_NOTHING, [EMPTY_CHAMP]);
    await account.commit(account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
    await node.collect(account.owner);
    expect(await node.blocks.get(account.owner, state)).toBeDefined();
    time.nowMs += DAY_MS + 1;
    await node.collect(account.owner);
    expect(await node.blocks.get(account.owner, state)).toBeUndefined();
    expect(await deps.records.get(TABLE.writers, child.hash.toString())).toBeUndefined();
    expect(await deps.records.list(TABLE.writersOf, `${account.owner.toString()}/`)).toHaveLength(
      2,
    );
  });

  test('takes everything of a deleted account', async () => {
    const { node, account, time } = await createAccount();
    for (const writer of [account.home, account.identity]) {
      const signed = await account.nextPointer(writer, undefined);
      await node.pointers.set(account.owner, writer.hash, signed);
    }
    time.nowMs += DAY_MS + 1;
    await node.collect(account.owner);
    expect(await node.storedBytes()).toBe(0);
  });

  test.each(['missing', 'damaged', 'emptied'])(
    'stops at a %s block and removes nothing',
    async (how) => {
      const { node, account, deps } = await createAccount();
      const leaf = ['leaf'];
      await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(leaf) }, [leaf]);
      await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(leaf), v: 2 }, [leaf]);
      const key = blockKey(account.owner, cidOf(leaf));
      await deps.blocks.deleteMany([key]);
      if (how === 'damaged') await deps.blocks.putMany([{ key, bytes: raw(1) }]);
      if (how === 'emptied') await deps.blocks.putMany([{ key, bytes: new Uint8Array() }]);
      const before = await deps.blocks.list('');
      await expect(node.collect(account.owner)).rejects.toBeInstanceOf(CollectionStopped);
      expect(await deps.blocks.list('')).toEqual(before);
    },
  );

  test('stops at a pointer it cannot read', async () => {
    const { node, account, deps } = await createAccount();
    const entry = { table: TABLE.pointers, key: account.home.hash.toString(), value: raw(1) };
    await deps.records.apply({ writes: [entry] });
    await expect(node.collect(account.owner)).rejects.toBeInstanceOf(CollectionStopped);
  });

  test('stops when its caller gives up', async () => {
    const { node, account } = await createAccount();
    const collected = node.collect(account.owner, AbortSignal.abort());
    await expect(collected).rejects.toHaveProperty('name', 'AbortError');
  });

  test('that dies at any store call blocks no writer and loses nothing', async () => {
    for (let calls = 0, isDone = false; !isDone; calls++) {
      for (const when of ['before', 'after'] as const) {
        const { node, account, deps, time } = await createAccount();
        const garbage = await account.putRaw(account.home, 't', [raw(1), raw(2)]);
        await node.blocks.closeTransaction(account.owner, 't');
        const dying = createLocalNode(crashing(deps, calls, when));
        isDone = await dying.collect(account.owner).then(() => true, isCrash);
        time.nowMs += 61_000;
        const again = await account.putRaw(account.home, 'u', [raw(1)]);
        expect(again[0]?.equals(garbage[0]!)).toBe(true);
        await node.collect(account.owner);
        expect(await node.blocks.get(account.owner, again[0]!)).toBeDefined();
        expect(await node.blocks.get(account.owner, garbage[1]!)).toBeUndefined();
        expect(await missing(deps, account)).toEqual([]);
        expect(await usage(deps, account)).toBeGreaterThanOrEqual(await node.storedBytes());
      }
    }
  });
});

describe('collection beside uploads of other instances', () => {
  /** States from a small set, so that blocks become garbage and are uploaded again all the time. */
  const versions = fc.array(fc.nat(2), { minLength: 1, maxLength: 5 });

  test('never loses a block that a pointer reaches', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), versions, versions, async (s, left, right) => {
        const { deps, account } = await createAccount();
        const scheduled = intercepted(deps, async (call, name) => {
          await s.schedule(Promise.resolve(), name);
          return call();
        });
        const child = keyPair('child');
        const { owned, values } = await ownedBy(account.identity, [account.home, child]);
        await account.commit(account.identity, { owned, v: 1 }, values);
        await account.commit(child, { ...OWNS_NOTHING, v: 9 }, [EMPTY_CHAMP]);
        const uploader = async (writer: typeof child, wanted: readonly number[]) => {
          const node = createLocalNode(scheduled);
          for (const v of wanted) {
            const leaf = ['leaf', v];
            const fields = { ...OWNS_NOTHING, tree: cidOf(leaf), v };
            if (
              account.target(writer)?.equals(cidOf(account.stateValue(writer, fields))) === true
            ) {
              continue;
            }
            await account.commit(writer, fields, [EMPTY_CHAMP, leaf], node);
            expect(await missing(deps, account)).toEqual([]);
          }
        };
        const collector = async () => {
          const node = createLocalNode(scheduled);
          for (let run = 0; run < 3; run++) await node.collect(account.owner);
        };
        const all = [
          uploader(account.home, left),
          uploader(child, right),
          collector(),
          collector(),
        ];
        await s.waitFor(Promise.all(all));
        expect(await missing(deps, account)).toEqual([]);
        const node = createLocalNode(deps);
        expect(await usage(deps, account)).toBeGreaterThanOrEqual(await node.storedBytes());
        await node.collect(account.owner);
        expect(await missing(deps, account)).toEqual([]);
        expect(await unreachable(deps, account)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  }, 120_000);
});

/** An independent walk from all pointers: keys of blocks that should be there and are not. */
async function missing(deps: LocalNodeDeps, account: TestAccount): Promise<string[]> {
  const stored = new Set((await deps.blocks.list('')).map(({ key }) => key));
  return [...(await reachable(deps, account))].filter((key) => !stored.has(key));
}

async function unreachable(deps: LocalNodeDeps, account: TestAccount): Promise<string[]> {
  const wanted = await reachable(deps, account);
  return (await deps.blocks.list('')).map(({ key }) => key).filter((key) => !wanted.has(key));
}

async function reachable(deps: LocalNodeDeps, account: TestAccount): Promise<Set<string>> {
  const found = new Set<string>();
  const visit = async (cid: Cid): Promise<void> => {
    const key = blockKey(account.owner, cid);
    if (cid.isIdentity || found.has(key)) return;
    found.add(key);
    const bytes = await deps.blocks.get(key);
    if (bytes === undefined || cid.isRaw) return;
    for (const link of linksOf(decodeBlock(bytes))) await visit(link);
  };
  for (const { value } of await deps.records.list(TABLE.pointers, '')) {
    const [, updated] = decodeBlock(value.subarray(64)) as CborValue[];
    if (updated instanceof Uint8Array) await visit(Cid.fromBytes(updated));
  }
  return found;
}

/** All that is taken to be stored, which the shown parts add up to. */
async function usage(deps: LocalNodeDeps, account: TestAccount): Promise<number> {
  const told = await createLocalNode(deps).operator.usage(account.username);
  const sum = told.usedBytes + told.pendingBytes + told.collectableBytes;
  expect((await readOwner(deps.records, account.owner)).value?.usedBytes).toBe(sum);
  return sum;
}
