/**
 * For tests of what an account uses, on any kind of stores: against a count made from its pointers by
 * other means (B-5 §1).
 */
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeBlock, linksOf } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { signTime, startCrypto } from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';
import { blockKey, TABLE } from '../records.ts';
import { crashing, isCrash } from '../testing-stores.ts';
import { champOf, cidOf, createBench, EMPTY_CHAMP, keyPair } from '../testing.ts';
import { ownedBy, TestAccount } from '../testing.ts';
import { createLocalNode } from '../local-node.ts';
import type { LocalNode } from '../local-node.ts';
import type { LocalNodeDeps } from '../context.ts';

const MIB = 1024 * 1024;
const OWNS_NOTHING = { owned: cidOf(EMPTY_CHAMP) };

export interface AccountedStores {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** The same contents as another process opens them; these stores themselves when absent. */
  readonly reopen?: () => Promise<Pick<AccountedStores, 'blocks' | 'records'>>;
}

export interface AccountingOptions {
  /** How many sequences of states are tried. */
  readonly runs: number;
  /** The process dies at each `crashEvery`-th store call. */
  readonly crashEvery: number;
}

/** Distinct blocks below the pointers of these writers, by their bytes in the store. */
async function recount(
  { blocks, records }: LocalNodeDeps,
  { owner }: TestAccount,
  writers: readonly SigningKeyPair[],
): Promise<number> {
  const open: Cid[] = [];
  for (const { hash } of writers) {
    const { target } = pointerStateOf(await records.get(TABLE.pointers, hash.toString()));
    if (target !== undefined) open.push(target);
  }
  const sizes = new Map<string, number>();
  for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
    if (cid.isIdentity || sizes.has(cid.toString())) continue;
    const bytes = await blocks.get(blockKey(owner, cid));
    sizes.set(cid.toString(), bytes?.length ?? 0);
    if (bytes !== undefined && !cid.isRaw) open.push(...linksOf(decodeBlock(bytes)));
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

async function usageOf(account: TestAccount, node: LocalNode, nowMs: number, expected = false) {
  return node.space.usageBytes(account.owner, await signTime(account.identity, nowMs), expected);
}

/** A tree with one file of each of these fragments. */
function treeOf(fragments: readonly Uint8Array[], cids: readonly Cid[]) {
  const files = cids.map((cid) => [cid] as CborValue);
  const champ = champOf(
    files.map((file, i) => [new Uint8Array(32).fill(i * 31), cidOf(file)] as const),
  );
  return { tree: cidOf(champ), values: [...files, champ], fragments };
}

async function putFiles(
  account: TestAccount,
  writer: SigningKeyPair,
  fills: readonly number[],
  v = 0,
) {
  const tid = await account.node.blocks.startTransaction(account.owner);
  const fragments = fills.map((fill) => new Uint8Array(1000 + fill).fill(fill));
  const cids = fragments.length === 0 ? [] : await account.putRaw(writer, tid, fragments);
  const { tree, values } = treeOf(fragments, cids);
  await account.commit(writer, { ...OWNS_NOTHING, tree, v }, [EMPTY_CHAMP, ...values]);
  await account.node.blocks.closeTransaction(account.owner, tid);
}

/** The table; `make` gives empty stores within a test. */
export function describeAccounting(
  kind: string,
  make: () => Promise<AccountedStores>,
  { runs, crashEvery }: AccountingOptions,
): void {
  const open = async () => {
    const stores = await make();
    const bench = createBench({ blocks: stores.blocks, records: stores.records });
    /** A process of its own on the same stores. */
    const another = async (): Promise<LocalNode> =>
      createLocalNode({ ...bench.deps, ...(await stores.reopen?.()) });
    return { ...bench, another };
  };

  describe(`usage on ${kind}`, () => {
    beforeAll(async () => void (await startCrypto()));

    test('falls with the deletion, before anything is collected, which is shown apart', async () => {
      const { node, deps, time } = await open();
      const account = await TestAccount.signUp(node);
      const before = await usageOf(account, node, time.nowMs);
      expect(before).toBe(await recount(deps, account, [account.identity, account.home]));
      const tid = await node.blocks.startTransaction(account.owner);
      const fragments = Array.from({ length: 30 }, (_, i) => new Uint8Array(MIB).fill(i));
      const cids = await account.putRaw(account.home, tid, fragments);
      expect(await usageOf(account, node, time.nowMs)).toBe(before);
      expect(await usageOf(account, node, time.nowMs, true)).toBe(before + 30 * MIB);
      const { tree, values } = treeOf(fragments, cids.slice(0, 8));
      await account.commit(account.home, { ...OWNS_NOTHING, tree }, [
        EMPTY_CHAMP,
        ...values,
        cids.slice(8),
      ]);
      await node.blocks.closeTransaction(account.owner, tid);
      const full = await usageOf(account, node, time.nowMs);
      expect(full).toBe(await recount(deps, account, [account.identity, account.home]));
      expect(full).toBeGreaterThan(before + 8 * MIB);
      await account.commit(account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
      expect(await usageOf(account, node, time.nowMs)).toBe(before);
      const used = await node.operator.usage('alice');
      expect(used).toMatchObject({ usedBytes: before, pendingBytes: 0 });
      expect(used.collectableBytes).toBeGreaterThan(30 * MIB);
      await node.collect(account.owner);
      expect(await node.operator.usage('alice')).toMatchObject({
        usedBytes: before,
        collectableBytes: 0,
      });
      expect(await node.storedBytes()).toBe(before);
    });

    test('of two accounts at once, with nested writers and shared blocks, is a recount', async () => {
      const { node, deps, time } = await open();
      const accounts = await Promise.all(['alice', 'bob'].map((n) => TestAccount.signUp(node, n)));
      const children = [keyPair('child'), keyPair('grandchild')] as const;
      const fill = async (account: TestAccount, name: string) => {
        const [child, grandchild] = children.map(({ hash: _ }, i) => keyPair(`${name} ${i}`)) as [
          SigningKeyPair,
          SigningKeyPair,
        ];
        const all = [account.identity, account.home, child, grandchild];
        const check = async (live = all) =>
          expect(await usageOf(account, node, time.nowMs)).toBe(await recount(deps, account, live));
        await check([account.identity, account.home]);
        const { owned, values } = await ownedBy(account.home, [child]);
        await account.commit(account.home, { owned }, values);
        const below = await ownedBy(child, [grandchild]);
        await account.commit(child, { owned: below.owned }, below.values);
        await check();
        await putFiles(account, grandchild, [1, 2, 3]);
        await check();
        await account.commit(account.home, { owned, v: [1, 2].map((n) => cidOf(n)) }, [
          ...values,
          1,
          2,
        ]);
        await putFiles(account, grandchild, [2, 3, 4, 4]);
        await check();
        await account.commit(child, { owned: below.owned, v: [cidOf([4])] }, [
          [4],
          ...below.values,
        ]);
        await check();
        await account.commit(account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
        await check([account.identity, account.home]);
        await account.commit(account.home, { owned }, values);
        await check();
        await node.pointers.set(
          account.owner,
          grandchild.hash,
          await account.nextPointer(grandchild, undefined),
        );
        await check();
      };
      await Promise.all(accounts.map((account, i) => fill(account, `n${i}`)));
    });

    test('is a recount after any sequence of states that share blocks', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(fc.integer({ min: 1, max: 6 }), { maxLength: 6 }), { maxLength: 6 }),
          async (states) => {
            const { node, deps, time } = await open();
            const account = await TestAccount.signUp(node);
            await usageOf(account, node, time.nowMs);
            let version = 1;
            for (const fills of states) {
              await putFiles(account, account.home, fills, version++);
              expect(await usageOf(account, node, time.nowMs)).toBe(
                await recount(deps, account, [account.identity, account.home]),
              );
            }
          },
        ),
        { numRuns: runs, seed: 7 },
      );
    });

    test('is right when the process dies at any store call of a deletion', async () => {
      let isDone = false;
      for (let calls = 0; !isDone; calls += crashEvery) {
        for (const when of ['before', 'after'] as const) {
          const { node, deps, time, another } = await open();
          const account = await TestAccount.signUp(node);
          await putFiles(account, account.home, [1, 2, 3]);
          await usageOf(account, node, time.nowMs);
          const state = account.stateValue(account.home, OWNS_NOTHING);
          await account.put(account.home, 't', [EMPTY_CHAMP, state]);
          const signed = await account.nextPointer(account.home, cidOf(state));
          const dying = createLocalNode(crashing(deps, calls, when));
          isDone = await dying.pointers
            .set(account.owner, account.home.hash, signed)
            .then(() => true, isCrash);
          const after = await another();
          expect(await usageOf(account, after, time.nowMs)).toBe(
            await recount(deps, account, [account.identity, account.home]),
          );
        }
      }
    });

    test('is right when two processes count and write at once', async () => {
      const { node, deps, time, another } = await open();
      const account = await TestAccount.signUp(node);
      const child = keyPair('child');
      const { owned, values } = await ownedBy(account.home, [child]);
      await account.commit(account.home, { owned }, values);
      const others = [await another(), await another()] as const;
      await Promise.all([
        putFiles(account, child, [1, 2]),
        usageOf(account, others[0], time.nowMs),
        usageOf(account, others[1], time.nowMs),
        account.commit(account.home, { owned, v: 2 }, values),
      ]);
      const all = [account.identity, account.home, child];
      expect(await usageOf(account, node, time.nowMs)).toBe(await recount(deps, account, all));
      const rows = await deps.records.list(TABLE.reached, '');
      expect(new Set(rows.map(({ key }) => key.split('/')[1])).size).toBe(1);
    });

    test('counts anew when counted blocks cannot be read any more', async () => {
      const { node, deps, time } = await open();
      const account = await TestAccount.signUp(node);
      await putFiles(account, account.home, [1, 2, 3]);
      await usageOf(account, node, time.nowMs);
      const { target } = pointerStateOf(
        await deps.records.get(TABLE.pointers, account.home.hash.toString()),
      );
      const state = decodeBlock((await deps.blocks.get(blockKey(account.owner, target!)))!);
      const tree = (state as ReadonlyMap<string, CborValue>).get('tree') as Cid;
      await deps.blocks.deleteMany([blockKey(account.owner, tree)]);
      await account.commit(account.home, OWNS_NOTHING, [EMPTY_CHAMP]);
      expect(await usageOf(account, node, time.nowMs)).toBe(
        await recount(deps, account, [account.identity, account.home]),
      );
    });
  });
}
