/**
 * A champ in memory (A-5 §4): the part that was read is decoded and changed in place, the rest is
 * fetched when needed, and {@link ChampTree.flush} encodes every changed node once. A thousand
 * changes so cost a thousand changes, not a thousand paths of blocks nobody will ever read.
 *
 * Each operation reads what it needs first and then changes the tree in one step without waiting,
 * so operations may overlap, and one that fails changes nothing.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { Cid, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { ChampConflict, ChampTooDeep } from './errors.ts';
import { placeOf } from './keys.ts';
import type { KeyPlace } from './keys.ts';
import {
  asBucket,
  childAt,
  childOf,
  decodeNode,
  emptyNode,
  encodeNode,
  fitsBucket,
  hasKey,
  isChild,
  LEVELS,
  nodeOf,
  positionAt,
  withPair,
} from './node.ts';
import type { ChampNode, ChampPair, Child, KeyBits } from './node.ts';

/** Fetches the block of a CID; its bytes are verified. Throws if it cannot be had. */
export type LoadBlock = (cid: Cid) => Promise<Uint8Array>;
/** Keeps a block and names it. */
export type SaveBlock = (block: Uint8Array) => Cid;

export interface ChampOptions {
  /** What decides the place of a key. */
  readonly keyHash: KeyPlace;
  /** Binary CID that every new root carries; only the tree of secret links has one (A-5 §2). */
  readonly mirrorBatId?: Uint8Array;
}

export const IDENTITY_KEYS: ChampOptions = { keyHash: 'identity' };

const PARALLEL_LOADS = 16;

/** One level on the way to a key: the node, who holds it, and the position taken in it. */
interface Step {
  readonly holder: Child;
  readonly node: ChampNode;
  readonly position: number;
}

/**
 * One champ under a root. Reading fetches and verifies through `load`; nothing is saved
 * before {@link flush}.
 */
export class ChampTree {
  readonly #load: LoadBlock;
  readonly #bitsOf: (key: Uint8Array) => KeyBits;
  readonly #root: Child;
  #mirrorBatId: Uint8Array | undefined;

  /** Opens the tree under a root without reading anything; no root is the empty tree. */
  constructor(load: LoadBlock, root: Cid | undefined, options: ChampOptions = IDENTITY_KEYS) {
    this.#load = load;
    this.#bitsOf = (key) => placeOf(options.keyHash, key);
    this.#root = root === undefined ? childOf(emptyNode()) : childAt(root);
    this.#mirrorBatId = options.mirrorBatId;
  }

  /** The root's CID, unless there are changes that were not flushed. */
  get cid(): Cid | undefined {
    return this.#root.cid;
  }

  /** True when all nodes on the way to the key are in memory, so that {@link get} will load nothing. */
  hasPath(key: Uint8Array): boolean {
    return this.#walk(this.#bitsOf(key)).missing === undefined;
  }

  /** The value of a key. `load` may stand in for the tree's own for this call. */
  async get(key: Uint8Array, load = this.#load): Promise<CborValue | undefined> {
    return await this.#path(key, load, (steps) => presentValue(pairAt(steps, key)));
  }

  /**
   * Sets the value of a key. If the key exists, its value must equal `expected` (undefined:
   * absent), else {@link ChampConflict}; for a key that does not exist `expected` is not looked at.
   */
  async put(key: Uint8Array, expected: CborValue | undefined, value: CborValue): Promise<void> {
    await this.#path(key, this.#load, (steps) => {
      const current = pairAt(steps, key);
      if (current !== undefined) checkExpected(presentValue(current), expected);
      const { node, position } = steps.at(-1)!;
      const pairs = withPair((node[position] ?? []) as ChampPair[], { key, value });
      node[position] = fitsBucket(pairs)
        ? pairs
        : childOf(nodeOf(pairs, steps.length, this.#bitsOf));
      markChanged(steps);
    });
  }

  /**
   * Removes a key whose value must equal `expected`, else {@link ChampConflict}. Where the key's
   * position is not taken at all, nothing happens (A-5 §4).
   */
  async remove(key: Uint8Array, expected: CborValue | undefined): Promise<void> {
    await this.#path(key, this.#load, (steps) => {
      const { node, position } = steps.at(-1)!;
      if (node[position] === undefined) return;
      const current = pairAt(steps, key);
      if (current === undefined) throw new ChampConflict('The entry to remove is not there.');
      checkExpected(presentValue(current), expected);
      removeAt(steps, key);
    });
  }

  /** Removes all these keys, whatever their values; absent ones are ignored. */
  async removeMany(keys: readonly Uint8Array[]): Promise<void> {
    for (let i = 0; i < keys.length; i += PARALLEL_LOADS) {
      const some = keys.slice(i, i + PARALLEL_LOADS);
      // All is read before anything is removed: a block that cannot be had leaves the tree as it was.
      await Promise.all(some.map((key) => this.#path(key, this.#load, () => undefined)));
    }
    for (const key of keys) {
      await this.#path(key, this.#load, (steps) => {
        if (pairAt(steps, key) !== undefined) removeAt(steps, key);
      });
    }
  }

  /** Encodes what changed, children first, and returns the root. Nodes stay in memory. */
  flush(save: SaveBlock): Cid {
    return flushChild(this.#root, save, this.#mirrorBatId);
  }

  /** Walks to a key, loading what is missing, then runs `act` on the path in the same step. */
  async #path<T>(key: Uint8Array, load: LoadBlock, act: (steps: Step[]) => T): Promise<T> {
    const bits = this.#bitsOf(key);
    for (;;) {
      const { steps, missing } = this.#walk(bits);
      if (missing === undefined) return act(steps);
      await this.#fill(missing, load);
    }
  }

  #walk(bits: KeyBits): { steps: Step[]; missing?: Child } {
    const steps: Step[] = [];
    let holder = this.#root;
    for (let depth = 0; depth < LEVELS; depth++) {
      const node = holder.node;
      if (node === undefined) return { steps, missing: holder };
      const position = positionAt(bits, depth);
      steps.push({ holder, node, position });
      const slot = node[position];
      if (!isChild(slot)) return { steps };
      holder = slot;
    }
    throw new ChampTooDeep('A champ has more levels than the format allows.');
  }

  async #fill(child: Child, load: LoadBlock): Promise<void> {
    if (load === this.#load) {
      child.loading ??= this.#nodeOf(child, load).finally(() => (child.loading = undefined));
    }
    const node = await (child.loading ?? this.#nodeOf(child, load));
    // Another loader may have been faster, and its node changed since.
    child.node ??= node;
  }

  async #nodeOf(child: Child, load: LoadBlock): Promise<ChampNode> {
    const { node, mirrorBatId } = decodeNode(await load(child.cid!));
    if (child === this.#root) this.#mirrorBatId ??= mirrorBatId;
    return node;
  }
}

function pairAt(steps: readonly Step[], key: Uint8Array): ChampPair | undefined {
  const { node, position } = steps.at(-1)!;
  return ((node[position] ?? []) as readonly ChampPair[]).find((pair) => hasKey(pair, key));
}

function removeAt(steps: readonly Step[], key: Uint8Array): void {
  const { node, position } = steps.at(-1)!;
  const left = (node[position] as readonly ChampPair[]).filter((pair) => !hasKey(pair, key));
  node[position] = left.length === 0 ? undefined : left;
  markChanged(steps);
  // Undo the splits that the pair had made necessary (A-5 §3).
  for (let level = steps.length - 1; level > 0; level--) {
    const bucket = asBucket(steps[level]!.node);
    if (bucket === undefined) return;
    const parent = steps[level - 1]!;
    parent.node[parent.position] = bucket.length === 0 ? undefined : bucket;
  }
}

function markChanged(steps: readonly Step[]): void {
  for (const { holder } of steps) holder.cid = undefined;
}

function flushChild(child: Child, save: SaveBlock, mirrorBatId?: Uint8Array): Cid {
  if (child.cid !== undefined) return child.cid;
  const node = child.node!;
  for (const slot of node) if (isChild(slot)) flushChild(slot, save);
  child.cid = save(encodeNode(node, mirrorBatId));
  return child.cid;
}

function presentValue(pair: ChampPair | undefined): CborValue | undefined {
  return pair?.value ?? undefined;
}

function checkExpected(current: CborValue | undefined, expected: CborValue | undefined): void {
  if (!sameValue(current, expected)) {
    throw new ChampConflict('The entry has another value than expected.');
  }
}

/** Equal values; absent and null are the same. */
export function sameValue(a: CborValue | undefined, b: CborValue | undefined): boolean {
  const left = a ?? undefined;
  const right = b ?? undefined;
  if (left === undefined || right === undefined) return left === right;
  if (left instanceof Cid && right instanceof Cid) return left.equals(right);
  return equalBytes(encodeCbor(left), encodeCbor(right));
}
