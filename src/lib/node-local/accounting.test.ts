/**
 * What an account uses is a recount, on the stores of a browser; those of a server have the same
 * table in `tests/server/` and `tests/engines/`.
 */
import 'fake-indexeddb/auto';
import { beforeAll, expect, test } from 'vitest';
import type { CborValue } from '#lib/codec/index.ts';
import { signTime, startCrypto } from '#lib/crypto/index.ts';
import { intercepted } from './testing-stores.ts';
import { describeAccounting } from './testing/accounting.ts';
import { inIndexedDb, inMemory } from './testing/browser-stores.ts';
import { cidOf, createBench, EMPTY_CHAMP, keyPair, ownedBy, TestAccount } from './testing.ts';
import { createLocalNode } from './local-node.ts';

beforeAll(async () => void (await startCrypto()));

describeAccounting('stores in memory', inMemory, { runs: 25, crashEvery: 1 });
// A call takes longer here: `accounting.long.test.ts` tries all of them.
describeAccounting('IndexedDB', inIndexedDb, { runs: 10, crashEvery: 5 });

test('a small write in a large account looks at what changed only', async () => {
  let calls = 0;
  const { deps, time } = createBench();
  const node = createLocalNode(
    intercepted(deps, (call) => {
      calls++;
      return call();
    }),
  );
  const account = await TestAccount.signUp(node);
  const far = keyPair('far');
  const { owned, values } = await ownedBy(account.home, [far]);
  await account.commit(account.home, { owned }, values);
  const subtrees = Array.from({ length: 40 }, (_, i) =>
    Array.from({ length: 40 }, (_, j) => cidOf(`${i} ${j}`)),
  );
  const leaves = subtrees.flatMap((_, i) => Array.from({ length: 40 }, (_, j) => `${i} ${j}`));
  const stateOf = (v: number) => ({
    owned: cidOf(EMPTY_CHAMP),
    tree: cidOf([...subtrees.map((s) => cidOf(s)), v]),
  });
  const rootOf = (v: number): CborValue => [...subtrees.map((s) => cidOf(s)), v];
  await account.commit(far, stateOf(0), [EMPTY_CHAMP, ...leaves, ...subtrees, rootOf(0)]);
  await node.space.usageBytes(account.owner, await signTime(account.identity, time.nowMs), false);
  const state = account.stateValue(far, stateOf(1));
  await account.put(far, 't', [rootOf(1), state]);
  const signed = await account.nextPointer(far, cidOf(state));
  calls = 0;
  await node.pointers.set(account.owner, far.hash, signed);
  expect(calls).toBeLessThan(40);
});
