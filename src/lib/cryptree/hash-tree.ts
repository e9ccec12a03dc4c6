/**
 * The content hash of a file (A-8 §11): a SHA-256 tree over its plaintext chunks.
 *
 * A hint for change detection and for skipping identical uploads, never an integrity check. What is
 * read from chunks is therefore believed only if all of it agrees and gives the root; otherwise the
 * hash counts as absent.
 */
import { concat, equalBytes } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import { HASH_BYTES, HASHES_PER_LIST, hashListToCbor } from './hash-branch.ts';
import type { HashBranch, HashTree } from './hash-branch.ts';

/** Chunks between two that carry a branch. */
export const CHUNKS_PER_BRANCH = HASHES_PER_LIST;

/** The tree over the SHA-256 of each chunk's exact bytes, in order; at least one. */
export function hashTreeOf(chunkHashes: readonly Uint8Array[]): HashTree {
  if (chunkHashes.length === 0) throw new Error('a file has at least one chunk');
  return treeOver(listsOf(chunkHashes));
}

/** What the properties of chunk `chunk` (0, 1024, 2048, …) carry. */
export function branchFor(tree: HashTree, chunk: number): HashBranch {
  const first = Math.floor(chunk / HASHES_PER_LIST);
  const second = Math.floor(first / HASHES_PER_LIST);
  const third = Math.floor(second / HASHES_PER_LIST);
  return {
    root: tree.root,
    level1: tree.level1[first],
    level2: tree.level2[second],
    level3: tree.level3[third],
  };
}

/**
 * The tree from the branches of chunks 0, 1024, 2048, … in order, or undefined if they do not
 * belong together.
 */
export function hashTreeFromBranches(branches: readonly HashBranch[]): HashTree | undefined {
  const [first] = branches;
  if (first === undefined) return undefined;
  const level1: Uint8Array[] = [];
  for (const branch of branches) {
    if (branch.level1 === undefined || !equalBytes(branch.root, first.root)) return undefined;
    level1.push(branch.level1);
  }
  const isFull = (list: Uint8Array) => list.length === HASHES_PER_LIST * HASH_BYTES;
  if (!level1.slice(0, -1).every(isFull)) return undefined;
  const tree = treeOver(level1);
  return equalBytes(tree.root, first.root) ? tree : undefined;
}

/** The digest of each chunk, in order. */
export function chunkHashesOf(tree: HashTree): Uint8Array[] {
  return tree.level1.flatMap((list) => {
    const hashes: Uint8Array[] = [];
    for (let i = 0; i < list.length; i += HASH_BYTES) hashes.push(list.subarray(i, i + HASH_BYTES));
    return hashes;
  });
}

function treeOver(level1: Uint8Array[]): HashTree {
  const level2 = above(level1);
  const level3 = above(level2);
  const level4 = above(level3);
  const top = [level4, level3, level2, level1].find((level) => level.length > 0) ?? [];
  if (top.length > 1) throw new Error('no file has that many chunks');
  const root = sha256Now(encodeCbor(top.map(hashListToCbor)));
  return { root, level1, level2, level3 };
}

/** The lists over the hashes of `lists`; none when there is nothing to join. */
function above(lists: readonly Uint8Array[]): Uint8Array[] {
  if (lists.length < 2) return [];
  return listsOf(lists.map((list) => sha256Now(encodeCbor(hashListToCbor(list)))));
}

function listsOf(hashes: readonly Uint8Array[]): Uint8Array[] {
  const lists: Uint8Array[] = [];
  for (let i = 0; i < hashes.length; i += HASHES_PER_LIST) {
    lists.push(concat(...hashes.slice(i, i + HASHES_PER_LIST)));
  }
  return lists;
}
