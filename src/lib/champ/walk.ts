/**
 * Whole trees: listing, differences and the three-way merge (A-5 §4, §5).
 *
 * Nothing read here is kept, so a tree of any size is walked in the memory of one path. The blocks
 * are verified by the loader; a subtree that two trees share is never read.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { Cid, CborValue } from '#lib/codec/index.ts';
import { ChampTooDeep, ConcurrentChange } from './errors.ts';
import { decodeNode, emptyNode, isBucket, isChild, LEVELS } from './node.ts';
import type { Bucket, ChampNode, ChampPair, Slot } from './node.ts';
import { ChampTree, IDENTITY_KEYS, sameValue } from './tree.ts';
import type { ChampOptions, LoadBlock, SaveBlock } from './tree.ts';

/** One key whose value differs between two trees; absent and null are both undefined. */
export interface ChampChange {
  readonly key: Uint8Array;
  readonly oldValue: CborValue | undefined;
  readonly newValue: CborValue | undefined;
}

/** All pairs below a node, those with a null value included. `read` judges the level too. */
export async function* pairsBelow(
  read: (cid: Cid, level: number) => Promise<ChampNode>,
  root: Cid,
  level = 0,
): AsyncGenerator<ChampPair> {
  for (const slot of await read(root, level)) {
    if (isBucket(slot)) yield* slot;
    else if (slot?.cid !== undefined) yield* pairsBelow(read, slot.cid, level + 1);
  }
}

/** All pairs, those with a null value included. No root is the empty tree. */
export async function* champPairs(
  load: LoadBlock,
  root: Cid | undefined,
  depth = 0,
): AsyncGenerator<ChampPair> {
  if (root !== undefined) yield* pairsBelow((cid, level) => nodeAt(load, cid, level), root, depth);
}

/** All keys whose values differ. Subtrees with equal CIDs are skipped unread. */
export async function* champDiff(
  load: LoadBlock,
  oldRoot: Cid | undefined,
  newRoot: Cid | undefined,
  depth = 0,
): AsyncGenerator<ChampChange> {
  if (oldRoot === newRoot || (newRoot !== undefined && oldRoot?.equals(newRoot))) return;
  const [oldNode, newNode] = await Promise.all([
    nodeAt(load, oldRoot, depth),
    nodeAt(load, newRoot, depth),
  ]);
  for (let position = 0; position < oldNode.length; position++) {
    const before = oldNode[position];
    const after = newNode[position];
    if (isChild(before) && isChild(after)) {
      yield* champDiff(load, before.cid, after.cid, depth + 1);
    } else {
      yield* bucketDifferences(
        await pairsOf(load, before, depth),
        await pairsOf(load, after, depth),
      );
    }
  }
}

/**
 * Puts the changes from `original` to `remote` on top of `ours`. Throws {@link ConcurrentChange} if
 * both sides changed the same key. A remote deletion becomes a null value (A-5 §5).
 */
export async function champMerge(
  load: LoadBlock,
  save: SaveBlock,
  roots: Readonly<Record<'original' | 'ours' | 'remote', Cid | undefined>>,
  options: ChampOptions = IDENTITY_KEYS,
): Promise<Cid> {
  const changedHere = new Set<string>();
  for await (const { key } of champDiff(load, roots.original, roots.ours)) {
    changedHere.add(toHex(key));
  }
  const changedThere: ChampChange[] = [];
  for await (const change of champDiff(load, roots.original, roots.remote)) {
    if (changedHere.has(toHex(change.key))) {
      throw new ConcurrentChange('A file or folder was changed in two places at once.');
    }
    changedThere.push(change);
  }
  const merged = new ChampTree(load, roots.ours, options);
  for (const { key, oldValue, newValue } of changedThere) {
    await merged.put(key, oldValue, newValue ?? null);
  }
  return merged.flush(save);
}

function* bucketDifferences(before: Bucket, after: Bucket): Generator<ChampChange> {
  const newValues = new Map(after.map(({ key, value }) => [toHex(key), value]));
  for (const { key, value } of before) {
    const newValue = newValues.get(toHex(key)) ?? undefined;
    newValues.delete(toHex(key));
    if (!sameValue(value, newValue)) yield { key, oldValue: value ?? undefined, newValue };
  }
  for (const { key, value } of after) {
    if (newValues.has(toHex(key)) && value !== null) {
      yield { key, oldValue: undefined, newValue: value };
    }
  }
}

async function pairsOf(load: LoadBlock, slot: Slot, depth: number): Promise<Bucket> {
  if (slot === undefined) return [];
  if (isBucket(slot)) return slot;
  const pairs: ChampPair[] = [];
  for await (const pair of champPairs(load, slot.cid, depth + 1)) pairs.push(pair);
  return pairs;
}

async function nodeAt(load: LoadBlock, cid: Cid | undefined, depth: number): Promise<ChampNode> {
  if (depth >= LEVELS) throw new ChampTooDeep('A champ has more levels than the format allows.');
  return cid === undefined ? emptyNode() : decodeNode(await load(cid)).node;
}
