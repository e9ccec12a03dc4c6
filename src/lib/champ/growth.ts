/**
 * The walk of a mirror: what a newer root adds to an older one of a tree whose entries are added and
 * changed and never removed, as in the tree of all user names (B-2 §8, §9). Subtrees that both share
 * are never read. With a parallelism of one, blocks come strictly depth first and by position, so
 * that the sender of a stream of blocks and its reader take the same walk.
 *
 * Loaders verify blocks by their hash; what is in them is hostile. Every node must be in canonical
 * form and every key at its place (A-5 §1, §3), so that a key stands in a tree only once.
 */
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { ChampShrunk, ChampTooDeep, MalformedChamp } from './errors.ts';
import { placeOf } from './keys.ts';
import type { KeyPlace } from './keys.ts';
import { asBucket, decodeNode, hasKey, isChild, LEVELS, nodeOf, positionAt } from './node.ts';
import type { Bucket, ChampNode, Slot } from './node.ts';
import { runStack } from './stack.ts';
import type { Task } from './stack.ts';
import { sameValue } from './tree.ts';
import type { LoadBlock } from './tree.ts';

/** An entry that the newer tree has and the older one has not, or with another value. */
export interface GrownEntry {
  readonly key: Uint8Array;
  /** Absent: the key is new. */
  readonly oldValue: CborValue | undefined;
  readonly newValue: CborValue;
}

export interface Growth {
  readonly keyHash: KeyPlace;
  /** Tasks at a time: blocks that are waited for, and entries being judged. */
  readonly parallel: number;
  /** Verified nodes of the older tree. */
  readonly loadOld: LoadBlock;
  /** Verified nodes of the newer tree, and where they stand in it. */
  readonly loadNew: (cid: Cid, path: ChampPath) => Promise<Uint8Array>;
  /** Called with each node of the newer tree that is not at this place in the older one. */
  readonly added: (cid: Cid, block: Uint8Array) => Promise<void>;
  /** Called with each node of the older tree that is not at this place in the newer one. */
  readonly replaced: (cid: Cid) => void;
  /** Judges an entry; what it throws ends the walk. */
  readonly entry: (entry: GrownEntry, path: ChampPath) => Promise<void>;
  /** Where to go on: what stands before it is passed over, and so are the nodes on the way there. */
  readonly start?: ChampPath;
  readonly signal?: AbortSignal | undefined;
}

/** The positions that lead from the root to a node, or to a bucket. */
export type ChampPath = readonly number[];

/**
 * Follows the growth from `oldRoot` (absent: the empty tree) to `newRoot`. Throws
 * {@link ChampShrunk}, {@link MalformedChamp}, {@link ChampTooDeep}, and what the loaders and
 * `entry` throw; no call is under way any more then.
 */
export async function followGrowth(
  oldRoot: Cid | undefined,
  newRoot: Cid,
  growth: Growth,
): Promise<void> {
  if (oldRoot?.equals(newRoot) === true) return;
  const first: NodePair = { old: oldRoot ?? [], cid: newRoot, path: [] };
  await runStack(() => followNode(first, growth), growth.parallel, growth.signal);
}

/** A node of the newer tree, and what the older tree has in its place. */
interface NodePair {
  /** A node, or the pairs that did not need one. */
  readonly old: Cid | Bucket;
  readonly cid: Cid;
  readonly path: ChampPath;
}

async function followNode({ old, cid, path }: NodePair, growth: Growth): Promise<Task[]> {
  if (path.length >= LEVELS) throw new ChampTooDeep('A champ has more levels than it may have.');
  const before = await oldNode(old, path.length, growth);
  const block = await growth.loadNew(cid, path);
  const node = newNode(block, path.length);
  const first = firstPosition(path, growth.start);
  if (first === undefined) await growth.added(cid, block);
  return node.flatMap((after, position) =>
    position < (first ?? 0) ? [] : followSlot(before[position], after, [...path, position], growth),
  );
}

/** The position at which a node on the way to the start goes on; undefined for any other node. */
function firstPosition(path: ChampPath, start: ChampPath = []): number | undefined {
  const isOnTheWay = path.length < start.length && path.every((it, level) => it === start[level]);
  return isOnTheWay ? start[path.length] : undefined;
}

async function oldNode(
  old: Cid | Bucket,
  depth: number,
  { keyHash, loadOld, replaced }: Growth,
): Promise<ChampNode> {
  if (isPairs(old)) return nodeOf(old, depth, (key) => placeOf(keyHash, key));
  replaced(old);
  return decodeNode(await loadOld(old)).node;
}

/** Every tree but that of secret links is without a BAT; below the root only what needs a node is one. */
function newNode(block: Uint8Array, depth: number): ChampNode {
  const { node, mirrorBatId } = decodeNode(block);
  if (mirrorBatId !== undefined) throw new MalformedChamp('A public champ carries a BAT.');
  if (depth > 0 && asBucket(node) !== undefined) {
    throw new MalformedChamp('A champ has a node for pairs that need none.');
  }
  return node;
}

function followSlot(before: Slot, after: Slot, path: ChampPath, growth: Growth): Task[] {
  if (isChild(after)) {
    const cid = after.cid!;
    if (!isChild(before)) return [() => followNode({ old: before ?? [], cid, path }, growth)];
    const old = before.cid!;
    return old.equals(cid) ? [] : [() => followNode({ old, cid, path }, growth)];
  }
  // A node holds at least five pairs, more than are here now.
  if (isChild(before)) throw new ChampShrunk(undefined);
  return followBucket(before ?? [], after ?? [], path, growth);
}

function followBucket(
  before: Bucket,
  after: Bucket,
  path: ChampPath,
  { keyHash, entry }: Growth,
): Task[] {
  const gone = before.find(({ key }) => !after.some((pair) => hasKey(pair, key)));
  if (gone !== undefined) throw new ChampShrunk(gone.key);
  return after.flatMap(({ key, value: newValue }) => {
    const oldValue = before.find((pair) => hasKey(pair, key))?.value;
    if (oldValue !== undefined && sameValue(oldValue, newValue)) return [];
    if (newValue === null) throw new ChampShrunk(key);
    requirePlace(keyHash, key, path);
    return [() => entry({ key, oldValue, newValue }, path).then(() => [])];
  });
}

function requirePlace(keyHash: KeyPlace, key: Uint8Array, path: ChampPath): void {
  const bits = placeOf(keyHash, key);
  if (path.every((position, level) => positionAt(bits, level) === position)) return;
  throw new MalformedChamp('A key of a champ stands where it does not belong.');
}

function isPairs(old: Cid | Bucket): old is Bucket {
  return Array.isArray(old);
}
