import { expect, it } from 'vitest';
import { utf8, toHex } from '#lib/bytes/index.ts';
import { CODEC, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { hashBlockNow } from '#lib/crypto/index.ts';
import { partB } from '../../../tests/vectors/load.ts';
import { ChampShrunk, ChampTree, followGrowth, MalformedChamp } from './index.ts';
import type { ChampPath, GrownEntry } from './index.ts';

const KEYS = { keyHash: 'blake2b-512' } as const;

class Blocks {
  readonly all = new Map<string, Uint8Array>();
  readonly save = (bytes: Uint8Array): Cid => {
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    this.all.set(cid.toString(), bytes);
    return cid;
  };
  readonly load = async (cid: Cid): Promise<Uint8Array> => this.all.get(cid.toString())!;

  async tree(root: Cid | undefined, entries: Iterable<[string, CborValue]>): Promise<Cid> {
    const tree = new ChampTree(this.load, root, KEYS);
    for (const [key, value] of entries) {
      await tree.put(utf8(key), await tree.get(utf8(key)), value);
    }
    return tree.flush(this.save);
  }

  async growth(old: Cid | undefined, root: Cid, parallel = 8) {
    const entries: GrownEntry[] = [];
    const added: string[] = [];
    const replaced: string[] = [];
    await followGrowth(old, root, {
      ...KEYS,
      parallel,
      loadOld: this.load,
      loadNew: this.load,
      added: async (cid) => void added.push(cid.toString()),
      replaced: (cid) => void replaced.push(cid.toString()),
      entry: async (entry) => void entries.push(entry),
    });
    return { entries, added, replaced };
  }
}

const names = (from: number, to: number): [string, number][] =>
  Array.from({ length: to - from }, (_, i) => [`name${from + i}`, from + i]);
const told = (entries: readonly GrownEntry[]) =>
  new Map(entries.map(({ key, oldValue, newValue }) => [toHex(key), [oldValue, newValue]]));

it('places user names as the reference does', async () => {
  const printed = partB<{ cid: string }>('pkiChampSixUsers');
  const blocks = new Blocks();
  const value = hashBlockNow(
    Uint8Array.from(Buffer.from(partB<{ cbor: string }>('pkiChainBlock').cbor, 'hex')),
    CODEC.dagCbor,
  );
  const six = ['alice', 'bob', 'carol', 'dave', 'erin', 'frank'];
  const root = await blocks.tree(
    undefined,
    six.map((name) => [name, value]),
  );
  expect(root.toString()).toBe(printed.cid);
});

it('tells exactly what was added and changed, as a map would', async () => {
  const blocks = new Blocks();
  const old = await blocks.tree(undefined, names(0, 500));
  const changes: [string, number][] = [...names(500, 700), ['name7', -7], ['name499', -1]];
  const root = await blocks.tree(old, changes);
  const { entries } = await blocks.growth(old, root);
  expect(told(entries)).toEqual(
    new Map(
      changes.map(([key, value]) => [
        toHex(utf8(key)),
        [value < 0 ? Number(key.slice(4)) : undefined, value],
      ]),
    ),
  );
});

it('reads only what is new, and gives the blocks of the newer tree once each', async () => {
  const blocks = new Blocks();
  const old = await blocks.tree(undefined, names(0, 2000));
  const before = new Set(blocks.all.keys());
  const root = await blocks.tree(old, [['one-more', 1]]);
  const { added } = await blocks.growth(old, root);
  expect(new Set(added).size).toBe(added.length);
  expect(added.every((cid) => !before.has(cid))).toBe(true);
  expect(added.length).toBeLessThan(8);
});

it('walks in one order when it does one thing at a time', async () => {
  const blocks = new Blocks();
  const root = await blocks.tree(undefined, names(0, 300));
  const [first, second] = [
    await blocks.growth(undefined, root, 1),
    await blocks.growth(undefined, root, 1),
  ];
  expect(first.added).toEqual(second.added);
  expect(first.added[0]).toBe(root.toString());
});

it('goes on from any place, with what stands there and after it', async () => {
  const blocks = new Blocks();
  const old = await blocks.tree(undefined, names(0, 50));
  const root = await blocks.tree(old, names(50, 400));
  const places: { path: ChampPath; what: string }[] = [];
  const walk = async (start: ChampPath) => {
    const seen: { path: ChampPath; what: string }[] = [];
    await followGrowth(old, root, {
      ...KEYS,
      parallel: 1,
      start,
      loadOld: blocks.load,
      loadNew: async (cid, path) => {
        seen.push({ path, what: cid.toString() });
        return blocks.load(cid);
      },
      added: async () => undefined,
      replaced: () => undefined,
      entry: async ({ key }, path) => void seen.push({ path, what: toHex(key) }),
    });
    return seen;
  };
  places.push(...(await walk([])));
  for (let at = 0; at < places.length; at += 37) {
    const start = places[at]!.path;
    // The nodes on the way are read again; then all comes as before from that place on.
    const first = places.findIndex(({ path }) => path.join() === start.join());
    expect((await walk(start)).slice(start.length)).toEqual(places.slice(first));
  }
});

it('refuses a tree that lost an entry, at any size', async () => {
  for (const size of [1, 5, 40, 300]) {
    const blocks = new Blocks();
    const old = await blocks.tree(undefined, names(0, size));
    for (let lost = 0; lost < size; lost += Math.ceil(size / 5)) {
      const left = names(0, size).filter((_, i) => i !== lost);
      const root = await blocks.tree(undefined, [...left, ['another', 1]]);
      await expect(blocks.growth(old, root)).rejects.toThrow(ChampShrunk);
    }
  }
});

it('refuses an entry whose value was taken away', async () => {
  const blocks = new Blocks();
  const old = await blocks.tree(undefined, names(0, 20));
  const root = await blocks.tree(old, [['name3', null]]);
  await expect(blocks.growth(old, root)).rejects.toThrow(ChampShrunk);
});

it('refuses a key that stands where another belongs', async () => {
  const blocks = new Blocks();
  // "alice" belongs to position 4; here it is at 5.
  const wrong = blocks.save(
    encodeCbor([Uint8Array.of(1 << 5), new Uint8Array(), [[utf8('alice'), 1]]]),
  );
  await expect(blocks.growth(undefined, wrong)).rejects.toThrow(MalformedChamp);
});

it('refuses a node that holds no more than a bucket', async () => {
  const blocks = new Blocks();
  const child = blocks.save(
    encodeCbor([Uint8Array.of(1 << 4), new Uint8Array(), [[utf8('alice'), 1]]]),
  );
  const root = blocks.save(encodeCbor([new Uint8Array(), Uint8Array.of(1 << 4), [child]]));
  await expect(blocks.growth(undefined, root)).rejects.toThrow(MalformedChamp);
});

it('ends with the first failure of a block that cannot be had', async () => {
  const blocks = new Blocks();
  const root = await blocks.tree(undefined, names(0, 200));
  await expect(
    followGrowth(undefined, root, {
      ...KEYS,
      parallel: 4,
      loadOld: blocks.load,
      loadNew: async (cid) => {
        if (!cid.equals(root)) throw new Error('away');
        return blocks.load(cid);
      },
      added: async () => undefined,
      replaced: () => undefined,
      entry: async () => undefined,
    }),
  ).rejects.toThrow('away');
});
