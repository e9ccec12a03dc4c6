import { describe, expect, it } from 'vitest';
import { compareShortestFirst, fromHex, toHex, u32le } from '#lib/bytes/index.ts';
import { asLink, asList, Cid, CODEC, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash, hashBlockNow, sha256Now, SigningKeyPair } from '#lib/crypto/index.ts';
import { partA, partB, vectorsOf } from '../../../tests/vectors/load.ts';
import {
  ChampConflict,
  champDiff,
  champMerge,
  champPairs,
  ChampTooDeep,
  ChampTree,
  ConcurrentChange,
  EMPTY_CHAMP_BLOCK,
  EMPTY_CHAMP_CID,
  MalformedChamp,
  ownedKeyChampKey,
  secretLinkChampKey,
  walkToKey,
} from './index.ts';
import type { ChampOptions } from './index.ts';
import {
  champEntries,
  champGet,
  champPut,
  champPutMany,
  champRemove,
  champRemoveMany,
  type ChampBlocks,
} from './testing.ts';

class MemoryBlocks implements ChampBlocks {
  readonly byCid = new Map<string, Uint8Array>();
  loads = 0;
  saves = 0;

  load(cid: Cid): Promise<Uint8Array> {
    this.loads++;
    const block = this.byCid.get(cid.toString());
    return block === undefined ? Promise.reject(new Error(`no ${cid}`)) : Promise.resolve(block);
  }

  save(block: Uint8Array): Cid {
    this.saves++;
    const cid = hashBlockNow(block, CODEC.dagCbor);
    this.byCid.set(cid.toString(), block);
    return cid;
  }
}

/** Builds the blocks of a set of pairs by the rule of A-5 §3, sharing nothing with the code under test. */
function modelRoot(pairs: ReadonlyMap<string, string>, blocks?: MemoryBlocks): string {
  const bit = (key: Uint8Array, i: number) => ((key[i >> 3] ?? 0) >> (i & 7)) & 1;
  const build = (keys: string[], depth: number): Cid => {
    const groups: string[][] = [[], [], [], [], [], [], [], []];
    for (const hex of keys) {
      const key = fromHex(hex);
      const position =
        bit(key, 3 * depth) + 2 * bit(key, 3 * depth + 1) + 4 * bit(key, 3 * depth + 2);
      groups[position]!.push(hex);
    }
    const buckets: CborValue[] = [];
    const children: CborValue[] = [];
    let data = 0;
    let nodes = 0;
    groups.forEach((group, position) => {
      if (group.length > 4) {
        nodes += 2 ** position;
        children.unshift(build(group, depth + 1));
      } else if (group.length > 0) {
        data += 2 ** position;
        group.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
        buckets.push(group.flatMap((hex) => [fromHex(hex), decodeCbor(fromHex(pairs.get(hex)!))]));
      }
    });
    const set = (bits: number) => (bits === 0 ? new Uint8Array() : Uint8Array.of(bits));
    const block = encodeCbor([set(data), set(nodes), [...buckets, ...children]]);
    const cid = hashBlockNow(block, CODEC.dagCbor);
    blocks?.byCid.set(cid.toString(), block);
    return cid;
  };
  return build([...pairs.keys()], 0).toString();
}

function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const linkTo = (text: string): Cid => Cid.sha256(CODEC.dagCbor, sha256Now(fromHex(text)));
const valueOf = (hex: string | null): CborValue | undefined =>
  hex === null ? undefined : decodeCbor(fromHex(hex));

async function measure(blocks: MemoryBlocks, root: Cid): Promise<{ size: number; depth: number }> {
  let size = 0;
  for await (const _pair of champPairs((cid) => blocks.load(cid), root)) size++;
  const depthOf = async (cid: Cid): Promise<number> => {
    const value = decodeCbor(await blocks.load(cid));
    const list = asList(value instanceof Map ? (value.get('d') as CborValue) : value, 'node');
    const links = asList(list[2], 'contents').filter((item) => item instanceof Cid);
    const depths = await Promise.all(links.map(depthOf));
    return depths.length === 0 ? 0 : 1 + Math.max(...depths);
  };
  return { size, depth: await depthOf(root) };
}

interface TreeLine {
  keyHash: 'identity' | 'sha256';
  mirrorBatId: string | null;
  emptyRoot: string;
  emptyBlock: string;
}
interface StepLine {
  tree: string;
  step: number;
  op: 'put' | 'remove' | 'removeAll';
  key?: string;
  keys?: string[];
  expected?: string | null;
  value?: string;
  error: boolean;
  root: string;
  size: number;
  depth: number;
  nodes?: Record<string, string>;
}

function optionsOf(line: TreeLine): ChampOptions {
  const { keyHash, mirrorBatId } = line;
  if (mirrorBatId === null) return { keyHash };
  return { keyHash, mirrorBatId: decodeCbor(fromHex(mirrorBatId)) as Uint8Array };
}

function apply(
  blocks: MemoryBlocks,
  root: Cid,
  step: StepLine,
  options: ChampOptions,
): Promise<Cid> {
  const expected = valueOf(step.expected ?? null);
  if (step.op === 'removeAll') {
    return champRemoveMany(blocks, root, step.keys!.map(fromHex), options);
  }
  const key = fromHex(step.key!);
  if (step.op === 'remove') return champRemove(blocks, root, key, expected, options);
  const value = valueOf(step.value!)!;
  return champPut(blocks, root, { key, expected, value }, options);
}

describe('the golden trees', () => {
  for (const tree of vectorsOf<TreeLine>('champ')) {
    it(`${tree.name}: every step gives the reference's root, blocks, size and depth`, async () => {
      const blocks = new MemoryBlocks();
      const options = optionsOf(tree);
      let root = await champPutMany(blocks, undefined, [], options);
      expect(root.toString()).toBe(tree.emptyRoot);
      expect(toHex(await blocks.load(root))).toBe(tree.emptyBlock);
      const steps = vectorsOf<StepLine>('champStep').filter((step) => step.tree === tree.name);
      expect(steps.length).toBeGreaterThan(0);
      for (const step of steps) {
        if (step.error) {
          const failing = apply(blocks, root, step, options);
          await expect(failing, step.name).rejects.toSatisfy(
            (error) => error instanceof ChampConflict || error instanceof ChampTooDeep,
          );
        } else {
          root = await apply(blocks, root, step, options);
        }
        expect(root.toString(), step.name).toBe(step.root);
        expect(await measure(blocks, root), step.name).toEqual({
          size: step.size,
          depth: step.depth,
        });
        for (const [cid, block] of Object.entries(step.nodes ?? {})) {
          expect(toHex(await blocks.load(Cid.parse(cid)))).toBe(block);
        }
      }
      for (const get of vectorsOf<{
        tree: string;
        root: string;
        key: string;
        value: string | null;
      }>('champGet')) {
        if (get.tree !== tree.name) continue;
        const value = await champGet(blocks, Cid.parse(get.root), fromHex(get.key), options);
        expect(value === undefined ? null : toHex(encodeCbor(value))).toBe(get.value);
      }
    });

    it(`${tree.name}: all successful steps in one tree and one flush give the same last root`, async () => {
      const blocks = new MemoryBlocks();
      const inMemory = new ChampTree((cid) => blocks.load(cid), undefined, optionsOf(tree));
      let last = tree.emptyRoot;
      for (const step of vectorsOf<StepLine>('champStep')) {
        if (step.tree !== tree.name) continue;
        const done =
          step.op === 'removeAll'
            ? inMemory.removeMany(step.keys!.map(fromHex))
            : step.op === 'remove'
              ? inMemory.remove(fromHex(step.key!), valueOf(step.expected ?? null))
              : inMemory.put(
                  fromHex(step.key!),
                  valueOf(step.expected ?? null),
                  valueOf(step.value!)!,
                );
        if (step.error) await expect(done).rejects.toThrow();
        else await done;
        last = step.root;
      }
      expect(inMemory.flush((block) => blocks.save(block)).toString()).toBe(last);
    });
  }

  it('keys of the owned-key and secret-link trees', () => {
    for (const line of vectorsOf<{ label?: number; ownedKeyHash?: string; key: string }>(
      'champKey',
    )) {
      const key =
        line.label === undefined
          ? ownedKeyChampKey(asKeyHash(decodeCbor(fromHex(line.ownedKeyHash!)), 'owned key'))
          : secretLinkChampKey(line.label);
      expect(toHex(key), line.name).toBe(line.key);
    }
  });

  interface MergeLine {
    original: [string, string][];
    ours: [string, string][];
    remote: [string, string][];
    originalRoot: string;
    oursRoot: string;
    remoteRoot: string;
    error: boolean;
    mergedRoot: string | null;
    mergedNodes: Record<string, string> | null;
  }
  for (const line of vectorsOf<MergeLine>('champMerge')) {
    it(`merge: ${line.name}`, async () => {
      const blocks = new MemoryBlocks();
      const build = (pairs: [string, string][]) =>
        champPutMany(
          blocks,
          undefined,
          pairs.map(([key, value]) => ({
            key: fromHex(key),
            expected: undefined,
            value: decodeCbor(fromHex(value)),
          })),
        );
      const roots = {
        original: await build(line.original),
        ours: await build(line.ours),
        remote: await build(line.remote),
      };
      expect(roots.original.toString()).toBe(line.originalRoot);
      expect(roots.ours.toString()).toBe(line.oursRoot);
      expect(roots.remote.toString()).toBe(line.remoteRoot);
      const merged = champMerge(
        (cid) => blocks.load(cid),
        (block) => blocks.save(block),
        roots,
      );
      if (line.error) {
        await expect(merged).rejects.toBeInstanceOf(ConcurrentChange);
        return;
      }
      expect((await merged).toString()).toBe(line.mergedRoot);
      for (const [cid, block] of Object.entries(line.mergedNodes ?? {})) {
        expect(toHex(await blocks.load(Cid.parse(cid)))).toBe(block);
      }
    });
  }
});

describe('the values printed with the protocol pages', () => {
  const entries = (count: number) =>
    Array.from({ length: count }, (_, i) => {
      const key = sha256Now(u32le(i));
      return { key, expected: undefined, value: Cid.sha256(CODEC.dagCbor, sha256Now(key)) };
    });

  it('champ: roots for n keys, and back again by removal', async () => {
    const steps =
      partA<{ step: string; root: string; cbor?: string; rootCbor?: string }[]>('champ');
    for (const step of steps) {
      const count = step.step === 'empty' ? 0 : Number(/i=0\.\.(\d+)/.exec(step.step)![1]) + 1;
      const blocks = new MemoryBlocks();
      const root = await champPutMany(blocks, undefined, entries(count));
      expect(root.toString(), step.step).toBe(step.root);
      const block = step.rootCbor ?? step.cbor;
      if (block) expect(toHex(await blocks.load(root))).toBe(block);
    }
    const blocks = new MemoryBlocks();
    let root = await champPutMany(blocks, undefined, entries(300));
    for (const { key, value } of entries(300).slice(100)) {
      root = await champRemove(blocks, root, key, value);
    }
    expect(root.toString()).toBe(steps.find((step) => step.step.includes('i=0..99,'))!.root);
  });

  it('champCollision: a fifth key with the same first bits makes a chain of children', async () => {
    const vector = partA<{
      valueEverywhere: string;
      steps: { insertedKey: string; root: string; rootCbor: string }[];
    }>('champCollision');
    const value = Cid.parse(vector.valueEverywhere);
    const blocks = new MemoryBlocks();
    let root: Cid | undefined;
    for (const step of vector.steps) {
      root = await champPut(blocks, root, {
        key: fromHex(step.insertedKey),
        expected: undefined,
        value,
      });
      expect(root.toString()).toBe(step.root);
      expect(toHex(await blocks.load(root))).toBe(step.rootCbor);
    }
  });

  it('champWithMirrorBat, and the empty tree without one', async () => {
    const { emptyRootCbor } = partA<{ emptyRootCbor: string }>('champWithMirrorBat');
    const mirrorBatId = fromHex(emptyRootCbor).subarray(-36);
    const blocks = new MemoryBlocks();
    const root = await champPutMany(blocks, undefined, [], { keyHash: 'identity', mirrorBatId });
    expect(toHex(await blocks.load(root))).toBe(emptyRootCbor);
    expect(hashBlockNow(EMPTY_CHAMP_BLOCK, CODEC.dagCbor).equals(EMPTY_CHAMP_CID)).toBe(true);
  });

  it('emptyChamp and ownedKeyChamp of B-8', async () => {
    const empty = partB<{ cbor: string; cid: string }>('emptyChamp');
    expect(toHex(EMPTY_CHAMP_BLOCK)).toBe(empty.cbor);
    expect(EMPTY_CHAMP_CID.toString()).toBe(empty.cid);
    const { seed } = partB<{ seed: string }>('writer');
    const proof = Cid.parse(partB<{ cid: string }>('ownerProof').cid);
    const blocks = new MemoryBlocks();
    const key = ownedKeyChampKey(SigningKeyPair.fromSeed(fromHex(seed)).hash);
    const puts = [{ key, expected: undefined, value: proof }];
    const root = await champPutMany(blocks, undefined, puts, { keyHash: 'identity' });
    const owned = partB<{ cbor: string; cid: string }>('ownedKeyChamp');
    expect(toHex(await blocks.load(root))).toBe(owned.cbor);
    expect(root.toString()).toBe(owned.cid);
  });

  it('ownedKeyChampKey and secretLinkChampKey', () => {
    const { ownerKeyHashCbor } = partA<{ ownerKeyHashCbor: string }>('keys');
    const owner = asKeyHash(decodeCbor(fromHex(ownerKeyHashCbor)), 'owner');
    expect(toHex(ownedKeyChampKey(owner))).toBe(partA<string>('ownedKeyChampKey'));
    const { label, key } = partA<{ label: number; key: string }>('secretLinkChampKey');
    expect(toHex(secretLinkChampKey(label))).toBe(key);
  });
});

describe('against a model', () => {
  it('10,000 random operations: contents and canonical shape', async () => {
    const random = seeded(20260829);
    const pick = (bound: number) => Math.floor(random() * bound);
    const blocks = new MemoryBlocks();
    const model = new Map<string, string>();
    // Keys share long beginnings often enough to make deep chains and undo them again.
    const keys = Array.from({ length: 900 }, (_, i) => {
      const key = sha256Now(u32le(i));
      if (i % 3 === 0) key.set(sha256Now(u32le(pick(3))).subarray(0, 1 + pick(9)));
      return toHex(key.subarray(0, i % 50 === 0 ? 11 : 32));
    });
    let tree = new ChampTree((cid) => blocks.load(cid), undefined);
    for (let step = 0; step < 10_000; step++) {
      // The tree grows and shrinks in turn, down to nearly nothing.
      const growing = Math.floor(step / 1250) % 2 === 0;
      const hex = keys[pick(keys.length)]!;
      const key = fromHex(hex);
      const current = valueOf(model.get(hex) ?? null);
      const kind = random();
      if (kind < 0.04) {
        const some = Array.from({ length: pick(12) }, () => keys[pick(keys.length)]!);
        await tree.removeMany(some.map(fromHex));
        for (const each of some) model.delete(each);
      } else if (kind < 0.08) {
        if (current !== undefined) {
          await expect(tree.put(key, linkTo('ff'), linkTo('00'))).rejects.toThrow(ChampConflict);
        }
      } else if (kind < (growing ? 0.75 : 0.2)) {
        const value = linkTo(toHex(u32le(step)));
        await tree.put(key, current, value);
        model.set(hex, toHex(encodeCbor(value)));
      } else if (current !== undefined) {
        await tree.remove(key, current);
        model.delete(hex);
      }
      if (step % 3 === 0) {
        const other = keys[pick(keys.length)]!;
        const found = await tree.get(fromHex(other));
        expect(found === undefined ? undefined : toHex(encodeCbor(found))).toBe(model.get(other));
      }
      if (step % 25 === 0) {
        const root = tree.flush((block) => blocks.save(block));
        expect(root.toString()).toBe(modelRoot(model));
        // Half the time go on from the stored blocks, half the time from memory.
        if (step % 50 === 0) tree = new ChampTree((cid) => blocks.load(cid), root);
      }
    }
    const root = tree.flush((block) => blocks.save(block));
    const listed = new Map<string, string>();
    for await (const { key, value } of champEntries(blocks, root)) {
      listed.set(toHex(key), toHex(encodeCbor(value)));
    }
    expect(listed).toEqual(model);
  });

  it('differences of random trees are the differences of their models', async () => {
    const random = seeded(7);
    for (let round = 0; round < 60; round++) {
      const before = new Map<string, string>();
      const after = new Map<string, string>();
      const size = Math.floor(random() * 80);
      for (let i = 0; i < size; i++) {
        const key = sha256Now(u32le(Math.floor(random() * 500)));
        if (random() < 0.5) key.set([0xf6, 0xc7, 0x80]);
        const value = toHex(encodeCbor(linkTo(toHex(u32le(i)))));
        const kind = random();
        if (kind < 0.9) before.set(toHex(key), value);
        if (kind < 0.8 || kind > 0.9) after.set(toHex(key), value);
        if (kind < 0.1) after.set(toHex(key), toHex(encodeCbor(linkTo('ab'))));
      }
      const blocks = new MemoryBlocks();
      const from = Cid.parse(modelRoot(before, blocks));
      const to = Cid.parse(modelRoot(after, blocks));
      const found = new Map<string, [string | undefined, string | undefined]>();
      const hex = (value: CborValue | undefined) =>
        value === undefined ? undefined : toHex(encodeCbor(value));
      for await (const change of champDiff((cid) => blocks.load(cid), from, to)) {
        found.set(toHex(change.key), [hex(change.oldValue), hex(change.newValue)]);
      }
      const expected = new Map<string, [string | undefined, string | undefined]>();
      for (const key of new Set([...before.keys(), ...after.keys()])) {
        if (before.get(key) !== after.get(key)) {
          expected.set(key, [before.get(key), after.get(key)]);
        }
      }
      expect(found).toEqual(expected);
    }
  });

  it('overlapping operations on one tree give what they would give one after the other', async () => {
    const blocks = new MemoryBlocks();
    const model = new Map<string, string>();
    const key = (i: number) => sha256Now(u32le(i));
    const value = encodeCbor(linkTo('aa'));
    for (let i = 0; i < 300; i++) model.set(toHex(key(i)), toHex(value));
    const stored = new MemoryBlocks();
    const tree = new ChampTree(
      async (cid) => {
        await new Promise((resolve) => setTimeout(resolve, cid.digest[31]! % 3));
        return stored.load(cid);
      },
      Cid.parse(modelRoot(model, stored)),
    );
    await Promise.all([
      ...Array.from({ length: 200 }, (_, i) => tree.put(key(300 + i), undefined, linkTo('aa'))),
      ...Array.from({ length: 150 }, (_, i) => tree.remove(key(i), linkTo('aa'))),
      tree.removeMany(Array.from({ length: 100 }, (_, i) => key(150 + i))),
    ]);
    for (let i = 0; i < 250; i++) model.delete(toHex(key(i)));
    for (let i = 300; i < 500; i++) model.set(toHex(key(i)), toHex(value));
    expect(tree.flush((block) => blocks.save(block)).toString()).toBe(modelRoot(model));
  });
});

describe('cost', () => {
  it('a thousand changes write each touched node once', async () => {
    const blocks = new MemoryBlocks();
    const put = (i: number) => ({
      key: sha256Now(u32le(i)),
      expected: undefined,
      value: linkTo('aa'),
    });
    const first = await champPutMany(
      blocks,
      undefined,
      Array.from({ length: 5000 }, (_, i) => put(i)),
    );
    expect(blocks.saves).toBe(blocks.byCid.size);
    const nodes = blocks.saves;
    blocks.saves = 0;
    blocks.loads = 0;
    const all = Array.from({ length: 1000 }, (_, i) => put(5000 + i));
    await champPutMany(blocks, first, all);
    expect(blocks.saves).toBeLessThan(nodes + 1000);
    expect(blocks.loads).toBeLessThanOrEqual(nodes);
  });
});

describe('hostile blocks', () => {
  const refused: Record<string, CborValue> = {
    'not a list': 'text',
    'too few elements': [new Uint8Array(), new Uint8Array()],
    'a bit set of two bytes': [Uint8Array.of(1, 0), new Uint8Array(), []],
    'a position in both sets': [Uint8Array.of(1), Uint8Array.of(1), [[], EMPTY_CHAMP_CID]],
    'a bucket with an odd number of elements': [
      Uint8Array.of(1),
      new Uint8Array(),
      [[new Uint8Array(1)]],
    ],
    'an empty bucket': [Uint8Array.of(1), new Uint8Array(), [[]]],
    'a key that is text': [Uint8Array.of(1), new Uint8Array(), [['key', 1]]],
    'a key twice': [
      Uint8Array.of(1),
      new Uint8Array(),
      [[new Uint8Array(1), 1, new Uint8Array(1), 2]],
    ],
    'five pairs in a bucket': [
      Uint8Array.of(1),
      new Uint8Array(),
      [[0, 1, 2, 3, 4].flatMap((i) => [Uint8Array.of(8 * i), 1])],
    ],
    'a bucket where a child should be': [
      new Uint8Array(),
      Uint8Array.of(1),
      [[new Uint8Array(1), 1]],
    ],
    'one element too many': [new Uint8Array(), new Uint8Array(), [[new Uint8Array(1), 1]]],
    'one element too few': [Uint8Array.of(3), new Uint8Array(), [[new Uint8Array(1), 1]]],
  };
  for (const [what, value] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const blocks = new MemoryBlocks();
      const root = blocks.save(encodeCbor(value));
      await expect(champGet(blocks, root, new Uint8Array(32))).rejects.toBeInstanceOf(
        MalformedChamp,
      );
    });
  }

  it('ends on a chain of children deeper than the format allows', async () => {
    const blocks = new MemoryBlocks();
    let root = EMPTY_CHAMP_CID;
    blocks.save(EMPTY_CHAMP_BLOCK);
    for (let i = 0; i < 40; i++) {
      root = blocks.save(encodeCbor([new Uint8Array(), Uint8Array.of(1), [root]]));
    }
    await expect(champGet(blocks, root, new Uint8Array(32))).rejects.toBeInstanceOf(ChampTooDeep);
    const all = champEntries(blocks, root);
    await expect(all.next()).rejects.toBeInstanceOf(ChampTooDeep);
  });

  it('a block that cannot be had fails the operation and leaves the tree as it was', async () => {
    const blocks = new MemoryBlocks();
    const pairs = new Map(
      Array.from({ length: 60 }, (_, i) => [toHex(sha256Now(u32le(i))), toHex(Uint8Array.of(1))]),
    );
    const root = Cid.parse(modelRoot(pairs, blocks));
    const child = asList(decodeCbor(await blocks.load(root)), 'root');
    const lost = asLink(asList(child[2], 'contents').at(-1), 'child');
    const block = blocks.byCid.get(lost.toString())!;
    blocks.byCid.delete(lost.toString());
    const tree = new ChampTree((cid) => blocks.load(cid), root);
    const keys = [...pairs.keys()].map(fromHex);
    await expect(tree.removeMany(keys)).rejects.toThrow(lost.toString());
    expect(tree.cid?.equals(root)).toBe(true);
    blocks.byCid.set(lost.toString(), block);
    await tree.removeMany(keys);
    expect(tree.flush((each) => blocks.save(each)).equals(EMPTY_CHAMP_CID)).toBe(true);
  });
});

it('sorts keys of a bucket shorter first, then bytewise', async () => {
  const blocks = new MemoryBlocks();
  const keys = [Uint8Array.of(8, 200), Uint8Array.of(16), Uint8Array.of(8, 0), Uint8Array.of(8)];
  const root = await champPutMany(
    blocks,
    undefined,
    keys.map((key) => ({ key, expected: undefined, value: 1 })),
  );
  const listed: Uint8Array[] = [];
  for await (const { key } of champEntries(blocks, root)) listed.push(key);
  expect(listed).toEqual([...keys].sort(compareShortestFirst));
});

describe('a champ that is not canonical', () => {
  const pair = (byte: number): CborValue[] => [Uint8Array.of(byte), byte];
  const oneBucket = (...bytes: readonly number[]): Uint8Array =>
    encodeCbor([Uint8Array.of(1), new Uint8Array(0), [bytes.flatMap(pair)]]);

  // Keys whose lowest three bits are 0 lie at the first position.
  it.each([
    ['keys out of order', oneBucket(16, 8), 8, 8],
    ['more pairs than a bucket holds', oneBucket(8, 16, 24, 32, 40), 40, 40],
    ['an empty bucket', oneBucket(), 8, undefined],
  ])(
    'with %s is served by a storage node and refused by a client',
    async (_, block, key, value) => {
      const root = hashBlockNow(block, CODEC.dagCbor);
      const stored = (cid: Cid) => Promise.resolve(cid.equals(root) ? block : undefined);
      const visited: Cid[] = [];
      const found = await walkToKey(root, Uint8Array.of(key), stored, (cid) => visited.push(cid));
      expect(found).toBe(value);
      expect(visited).toEqual([root]);
      const client = new ChampTree(() => Promise.resolve(block), root);
      await expect(client.get(Uint8Array.of(key))).rejects.toThrow(MalformedChamp);
    },
  );
});
