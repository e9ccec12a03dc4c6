import { beforeAll, describe, expect, test } from 'vitest';
import { fromHex, utf8 } from '#lib/bytes/index.ts';
import { asMap, cborMap, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { NULL_KEY_HASH, sha256Now, startCrypto } from '#lib/crypto/index.ts';
import { LinkRefused, MalformedRequest, UnknownUser } from '#lib/protocol/index.ts';
import { vectorsOf } from '../../../tests/vectors/load.ts';
import {
  champOf,
  cidOf,
  createBench,
  EMPTY_CHAMP,
  keyPair,
  NOW_MS,
  TestAccount,
} from './testing.ts';
import { createLocalNode } from './local-node.ts';

beforeAll(() => startCrypto());

/** Label, place in the tree and target as the reference made them. */
const [line] = vectorsOf<{ label: string; champKey: string; target: string }>('secretLink');
const label = BigInt(line!.label);
const capability = asMap(decodeBlock(fromHex(line!.target)), 'target').get('cap')!;

async function createLink(limits: Record<string, CborValue> = {}) {
  const bench = createBench();
  const alice = await TestAccount.signUp(bench.node);
  const target = cborMap([['cap', capability], ...Object.entries(limits)]);
  const champ = cborMap([
    ['d', champOf([[fromHex(line!.champKey), cidOf(target)]])],
    ['bats', [alice.mirrorBat.id.bytes]],
  ]);
  const values = [EMPTY_CHAMP, target, champ];
  await alice.commit(alice.identity, { owned: cidOf(EMPTY_CHAMP), links: cidOf(champ) }, values);
  return { ...bench, alice };
}

describe('a secret link', () => {
  test('is answered, though its tree is protected', async () => {
    const { node, alice } = await createLink();
    expect(await node.links.get(alice.owner, label)).toEqual(capability);
  });

  test('is answered as often as it may be, however many ask at once', async () => {
    const { deps, alice } = await createLink({ max: 3 });
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, () => createLocalNode(deps).links.get(alice.owner, label)),
    );
    const refused = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    expect(refused).toHaveLength(5);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(LinkRefused);
      expect(reason).toMatchObject({ reason: 'used-up' });
    }
  });

  test('ends when it expires, in UTC, and then counts nothing', async () => {
    const { node, alice, time, deps } = await createLink({ expiry: NOW_MS / 1000 });
    await node.links.get(alice.owner, label);
    time.nowMs += 1000;
    const late = node.links.get(alice.owner, label);
    await expect(late).rejects.toMatchObject({ reason: 'expired' });
    const [counted] = await deps.records.list('linkCounts', '');
    expect(decodeBlock(counted!.value)).toEqual([1, NOW_MS / 1000]);
  });

  test('that is not there is refused by name', async () => {
    const { node, alice } = await createLink();
    const bob = await TestAccount.signUp(node, 'bob');
    const get = (owner: typeof alice.owner, some: bigint) => node.links.get(owner, some);
    await expect(get(alice.owner, label + 1n)).rejects.toMatchObject({ reason: 'unknown' });
    await expect(get(bob.owner, label)).rejects.toMatchObject({ reason: 'none-published' });
    await expect(get(keyPair('nobody').hash, label)).rejects.toBeInstanceOf(UnknownUser);
    await expect(get(alice.owner, 0n)).rejects.toBeInstanceOf(MalformedRequest);
    await expect(get(alice.owner, 1n << 32n)).rejects.toBeInstanceOf(MalformedRequest);
  });
});

describe('published files', () => {
  const inode = (i: number, n: string) =>
    cborMap([
      ['i', i],
      ['n', n],
    ]);
  const listing = (...children: CborValue[]) => cborMap([['c', children]]);
  const entry = (at: CborValue, c?: CborValue) =>
    cborMap([
      ['i', at],
      ['c', c],
    ]);
  const cap = cborMap([
    ['o', NULL_KEY_HASH],
    ['w', NULL_KEY_HASH],
    ['m', new Uint8Array(32)],
    ['k', [1, new Uint8Array(32), false]],
  ]);

  /** Buckets by the hash of the key, as in trees whose keys are not their own (A-5 §6). */
  function table(pairs: readonly (readonly [Uint8Array, CborValue])[]): CborValue {
    const hashed = pairs.map(([key, value]) => [sha256Now(key), [key, value]] as const);
    const [dataMap, nodeMap, buckets] = champOf(hashed) as [CborValue, CborValue, CborValue[][]];
    const real = buckets.map((bucket) => bucket.filter((_, i) => i % 2 === 1).flat());
    return [dataMap, nodeMap, real];
  }

  async function publish(pairs: readonly (readonly [CborValue, CborValue])[]) {
    const bench = createBench();
    const alice = await TestAccount.signUp(bench.node);
    const champ = table(pairs.map(([key, value]) => [encodeCbor(key), value]));
    const data = cborMap([
      ['c', 5],
      ['r', cidOf(champ)],
    ]);
    const fields = { owned: cidOf(EMPTY_CHAMP), public: cidOf(data) };
    await alice.commit(alice.identity, fields, [EMPTY_CHAMP, champ, data]);
    return bench.node.links;
  }

  test('are found by their path, or by that of the directory they lie in', async () => {
    const [root, home, docs] = [inode(0, ''), inode(1, 'alice'), inode(2, 'docs')];
    const links = await publish([
      [root, listing(entry(home))],
      [home, listing(entry(inode(3, 'other')), entry(docs, cap))],
    ]);
    const link = await links.published('alice', ['docs']);
    expect(link.split('/')).toHaveLength(4);
    expect(link).toMatch(/^#[1-9A-HJ-NP-Za-km-z]+(\/[1-9A-HJ-NP-Za-km-z]+){3}$/u);
    expect(await links.published('alice', ['docs', 'deep', 'file.txt'])).toBe(link);
    for (const path of [[], ['other'], ['nope'], ['other', 'docs']]) {
      await expect(links.published('alice', path)).rejects.toMatchObject({ reason: 'not-public' });
    }
  });

  test('are found in a directory so large that it is a tree of its own', async () => {
    const [root, home] = [inode(0, ''), inode(1, 'alice')];
    const names = Array.from({ length: 8 }, (_, i) => `file ${i}`);
    const children = table(names.map((name, i) => [utf8(name), entry(inode(i + 2, name), cap)]));
    const links = await publish([
      [root, listing(entry(home))],
      [home, children],
    ]);
    for (const name of names) expect(await links.published('alice', [name])).toMatch(/^#/u);
    const absent = links.published('alice', ['file 9']);
    await expect(absent).rejects.toMatchObject({ reason: 'not-public' });
  });

  test('of somebody who published nothing, or of nobody, are refused by name', async () => {
    const { node } = createBench();
    await TestAccount.signUp(node);
    const nothing = node.links.published('alice', ['docs']);
    await expect(nothing).rejects.toMatchObject({ reason: 'nothing-public' });
    await expect(node.links.published('nobody', [])).rejects.toBeInstanceOf(UnknownUser);
  });
});
