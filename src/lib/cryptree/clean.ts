/**
 * Cleaning a dirty file (A-8 §10): before its data are changed, the whole file gets a new data key
 * and a new stream secret. Chunk 0 keeps its place, its R, W and signer link, so capabilities stay
 * valid; later chunks move to the places of the new chain and the old ones are to be removed.
 *
 * The caller re-encrypts each chunk under {@link CleanKeys.dataKey} and stores what
 * {@link cleanChunk} builds, all in one commit.
 */
import type { Random } from '#lib/bytes/index.ts';
import { SECRET_BYTES } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import type { BatId } from '#lib/crypto/index.ts';
import { buildFileNode } from './build.ts';
import type { Capability } from './capability.ts';
import { locationAfter, nextLocation } from './chunk-chain.ts';
import { fpctToCbor } from './fpct.ts';
import type { Fpct } from './fpct.ts';
import type { OpenNode } from './node.ts';
import type { FileProperties } from './properties.ts';
import { nextChunkCapability } from './relative.ts';
import { nodeMap, parentBlock, sealBase } from './sealed-parts.ts';

export interface CleanKeys {
  readonly dataKey: SymmetricKey;
  readonly streamSecret: Uint8Array;
}

/** New keys for a file that is about to be cleaned: data key first, then stream secret. */
export function cleanKeys(random: Random): CleanKeys {
  return { dataKey: SymmetricKey.random(random), streamSecret: random(SECRET_BYTES) };
}

/**
 * The node of chunk `index` of the cleaned file, and where it goes. Chunk 0 replaces `first`
 * (`expected` = its CID); later chunks are new. `properties` get the new stream secret here.
 */
export function cleanChunk(
  first: OpenNode,
  index: number,
  keys: CleanKeys,
  content: {
    readonly fpct: Fpct;
    readonly properties: FileProperties;
    readonly mirrorBatId?: BatId | undefined;
  },
  random: Random,
): { readonly capability: Capability; readonly value: CborMap } {
  const { dataKey, streamSecret } = keys;
  const capability = {
    ...first.capability,
    ...locationAfter(streamSecret, first.capability, index),
  };
  const next = nextLocation(streamSecret, capability);
  const properties = { ...content.properties, streamSecret };
  if (index > 0) {
    const node = { ...content, capability, dataKey, properties, next, parent: first.parent };
    return { capability, value: buildFileNode(node, random) };
  }
  const { readKey } = capability;
  const place = nextChunkCapability(next, readKey);
  const base = sealBase(readKey, dataKey, first.signerLink, place, random);
  const parent = parentBlock(readKey, first.parent, properties, random);
  return {
    capability,
    value: nodeMap(base, parent, first.parts.bats, fpctToCbor(content.fpct)),
  };
}
