/**
 * Champs as a storage node reads them: what other clients wrote is walked by its shape alone, and a
 * block may be absent (A-5 §1, §2). The path to a key answers look-ups, all pairs give ownership.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { decodeCbor } from '#lib/codec/index.ts';
import type { Cid, CborValue } from '#lib/codec/index.ts';
import { ChampTooDeep, MalformedChamp } from './errors.ts';
import { isChild, LEVELS, positionAt, readNode } from './node.ts';
import type { ChampNode, ChampPair, KeyBits } from './node.ts';
import { pairsBelow } from './walk.ts';

/** Eight buckets of four pairs, and what published directories put into a value. */
const NODE_MAX_VALUES = 8192;

/** A block that is stored, or undefined. */
export type LoadStored = (cid: Cid) => Promise<Uint8Array | undefined>;

/** How much may be read on the way to an answer, whatever the blocks say. */
export interface ReadLimits {
  readonly blocks: number;
  readonly bytes: number;
}

/** Reads no further than this; throws {@link MalformedChamp}. */
export function loadWithin(load: LoadStored, { blocks, bytes }: ReadLimits): LoadStored {
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

function tooMuch(): MalformedChamp {
  return new MalformedChamp('More would have to be read here than may be.');
}

/**
 * Gives each node's CID on the way to `key` to `visit`; returns the value, or undefined if absent.
 * `bits` is the key's hash in trees whose keys are not their own (A-5 §6).
 */
export async function walkToKey(
  root: Cid,
  key: Uint8Array,
  load: LoadStored,
  visit: (cid: Cid, block: Uint8Array) => void,
  bits = key,
): Promise<CborValue | undefined> {
  return walk({ key, bits: bits as KeyBits, load, visit }, root, 0);
}

/** {@link walkToKey} from a root that is embedded in another value. */
export async function lookUpInNode(
  node: CborValue,
  key: Uint8Array,
  load: LoadStored,
  bits = key,
): Promise<CborValue | undefined> {
  const { value, child } = step(readNode(node), key, bits as KeyBits, 0);
  const visit = () => undefined;
  return child === undefined ? value : walk({ key, bits: bits as KeyBits, load, visit }, child, 1);
}

interface Walk {
  readonly key: Uint8Array;
  readonly bits: KeyBits;
  readonly load: LoadStored;
  readonly visit: (cid: Cid, block: Uint8Array) => void;
}

async function walk(
  { key, bits, load, visit }: Walk,
  from: Cid,
  fromLevel: number,
): Promise<CborValue | undefined> {
  let cid = from;
  for (let level = fromLevel; level < LEVELS; level++) {
    const block = await load(cid);
    if (block === undefined) return undefined;
    visit(cid, block);
    const { value, child } = step(storedNode(block), key, bits, level);
    if (child === undefined) return value;
    cid = child;
  }
  throw tooDeep();
}

/** What one node says: the value, or the child to go on with, or neither. */
function step(
  node: ChampNode,
  key: Uint8Array,
  bits: KeyBits,
  level: number,
): { value?: CborValue | undefined; child?: Cid | undefined } {
  const slot = node[positionAt(bits, level)];
  if (isChild(slot)) return { child: slot.cid };
  const pair = slot?.find((each) => equalBytes(each.key, key));
  return { value: pair?.value ?? undefined };
}

/** All pairs whose value is not null. A node that is not stored is an error here. */
export async function* storedPairs(load: LoadStored, root: Cid): AsyncGenerator<ChampPair> {
  const read = async (cid: Cid, level: number): Promise<ChampNode> => {
    if (level >= LEVELS) throw tooDeep();
    const block = await load(cid);
    if (block === undefined) throw new MalformedChamp('A node of a champ is not stored.');
    return storedNode(block);
  };
  for await (const pair of pairsBelow(read, root)) if (pair.value !== null) yield pair;
}

function storedNode(block: Uint8Array): ChampNode {
  return readNode(decodeCbor(block, NODE_MAX_VALUES));
}

function tooDeep(): ChampTooDeep {
  return new ChampTooDeep('A champ is deeper than it may be.');
}
