/**
 * CBOR forms of the content hash (A-8 §11): root, branches and the whole tree.
 * A *list* here is up to 1024 concatenated SHA-256 digests.
 */
import { asBytes, asBytesOf, asList, asMap, cborMap, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { DamagedNode, reading } from './errors.ts';

/** Hashes in one list. */
export const HASHES_PER_LIST = 1024;
export const HASH_BYTES = 32;

/** What chunks 0, 1024, 2048, … carry: the lists on the way from their group to the root. */
export interface HashBranch {
  readonly root: Uint8Array;
  readonly level1?: Uint8Array | undefined;
  readonly level2?: Uint8Array | undefined;
  readonly level3?: Uint8Array | undefined;
}

export interface HashTree {
  readonly root: Uint8Array;
  readonly level1: readonly Uint8Array[];
  readonly level2: readonly Uint8Array[];
  readonly level3: readonly Uint8Array[];
}

/** Writes what a chunk carries of the content hash (A-8 §11). */
export function hashBranchToCbor(branch: HashBranch): CborMap {
  return cborMap([
    ['r', rootToCbor(branch.root)],
    ['l1', branch.level1 && hashListToCbor(branch.level1)],
    ['l2', branch.level2 && hashListToCbor(branch.level2)],
    ['l3', branch.level3 && hashListToCbor(branch.level3)],
  ]);
}

/** Parses a branch. Throws {@link DamagedNode}. */
export function hashBranchFromCbor(value: CborValue): HashBranch {
  return reading(DamagedNode, () => {
    const map = asMap(value, 'A content hash');
    const branch = {
      root: rootFromCbor(optional(map, 'r')),
      level1: optionalList(map, 'l1'),
      level2: optionalList(map, 'l2'),
      level3: optionalList(map, 'l3'),
    };
    const hasHole =
      (branch.level3 !== undefined && branch.level2 === undefined) ||
      (branch.level2 !== undefined && branch.level1 === undefined);
    if (hasHole) throw new DamagedNode('A content hash lacks a level.');
    return branch;
  });
}

/** Writes the whole content hash (A-8 §11). */
export function hashTreeToCbor(tree: HashTree): CborMap {
  return cborMap([
    ['r', rootToCbor(tree.root)],
    ['ll1', tree.level1.map(hashListToCbor)],
    ['ll2', tree.level2.map(hashListToCbor)],
    ['ll3', tree.level3.map(hashListToCbor)],
  ]);
}

/** Parses a tree. Throws {@link DamagedNode}. Whether root and lists agree is not asked here. */
export function hashTreeFromCbor(value: CborValue): HashTree {
  return reading(DamagedNode, () => {
    const map = asMap(value, 'A content hash');
    const lists = (key: string) =>
      asList(optional(map, key), 'A level of the content hash').map(hashListFromCbor);
    return {
      root: rootFromCbor(optional(map, 'r')),
      level1: lists('ll1'),
      level2: lists('ll2'),
      level3: lists('ll3'),
    };
  });
}

/** `{ "h": bytes }`, a chunk hash list. */
export function hashListToCbor(list: Uint8Array): CborMap {
  return cborMap([['h', list]]);
}

function hashListFromCbor(value: CborValue): Uint8Array {
  const list = asBytes(optional(asMap(value, 'A list of hashes'), 'h'), 'A list of hashes');
  if (list.length % HASH_BYTES !== 0 || list.length > HASHES_PER_LIST * HASH_BYTES) {
    throw new DamagedNode('A list of hashes has an impossible length.');
  }
  return list;
}

function optionalList(map: CborMap, key: string): Uint8Array | undefined {
  const value = optional(map, key);
  return value === undefined ? undefined : hashListFromCbor(value);
}

function rootToCbor(root: Uint8Array): CborMap {
  return cborMap([['h', root]]);
}

function rootFromCbor(value: CborValue | undefined): Uint8Array {
  return asBytesOf(optional(asMap(value, 'A root hash'), 'h'), HASH_BYTES, 'A root hash');
}
