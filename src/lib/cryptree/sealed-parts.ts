/** The encrypted parts of a node and the map around them (A-8 §3), for everything that writes nodes. */
import type { Random } from '#lib/bytes/index.ts';
import { cborMap } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { sealCbor, signerLink } from '#lib/crypto/index.ts';
import type { BatId, Signer, SymmetricKey } from '#lib/crypto/index.ts';
import type { Capability, ChunkLocation } from './capability.ts';
import { ReadOnlyCapability } from './errors.ts';
import { propertiesToCbor } from './properties.ts';
import type { FileProperties } from './properties.ts';
import { nextChunkCapability, relativeToCbor } from './relative.ts';
import type { RelativeCapability } from './relative.ts';

export interface NewNode {
  /** Place and keys of this chunk. The write key is needed for a signer link only. */
  readonly capability: Capability;
  readonly next: ChunkLocation;
  readonly parent: RelativeCapability | undefined;
  readonly properties: FileProperties;
  /** Only on the first chunk of a node whose writer differs from its parent's (A-8 §3). */
  readonly signer?: Signer | undefined;
  readonly mirrorBatId?: BatId | undefined;
}

const VERSION = 1;
const BASE_BLOCK_PAD_BYTES = 64;
const PARENT_BLOCK_PAD_BYTES = 16;

export function nodeMap(
  base: CborValue,
  parent: CborValue,
  bats: CborValue | undefined,
  data: CborMap,
): CborMap {
  return cborMap([
    ['v', VERSION],
    ['bats', bats],
    ['b', base],
    ['p', parent],
    ['d', data],
  ]);
}

export function baseBlock(node: NewNode, key: SymmetricKey, random: Random): CborValue {
  const { capability, signer } = node;
  const link = signer === undefined ? undefined : linkToSigner(capability, signer, random);
  const next = nextChunkCapability(node.next, capability.readKey);
  return sealBase(capability.readKey, key, link, next, random);
}

export function sealBase(
  readKey: SymmetricKey,
  key: SymmetricKey,
  link: CborValue | undefined,
  next: RelativeCapability,
  random: Random,
): CborValue {
  const value = cborMap([
    ['k', key.toCbor()],
    ['w', link],
    ['n', relativeToCbor(next)],
  ]);
  return sealCbor(readKey, value, random, BASE_BLOCK_PAD_BYTES);
}

export function parentBlock(
  parentKey: SymmetricKey,
  parent: RelativeCapability | undefined,
  properties: FileProperties,
  random: Random,
): CborValue {
  const value = cborMap([
    ['p', parent && relativeToCbor(parent)],
    ['s', propertiesToCbor(properties)],
  ]);
  return sealCbor(parentKey, value, random, PARENT_BLOCK_PAD_BYTES);
}

export function linkToSigner(capability: Capability, signer: Signer, random: Random): CborValue {
  if (capability.writeKey === undefined) {
    throw new ReadOnlyCapability('You may not change this item.');
  }
  return signerLink(capability.writeKey, signer, random);
}

/** `[ inline id of the node's BAT, mirror id? ]`; absent for nodes without a BAT (A-8 §3). */
export function batList({ capability, mirrorBatId }: NewNode): CborValue | undefined {
  if (capability.bat === undefined) return undefined;
  const own = capability.bat.inlineId().bytes;
  return mirrorBatId === undefined ? [own] : [own, mirrorBatId.bytes];
}
