/** Blocks that are not here and are asked for elsewhere. */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { Bat, rawBlockPrefix, startCrypto } from '#lib/crypto/index.ts';
import { ChampRootMissing, Unauthorised } from '#lib/protocol/index.ts';
import type { FetchBlock } from './context.ts';
import { champOf, cidOf, createBench, seededRandom, TestAccount } from './testing.ts';

const bat = new Bat(seededRandom('own')(32));
const block = concat(rawBlockPrefix([bat.inlineId()]), new Uint8Array(100).fill(1));
const key = seededRandom('key')(32);
const node = new Map([['bats', [bat.inlineId().bytes]]]);
const champ = champOf([[key, cidOf(node)]]);

/** An account whose blocks are on one node, and the same account on another without them. */
async function twoNodes(change: (fetch: FetchBlock) => FetchBlock | undefined) {
  const there = await TestAccount.signUp(createBench().node);
  const [fragment] = await there.putRaw(there.home, 't', [block]);
  await there.put(there.home, 't', [node, champ]);
  const asked: Cid[] = [];
  const fetchBlock = change((owner, cid, shown, signal) => {
    asked.push(cid);
    return there.node.blocks.get(owner, cid, shown, signal);
  });
  const bench = createBench(fetchBlock === undefined ? {} : { fetchBlock });
  const here = await TestAccount.signUp(bench.node);
  return { here, bench, fragment: fragment!, asked };
}

beforeAll(async () => void (await startCrypto()));

describe('a node that may ask elsewhere', () => {
  test('gives a block it does not have, and keeps nothing of it', async () => {
    const { here, bench, fragment, asked } = await twoNodes((fetch) => fetch);
    const before = await bench.deps.blocks.list('', undefined, 1000);
    for (const _ of [1, 2]) {
      expect(await here.node.blocks.get(here.owner, fragment, bat.withId())).toEqual(block);
    }
    expect(asked.map(String)).toEqual([fragment, fragment].map(String));
    expect(await bench.deps.blocks.list('', undefined, 1000)).toEqual(before);
  });

  test('looks up in a champ it does not have', async () => {
    const { here } = await twoNodes((fetch) => fetch);
    const asked = [{ key, bat: bat.withId() }];
    expect(await here.node.blocks.champLookup(here.owner, cidOf(champ), asked)).toHaveLength(2);
  });

  test('does not ask for what it has', async () => {
    const { here, asked } = await twoNodes((fetch) => fetch);
    const [own] = await here.putRaw(here.home, 't', [block]);
    await here.node.blocks.get(here.owner, own!, bat.withId());
    expect(asked).toEqual([]);
  });

  test('gives nothing to a reader without access, whatever else is asked', async () => {
    const open: FetchBlock = async () => block;
    const { here, fragment } = await twoNodes(() => open);
    const get = here.node.blocks.get(here.owner, fragment, undefined);
    await expect(get).rejects.toBeInstanceOf(Unauthorised);
  });

  const poor: [string, FetchBlock][] = [
    ['other bytes', async () => new Uint8Array(100)],
    ['nothing', async () => undefined],
    ['more bytes than a block has', async () => new Uint8Array(3_000_000)],
    ['a failure', async () => Promise.reject(new Error('away'))],
  ];
  test.each(poor)('does not have a block for which %s comes', async (_what, fetch) => {
    const { here, fragment } = await twoNodes(() => fetch);
    expect(await here.node.blocks.get(here.owner, fragment, bat.withId())).toBeUndefined();
    const look = here.node.blocks.champLookup(here.owner, cidOf(champ), [{ key }]);
    await expect(look).rejects.toBeInstanceOf(ChampRootMissing);
  });

  test('stops asking when the reader does', async () => {
    const stop = new AbortController();
    const { here, fragment } = await twoNodes(() => async () => {
      stop.abort();
      throw new Error('stopped');
    });
    const get = here.node.blocks.get(here.owner, fragment, bat.withId(), stop.signal);
    await expect(get).rejects.toThrow('aborted');
  });
});
