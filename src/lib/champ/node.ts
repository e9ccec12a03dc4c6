/**
 * One champ node and its block (A-5 §1, §2, §3).
 *
 * A node has eight positions; each holds nothing, a bucket of 1 to 4 pairs, or a child. Decoded
 * nodes are changed in place by the tree; a child whose `cid` is undefined was changed since it was
 * last encoded. The shape is a pure function of the pairs: {@link nodeOf} is that function.
 *
 * Blocks come from nodes of other people: whatever does not have the shape is refused as
 * {@link MalformedChamp}.
 */
import { compareShortestFirst, PyrgosError } from '#lib/bytes/index.ts';
import type { Brand } from '#lib/bytes/index.ts';
import { Cid, cborMap, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { ChampTooDeep, MalformedChamp } from './errors.ts';

/** `[empty, empty, []]` */
export const EMPTY_CHAMP_BLOCK: Uint8Array = Uint8Array.of(0x83, 0x40, 0x40, 0x80);
export const EMPTY_CHAMP_CID: Cid = Cid.parse('zdpuAy36qRsvJq5Rdqt8YMMjrDfnAw2ETyVqakwaMXupLqR7X');

/** A null value means "no value": the trace of a merged deletion (A-5 §5). */
export interface ChampPair {
  readonly key: Uint8Array;
  readonly value: CborValue;
}

/** Sorted by key: shorter first, then unsigned bytewise. */
export type Bucket = readonly ChampPair[];

/** At least one of `cid` and `node` is there. */
export interface Child {
  cid: Cid | undefined;
  node: ChampNode | undefined;
  /** Set while the tree's own loader fetches the block, so that it is asked for once. */
  loading: Promise<ChampNode> | undefined;
}

export type Slot = Bucket | Child | undefined;

/** Eight slots, by position. */
export type ChampNode = Brand<Slot[], 'ChampNode'>;

/** The bits of a key that decide its place. */
export type KeyBits = Brand<Uint8Array, 'KeyBits'>;

const BITS_PER_LEVEL = 3;
const POSITIONS = 1 << BITS_PER_LEVEL;
const BUCKET_MAX_PAIRS = 4;
/** Depths 0 to 31. */
export const LEVELS = 32;

export function isBucket(slot: Slot): slot is Bucket {
  return Array.isArray(slot);
}

export function isChild(slot: Slot): slot is Child {
  return slot !== undefined && !Array.isArray(slot);
}

/** A child that lies in a block not read yet. */
export function childAt(cid: Cid): Child {
  return { cid, node: undefined, loading: undefined };
}

/** A child made here and not encoded yet. */
export function childOf(node: ChampNode): Child {
  return { cid: undefined, node, loading: undefined };
}

export function emptyNode(): ChampNode {
  return new Array<Slot>(POSITIONS).fill(undefined) as ChampNode;
}

/** Three bits of the key at this level, least significant first; bits past its end are 0 (A-5 §1). */
export function positionAt(bits: KeyBits, depth: number): number {
  const first = BITS_PER_LEVEL * depth;
  const byte = first >> 3;
  const word = (bits[byte] ?? 0) | ((bits[byte + 1] ?? 0) << 8);
  return (word >> (first & 7)) & (POSITIONS - 1);
}

/** The node of canonical shape for these pairs at this level. Throws {@link ChampTooDeep}. */
export function nodeOf(
  pairs: readonly ChampPair[],
  depth: number,
  bitsOf: (key: Uint8Array) => KeyBits,
): ChampNode {
  if (depth >= LEVELS) throw new ChampTooDeep('Too many keys begin with the same bits.');
  const groups = Array.from({ length: POSITIONS }, (): ChampPair[] => []);
  for (const pair of pairs) groups[positionAt(bitsOf(pair.key), depth)]!.push(pair);
  const node = emptyNode();
  groups.forEach((group, position) => {
    if (group.length > BUCKET_MAX_PAIRS) {
      node[position] = childOf(nodeOf(group, depth + 1, bitsOf));
    } else if (group.length > 0) {
      node[position] = sorted(group);
    }
  });
  return node;
}

/** The bucket with the pair added or put in place of the one with its key; more than 4 pairs are possible. */
export function withPair(bucket: Bucket, pair: ChampPair): ChampPair[] {
  return sorted([...bucket.filter((each) => !hasKey(each, pair.key)), pair]);
}

export function fitsBucket(pairs: readonly ChampPair[]): boolean {
  return pairs.length <= BUCKET_MAX_PAIRS;
}

/** All pairs of a node that has no children and few enough pairs to be a bucket; undefined for any other. */
export function asBucket(node: ChampNode): Bucket | undefined {
  const pairs: ChampPair[] = [];
  for (const slot of node) {
    if (isChild(slot)) return undefined;
    if (slot !== undefined) pairs.push(...slot);
    if (!fitsBucket(pairs)) return undefined;
  }
  return sorted(pairs);
}

export function hasKey(pair: ChampPair, key: Uint8Array): boolean {
  return compareShortestFirst(pair.key, key) === 0;
}

/** The block of a node whose children are all encoded. Only a root may carry a mirror BAT id. */
export function encodeNode(node: ChampNode, mirrorBatId: Uint8Array | undefined): Uint8Array {
  let dataMap = 0;
  let nodeMap = 0;
  const buckets: CborValue[] = [];
  const children: Cid[] = [];
  node.forEach((slot, position) => {
    if (isChild(slot)) {
      nodeMap |= 1 << position;
      children.push(encodedCid(slot));
    } else if (slot !== undefined) {
      dataMap |= 1 << position;
      buckets.push(slot.flatMap(({ key, value }) => [key, value]));
    }
  });
  const list: CborValue = [bitSet(dataMap), bitSet(nodeMap), [...buckets, ...children.reverse()]];
  if (mirrorBatId === undefined) return encodeCbor(list);
  return encodeCbor(
    cborMap([
      ['d', list],
      ['bats', [mirrorBatId]],
    ]),
  );
}

/** Reads a block in canonical form. Throws {@link MalformedChamp}. */
export function decodeNode(block: Uint8Array): { node: ChampNode; mirrorBatId?: Uint8Array } {
  const value = decodedBlock(block);
  const node = readNode(value);
  requireCanonical(node);
  const bats = value instanceof Map ? (value as CborMap).get('bats') : undefined;
  const mirrorBatId: CborValue | undefined = Array.isArray(bats) ? bats[0] : undefined;
  return mirrorBatId instanceof Uint8Array ? { node, mirrorBatId } : { node };
}

/**
 * The shape of a node, in both forms a root may have (A-5 §2). Sizes and order of buckets are not
 * looked at: a storage node serves what other clients wrote. Throws {@link MalformedChamp}.
 */
export function readNode(value: CborValue | undefined): ChampNode {
  const list = value instanceof Map ? (value as CborMap).get('d') : value;
  const [dataMap, nodeMap, contents] = listOf(list);
  const data = readBitSet(dataMap);
  const nodes = readBitSet(nodeMap);
  const items = listOf(contents);
  if ((data & nodes) !== 0) throw new MalformedChamp('A position of a champ node is taken twice.');
  const node = emptyNode();
  let first = 0;
  let last = items.length;
  for (let position = 0; position < POSITIONS; position++) {
    if (data & (1 << position)) node[position] = bucketOf(items[first++]);
    else if (nodes & (1 << position)) node[position] = childAt(linkOf(items[--last]));
  }
  if (first !== last) throw new MalformedChamp('A champ node has another size than it says.');
  return node;
}

function bucketOf(value: CborValue | undefined): Bucket {
  const items = listOf(value);
  if (items.length % 2 !== 0) throw new MalformedChamp('A bucket of a champ has half a pair.');
  const pairs: ChampPair[] = [];
  for (let i = 0; i < items.length; i += 2) {
    const key = items[i];
    if (!(key instanceof Uint8Array)) throw new MalformedChamp('A key in a champ is not bytes.');
    pairs.push({ key, value: items[i + 1] as CborValue });
  }
  return pairs;
}

/** What canonical form adds to the shape (A-5 §3). */
function requireCanonical(node: ChampNode): void {
  for (const slot of node) {
    if (!isBucket(slot)) continue;
    if (slot.length === 0 || !fitsBucket(slot)) {
      throw new MalformedChamp('A bucket of a champ node has a wrong number of elements.');
    }
    for (const [i, { key }] of slot.entries()) {
      const previous = slot[i - 1];
      if (previous !== undefined && compareShortestFirst(previous.key, key) >= 0) {
        throw new MalformedChamp('The keys of a bucket are not in order.');
      }
    }
  }
}

function decodedBlock(block: Uint8Array): CborValue {
  try {
    return decodeBlock(block);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new MalformedChamp(error.message, { cause: error });
  }
}

function listOf(value: CborValue | undefined): readonly CborValue[] {
  if (Array.isArray(value)) return value as readonly CborValue[];
  throw new MalformedChamp('A champ node is not built of lists.');
}

function linkOf(value: CborValue | undefined): Cid {
  if (value instanceof Cid) return value;
  throw new MalformedChamp('A child of a champ node is not a link.');
}

function encodedCid(child: Child): Cid {
  if (child.cid !== undefined) return child.cid;
  throw new Error('a champ node was encoded before its children');
}

/** Little-endian without trailing zero bytes: at most one byte for eight positions. */
function bitSet(bits: number): Uint8Array {
  return bits === 0 ? new Uint8Array(0) : Uint8Array.of(bits);
}

function readBitSet(value: CborValue | undefined): number {
  if (value instanceof Uint8Array && value.length <= 1) return value[0] ?? 0;
  throw new MalformedChamp('A champ node has no valid bit set.');
}

function sorted(pairs: ChampPair[]): ChampPair[] {
  return pairs.sort((a, b) => compareShortestFirst(a.key, b.key));
}
