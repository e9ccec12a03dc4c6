/**
 * Reading champs as a node must: the path to a key for look-ups, and all entries for ownership
 * (A-5 §1, §2). Changing a champ is the client's work and lives floors above.
 */
import { asBytes, asList, decodeCbor, MalformedCbor } from '#lib/codec/index.ts';
import { Cid } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { LoadBlock } from './local/context.ts';

const BITS_PER_LEVEL = 3;
const MAX_LEVELS = 32;
const POSITIONS = 8;
/** Eight buckets of four pairs, and what published directories put into a value. */
const NODE_MAX_VALUES = 8192;

/** How much may be read on the way to an answer, whatever the blocks say. */
export interface ReadLimits {
  readonly blocks: number;
  readonly bytes: number;
}

/** What an identity's public state leads strangers to: links, and published files (A-6 §8). */
export const PUBLIC_READS: ReadLimits = { blocks: 1024, bytes: 4 * 1024 * 1024 };

/** Reads no further than this; throws `MalformedCbor`. */
export function loadWithin(load: LoadBlock, { blocks, bytes }: ReadLimits): LoadBlock {
  let blocksLeft = blocks;
  let bytesLeft = bytes;
  return async (cid) => {
    if (--blocksLeft < 0) throw tooMuch();
    const block = await load(cid);
    bytesLeft -= block?.length ?? 0;
    if (bytesLeft < 0) throw tooMuch();
    return block;
  };
}

function tooMuch(): MalformedCbor {
  return new MalformedCbor('More would have to be read here than may be.');
}

interface ChampNode {
  readonly dataMap: number;
  readonly nodeMap: number;
  readonly contents: readonly CborValue[];
}

/**
 * Gives each node's CID on the way to `key` to `visit`; returns the value, or undefined if absent.
 * `hash` is the key's hash in trees whose keys are not their own (A-5 §6).
 */
export async function walkToKey(
  root: Cid,
  key: Uint8Array,
  load: LoadBlock,
  visit: (cid: Cid, block: Uint8Array) => void,
  hash = key,
): Promise<CborValue | undefined> {
  return walk({ key, hash, load, visit }, root, 0);
}

/** {@link walkToKey} from a root that is embedded in another value. */
export async function lookUpInNode(
  node: CborValue,
  key: Uint8Array,
  load: LoadBlock,
  hash = key,
): Promise<CborValue | undefined> {
  const { value, child } = step(node, key, hash, 0);
  const visit = () => undefined;
  return child === undefined ? value : walk({ key, hash, load, visit }, child, 1);
}

interface Walk {
  readonly key: Uint8Array;
  readonly hash: Uint8Array;
  readonly load: LoadBlock;
  readonly visit: (cid: Cid, block: Uint8Array) => void;
}

async function walk(
  { key, hash, load, visit }: Walk,
  from: Cid,
  fromLevel: number,
): Promise<CborValue | undefined> {
  let cid = from;
  for (let level = fromLevel; level < MAX_LEVELS; level++) {
    const block = await load(cid);
    if (block === undefined) return undefined;
    visit(cid, block);
    const { value, child } = step(decodeCbor(block, NODE_MAX_VALUES), key, hash, level);
    if (child === undefined) return value;
    cid = child;
  }
  throw new MalformedCbor('A champ is deeper than it may be.');
}

/** What one node says: the value, or the child to go on with, or neither. */
function step(
  node: CborValue,
  key: Uint8Array,
  hash: Uint8Array,
  level: number,
): { value?: CborValue | undefined; child?: Cid | undefined } {
  const parsed = parseChampNode(node);
  const position = positionOf(hash, level);
  const bucket = bucketAt(parsed, position);
  return bucket === undefined
    ? { child: childAt(parsed, position) }
    : { value: bucketValue(bucket, key) };
}

/** All pairs whose value is not null. A node that is not stored is an error here. */
export async function* champEntries(
  root: Cid,
  load: LoadBlock,
  level = 0,
): AsyncGenerator<readonly [Uint8Array, CborValue]> {
  if (level >= MAX_LEVELS) throw new MalformedCbor('A champ is deeper than it may be.');
  const block = await load(root);
  if (block === undefined) throw new MalformedCbor('A node of a champ is not stored.');
  const node = parseChampNode(decodeCbor(block, NODE_MAX_VALUES));
  for (let position = 0; position < POSITIONS; position++) {
    const bucket = bucketAt(node, position) ?? [];
    for (let i = 0; i + 1 < bucket.length; i += 2) {
      const value = bucket[i + 1];
      if (value !== null && value !== undefined) yield [asBytes(bucket[i], 'A champ key'), value];
    }
    const child = childAt(node, position);
    if (child !== undefined) yield* champEntries(child, load, level + 1);
  }
}

function parseChampNode(value: CborValue): ChampNode {
  const inner = value instanceof Map ? (value as ReadonlyMap<string, CborValue>).get('d') : value;
  const [dataMap, nodeMap, contents] = asList(inner, 'A champ node');
  const node = {
    dataMap: bitSet(asBytes(dataMap, 'The data map of a champ node')),
    nodeMap: bitSet(asBytes(nodeMap, 'The node map of a champ node')),
    contents: asList(contents, 'The contents of a champ node'),
  };
  const expected = popcount(node.dataMap) + popcount(node.nodeMap);
  if ((node.dataMap & node.nodeMap) !== 0 || node.contents.length !== expected) {
    throw new MalformedCbor('A champ node contradicts itself.');
  }
  return node;
}

function bitSet(bytes: Uint8Array): number {
  if (bytes.length > 1) throw new MalformedCbor('A map of a champ node is too long.');
  return bytes[0] ?? 0;
}

function bucketAt(node: ChampNode, position: number): readonly CborValue[] | undefined {
  if ((node.dataMap & (1 << position)) === 0) return undefined;
  const bucket = asList(node.contents[popcountBelow(node.dataMap, position)], 'A champ bucket');
  if (bucket.length % 2 !== 0) throw new MalformedCbor('A champ bucket has half a pair.');
  return bucket;
}

/** Children follow the buckets in descending order of position. */
function childAt(node: ChampNode, position: number): Cid | undefined {
  if ((node.nodeMap & (1 << position)) === 0) return undefined;
  const child = node.contents[node.contents.length - 1 - popcountBelow(node.nodeMap, position)];
  if (child instanceof Cid) return child;
  throw new MalformedCbor('A child of a champ node is not a link.');
}

function bucketValue(bucket: readonly CborValue[], key: Uint8Array): CborValue | undefined {
  for (let i = 0; i + 1 < bucket.length; i += 2) {
    const candidate = asBytes(bucket[i], 'A champ key');
    if (candidate.length === key.length && candidate.every((byte, j) => byte === key[j])) {
      return bucket[i + 1] ?? undefined;
    }
  }
  return undefined;
}

/** Bits 3·level … of the key, least significant bit of byte 0 first; beyond the end they are 0. */
function positionOf(key: Uint8Array, level: number): number {
  let position = 0;
  for (let j = 0; j < BITS_PER_LEVEL; j++) {
    const bit = level * BITS_PER_LEVEL + j;
    position |= (((key[bit >> 3] ?? 0) >> (bit & 7)) & 1) << j;
  }
  return position;
}

function popcountBelow(map: number, position: number): number {
  return popcount(map & ((1 << position) - 1));
}

function popcount(map: number): number {
  let count = 0;
  for (let rest = map; rest !== 0; rest &= rest - 1) count++;
  return count;
}
