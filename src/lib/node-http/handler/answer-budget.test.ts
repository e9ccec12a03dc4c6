import { describe, expect, test } from 'vitest';
import { toMultibase } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { cidOf, createBench, keyPair } from '#lib/node-local/testing.ts';
import { AnswerBudget, TooManyAnswers } from './answer-budget.ts';
import { asking } from './testing/asking.ts';

const never = new AbortController().signal;

describe('answers together', () => {
  test('wait until they fit, the earliest first', async () => {
    const budget = new AnswerBudget({ allBytes: 100, perClientBytes: 100 });
    const order: string[] = [];
    const giveBack = await budget.reserve('a', 80, never);
    const second = budget.reserve('b', 60, never).then((it) => (order.push('b'), it));
    const third = budget.reserve('c', 60, never).then((it) => (order.push('c'), it));
    await Promise.resolve();
    expect(order).toEqual([]);
    giveBack();
    (await second)();
    (await third)();
    expect(order).toEqual(['b', 'c']);
  });

  test('of one client are a share, and others do not wait for it', async () => {
    const budget = new AnswerBudget({ allBytes: 100, perClientBytes: 50, waitMs: 20 });
    await budget.reserve('a', 40, never);
    const refused = budget.reserve('a', 40, never);
    await expect(budget.reserve('b', 40, never)).resolves.toBeTypeOf('function');
    await expect(refused).rejects.toBeInstanceOf(TooManyAnswers);
  });

  test('that nobody takes leave less room for more', async () => {
    const budget = new AnswerBudget({ allBytes: 100, perClientBytes: 100, waitMs: 20 });
    const taken = budget.hold('slow', 90);
    await expect(budget.reserve('b', 20, never)).rejects.toBeInstanceOf(TooManyAnswers);
    const waiting = budget.reserve('b', 20, never);
    taken();
    await expect(waiting).resolves.toBeTypeOf('function');
  });

  test('larger than all there may be are made alone', async () => {
    const budget = new AnswerBudget({ allBytes: 100, perClientBytes: 100, waitMs: 20 });
    const giveBack = await budget.reserve('a', 500, never);
    await expect(budget.reserve('b', 1, never)).rejects.toBeInstanceOf(TooManyAnswers);
    giveBack();
    await expect(budget.reserve('b', 1, never)).resolves.toBeTypeOf('function');
  });

  test('are not waited for by who gave up', async () => {
    const budget = new AnswerBudget({ allBytes: 100, perClientBytes: 100 });
    const giveBack = await budget.reserve('a', 100, never);
    const gone = new AbortController();
    const waiting = budget.reserve('b', 100, gone.signal);
    gone.abort();
    await expect(waiting).rejects.toHaveProperty('name', 'AbortError');
    giveBack();
    await expect(budget.reserve('c', 100, never)).resolves.toBeTypeOf('function');
  });
});

test('a look-up begins only when the most it may be answered fits, and is refused after a while', async () => {
  const { node } = createBench();
  let begun = 0;
  const letGo: (() => void)[] = [];
  const champLookup = () => {
    begun++;
    return new Promise<[]>((resolve) => letGo.push(() => resolve([])));
  };
  const mib = 1024 * 1024;
  const answers = new AnswerBudget({ allBytes: 50 * mib, perClientBytes: 50 * mib, waitMs: 100 });
  const { ask } = asking({ ...node, blocks: { ...node.blocks, champLookup } }, { answers });
  const keys = Array.from({ length: 20 }, (_, i) => cborMap([['m', new Uint8Array(32).fill(i)]]));
  const query = {
    owner: String(keyPair('anyone').hash),
    arg: String(cidOf('root')),
    caps: toMultibase(encodeCbor(keys)),
  };
  const asked = Array.from({ length: 5 }, () => ask(PATHS.champGetBulk, { query }));
  // Each may be answered twenty values and the nodes above them: two of 21 MiB fit, not three.
  for (const refused of await Promise.all(asked.slice(2))) {
    expect(refused.status).toBe(503);
    expect(refused.error).toMatch(/Please try again in a while/u);
    expect(refused.headers.get('retry-after')).not.toBeNull();
  }
  expect(begun).toBe(2);
  expect((await ask(PATHS.id)).status).toBe(200);
  for (const end of letGo) end();
  const statuses = (await Promise.all(asked)).map(({ status }) => status).sort();
  expect(statuses).toEqual([200, 200, 503, 503, 503]);
});
