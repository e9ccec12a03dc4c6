/** The champ as functions from root to root (A-5 §4), for tests that make one change. */
import type { Cid } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { champPairs } from './walk.ts';
import { ChampTree } from './tree.ts';
import type { ChampOptions } from './tree.ts';

/** Where the blocks of a tree lie. */
export interface ChampBlocks {
  /** Verified bytes; throws if the block cannot be had. */
  load(cid: Cid): Promise<Uint8Array>;
  save(block: Uint8Array): Cid;
}

export interface ChampPut {
  readonly key: Uint8Array;
  readonly expected: CborValue | undefined;
  readonly value: CborValue;
}

/** The value of a key; undefined if absent. */
export function champGet(
  blocks: Pick<ChampBlocks, 'load'>,
  root: Cid | undefined,
  key: Uint8Array,
  options?: ChampOptions,
): Promise<CborValue | undefined> {
  return opened(blocks, root, options).get(key);
}

/** Sets one key; see {@link ChampTree.put}. */
export function champPut(
  blocks: ChampBlocks,
  root: Cid | undefined,
  put: ChampPut,
  options?: ChampOptions,
): Promise<Cid> {
  return champPutMany(blocks, root, [put], options);
}

/** Sets keys in order. If one fails, no block is saved. */
export async function champPutMany(
  blocks: ChampBlocks,
  root: Cid | undefined,
  puts: Iterable<ChampPut>,
  options?: ChampOptions,
): Promise<Cid> {
  const tree = opened(blocks, root, options);
  for (const { key, expected, value } of puts) await tree.put(key, expected, value);
  return tree.flush((block) => blocks.save(block));
}

/** Removes one key; see {@link ChampTree.remove}. */
export async function champRemove(
  blocks: ChampBlocks,
  root: Cid | undefined,
  key: Uint8Array,
  expected: CborValue | undefined,
  options?: ChampOptions,
): Promise<Cid> {
  const tree = opened(blocks, root, options);
  await tree.remove(key, expected);
  return tree.flush((block) => blocks.save(block));
}

/** Removes keys whatever their values; absent ones are ignored. */
export async function champRemoveMany(
  blocks: ChampBlocks,
  root: Cid | undefined,
  keys: readonly Uint8Array[],
  options?: ChampOptions,
): Promise<Cid> {
  const tree = opened(blocks, root, options);
  await tree.removeMany(keys);
  return tree.flush((block) => blocks.save(block));
}

/** All keys that have a value, in tree order. */
export async function* champEntries(
  blocks: Pick<ChampBlocks, 'load'>,
  root: Cid | undefined,
): AsyncGenerator<{ readonly key: Uint8Array; readonly value: CborValue }> {
  for await (const pair of champPairs((cid) => blocks.load(cid), root)) {
    if (pair.value !== null) yield pair;
  }
}

function opened(
  blocks: Pick<ChampBlocks, 'load'>,
  root: Cid | undefined,
  options?: ChampOptions,
): ChampTree {
  return new ChampTree((cid) => blocks.load(cid), root, options);
}
