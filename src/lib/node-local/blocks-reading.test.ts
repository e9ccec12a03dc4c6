/** Which blocks the node serves, and to which callers (B-6 §5, A-4 §4). */
import { beforeAll, describe, expect, test } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import { Cid, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { Bat, BatWithId, hashBlockNow, rawBlockPrefix, startCrypto } from '#lib/crypto/index.ts';
import { ChampRootMissing, MalformedRequest, Unauthorised } from '#lib/protocol/index.ts';
import { champOf, cidOf, createBench, EMPTY_CHAMP, seededRandom, TestAccount } from './testing.ts';

const raw = (fill: number, length = 100) => new Uint8Array(length).fill(fill);

async function createAccount() {
  return { account: await TestAccount.signUp(createBench().node) };
}

beforeAll(async () => void (await startCrypto()));

describe('reading', () => {
  const own = new Bat(seededRandom('own')(32));
  const mirror = new Bat(seededRandom('mirror')(32));
  const other = new Bat(seededRandom('other')(32));
  const ids = [own.inlineId(), mirror.secretHashId()];
  const rawBlock = concat(rawBlockPrefix(ids), raw(1));
  const node = new Map([['bats', ids.map((id) => id.bytes)]]);

  const cases: [string, BatWithId | undefined, boolean][] = [
    ['the own BAT', own.withId(), true],
    ['the own BAT under another id', new BatWithId(own, other.cborHashId()), true],
    ['the mirror BAT', new BatWithId(mirror, mirror.secretHashId()), true],
    ['the mirror BAT under the other form of its id', mirror.withId(), true],
    ['another BAT', other.withId(), false],
    ['another BAT under the mirror id', new BatWithId(other, mirror.secretHashId()), false],
    ['no BAT', undefined, false],
  ];
  test.each(cases)('a protected block with %s', async (_what, bat, isAllowed) => {
    const { account } = await createAccount();
    const [fragment] = await account.putRaw(account.home, 't', [rawBlock]);
    const [structured] = await account.put(account.home, 't', [node]);
    for (const cid of [fragment!, structured!]) {
      const got = account.node.blocks.get(account.owner, cid, bat);
      if (isAllowed) expect((await got)?.length).toBeGreaterThan(0);
      else await expect(got).rejects.toBeInstanceOf(Unauthorised);
    }
  });

  test('a champ gives the path and the values whose BATs are shown', async () => {
    const { account } = await createAccount();
    const keys = ['a', 'b', 'c'].map((name) => seededRandom(name)(32));
    const champ = champOf([
      [keys[0]!, cidOf(node)],
      [keys[1]!, cidOf('public')],
      [keys[2]!, cidOf('never stored')],
    ]);
    await account.put(account.home, 't', [node, 'public', champ]);
    const look = (...asked: { key: Uint8Array; bat?: BatWithId }[]) =>
      account.node.blocks.champLookup(account.owner, cidOf(champ), asked);
    const sizes = async (...asked: { key: Uint8Array; bat?: BatWithId }[]) =>
      (await look(...asked)).length;
    expect(await sizes({ key: keys[0]!, bat: own.withId() }, { key: keys[1]! })).toBe(3);
    expect(await sizes({ key: keys[2]! })).toBe(1);
    expect(await sizes({ key: seededRandom('absent')(32) })).toBe(1);
    await expect(look({ key: keys[0]! })).rejects.toBeInstanceOf(Unauthorised);
    await expect(look({ key: keys[0]!, bat: other.withId() })).rejects.toBeInstanceOf(Unauthorised);
    const tooMany = Array.from({ length: 21 }, () => ({ key: keys[1]! }));
    await expect(look(...tooMany)).rejects.toBeInstanceOf(MalformedRequest);
    const absent = account.node.blocks.champLookup(account.owner, cidOf('no champ'), []);
    await expect(absent).rejects.toBeInstanceOf(ChampRootMissing);
  });

  test('a champ whose nodes are larger together than may be answered is refused', async () => {
    const { account } = await createAccount();
    const key = new Uint8Array(32);
    const node = (child: Cid, size: number) => [
      Uint8Array.of(2),
      Uint8Array.of(1),
      [[raw(7, 8), raw(1, size)], child],
    ];
    const look = async (root: Cid) =>
      account.node.blocks.champLookup(account.owner, root, [{ key }]);
    const [end] = await account.put(account.home, 't', [EMPTY_CHAMP]);
    const [half] = await account.put(account.home, 't', [node(end!, 500_000)]);
    const [fits] = await account.put(account.home, 't', [node(half!, 500_001)]);
    const [tooMuch] = await account.put(account.home, 't', [node(fits!, 500_002)]);
    expect(await look(fits!)).toHaveLength(3);
    await expect(look(tooMuch!)).rejects.toBeInstanceOf(MalformedRequest);
  });

  test('a protected champ opens for its BAT only', async () => {
    const { account } = await createAccount();
    const champ = new Map([
      ['d', EMPTY_CHAMP],
      ['bats', [mirror.secretHashId().bytes]],
    ]);
    const [root] = await account.put(account.home, 't', [champ]);
    const key = raw(1, 32);
    const look = (bat: BatWithId) =>
      account.node.blocks.champLookup(account.owner, root!, [{ key, bat }]);
    expect(await look(new BatWithId(mirror, mirror.secretHashId()))).toHaveLength(1);
    await expect(look(other.withId())).rejects.toBeInstanceOf(Unauthorised);
  });
});

test('a size is that of the block, 0 for what this owner does not have', async () => {
  const { node } = createBench();
  const alice = await TestAccount.signUp(node);
  const bob = await TestAccount.signUp(node, 'bob');
  const [cid] = await alice.putRaw(alice.home, 't', [raw(1, 1234)]);
  expect(await node.blocks.sizeBytes(alice.owner, cid!)).toBe(1234);
  expect(await node.blocks.sizeBytes(bob.owner, cid!)).toBe(0);
  expect(await node.blocks.sizeBytes(alice.owner, hashBlockNow(raw(2), CODEC.raw))).toBe(0);
  const inline = Cid.identity(CODEC.dagCbor, encodeCbor('inline'));
  expect(await node.blocks.sizeBytes(alice.owner, inline)).toBe(inline.digest.length);
});

test('former ids come before the one of today', async () => {
  const former = hashBlockNow(raw(1), CODEC.libp2pKey);
  const { node } = createBench({ formerNodeIds: [former] });
  expect(await node.blocks.nodeIds()).toEqual([former, await node.blocks.nodeId()]);
});
