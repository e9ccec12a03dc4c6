/** A medium that is nearly full: who may still write, and that deleting always may. */
import { beforeAll, expect, test } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createMemoryStores, StoreFull } from '#lib/stores/index.ts';
import { cidOf, createBench, EMPTY_CHAMP, TestAccount } from './testing.ts';

const CAPACITY = 200_000;
const DAY_MS = 86_400_000;
const OWNS_NOTHING = { owned: cidOf(EMPTY_CHAMP) };

beforeAll(async () => void (await startCrypto()));

/** An account of which nearly nothing but the room for deleting is left: one large leaf, and the rest. */
async function createFullAccount() {
  const { blocks, records } = createMemoryStores({ capacityBytes: CAPACITY });
  const bench = createBench({ blocks, records });
  const account = await TestAccount.signUp(bench.node);
  const large = new Uint8Array(150_000).fill(7);
  const [fragment] = await account.putRaw(account.home, 't', [large]);
  const leaf = [fragment!];
  await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(leaf) }, [leaf]);
  await bench.node.blocks.closeTransaction(account.owner, 't');
  return { ...bench, account, leaf };
}

const filling = (n: number) => [new Uint8Array(5000).fill(n)];

test('structure of many small uploads cannot take what deleting needs', async () => {
  const { node, account, leaf, deps, time } = await createFullAccount();
  const linked = [leaf];
  const grow = async (): Promise<number> => {
    for (let n = 0; ; n++) {
      const child = filling(n) as unknown as (typeof leaf)[number][];
      try {
        const next = [...linked.map((it) => cidOf(it)), cidOf(child)];
        await account.commit(account.home, { ...OWNS_NOTHING, tree: cidOf(next) }, [child, next]);
        linked.push(child as typeof leaf);
      } catch (error) {
        expect(error).toBeInstanceOf(StoreFull);
        return n;
      }
    }
  };
  const grown = await grow();
  expect(grown).toBeGreaterThan(0);
  expect(await deps.blocks.roomLeft?.()).not.toBe('ample');
  await account.commit(account.home, OWNS_NOTHING, []);
  time.nowMs += 2 * DAY_MS; // its transactions were left open
  await node.collect(account.owner);
  expect(await node.storedBytes()).toBeLessThan(10_000);
  expect(await deps.blocks.roomLeft?.()).toBe('ample');
  await account.putRaw(account.home, 'v', [new Uint8Array(100_000)]);
});

test('content is refused before anything is written for it', async () => {
  const { account, deps } = await createFullAccount();
  const content = new Uint8Array(300_000);
  await expect(account.putRaw(account.home, 'u', [content])).rejects.toBeInstanceOf(StoreFull);
  expect(await deps.records.list('transactions', '')).toEqual([]);
});
