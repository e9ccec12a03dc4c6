/**
 * Writing cryptree nodes: new ones, and changes of existing ones that re-encrypt only the part that
 * changed and copy the others byte for byte (A-8 §2, §3, §5).
 *
 * Order of random draws, as the reference has it: (content first for files, sealed by the caller)
 * signer link, base block, parent block, then a directory's child list.
 * Every function returns the value of the node block; storing it, and the swap in the data map with
 * `expected` = the old node's CID, is the caller's.
 */
import type { Random } from '#lib/bytes/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import { DIRECTORY_CHILDREN_PER_CHUNK } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import type { Signer, SymmetricKey } from '#lib/crypto/index.ts';
import { fpctOf, sealValue } from './chunk.ts';
import type { SealedFragment } from './chunk.ts';
import { childrenToCbor } from './entries.ts';
import type { ChildToWrite } from './entries.ts';
import { DirtyData, TooManyChildren } from './errors.ts';
import { fpctToCbor } from './fpct.ts';
import type { Fpct } from './fpct.ts';
import { contentKey, mirrorBatIdOf } from './node.ts';
import type { OpenNode } from './node.ts';
import type { FileProperties } from './properties.ts';
import type { RelativeCapability } from './relative.ts';
import {
  baseBlock,
  batList,
  linkToSigner,
  nodeMap,
  parentBlock,
  sealBase,
} from './sealed-parts.ts';
import type { NewNode } from './sealed-parts.ts';

/** A node block to store under its capability's map key, after the raw blocks it links to. */
export interface BuiltNode {
  readonly value: CborMap;
  readonly fragments: readonly SealedFragment[];
}

export interface NewFileNode extends NewNode {
  readonly dataKey: SymmetricKey;
  readonly fpct: Fpct;
}

/** A directory chunk, or a link node (properties with `isLink`, exactly one child; A-8 §9). */
export interface NewDirectoryNode extends NewNode {
  readonly parentKey: SymmetricKey;
  readonly children: readonly ChildToWrite[];
}

/** The node of one file chunk whose content is already sealed (see `fpctOf`). */
export function buildFileNode(node: NewFileNode, random: Random): CborMap {
  const { readKey } = node.capability;
  checkDistinct(node.dataKey, readKey);
  const base = baseBlock(node, node.dataKey, random);
  const parent = parentBlock(readKey, node.parent, node.properties, random);
  return nodeMap(base, parent, batList(node), fpctToCbor(node.fpct));
}

/** The node of one directory chunk or of a link. Throws {@link TooManyChildren} over 500 (or 1). */
export async function buildDirectoryNode(
  node: NewDirectoryNode,
  random: Random,
): Promise<BuiltNode> {
  checkDistinct(node.parentKey, node.capability.readKey);
  checkChildren(node.properties.isLink, node.children);
  const base = baseBlock(node, node.parentKey, random);
  const parent = parentBlock(node.parentKey, node.parent, node.properties, random);
  const sealed = await sealValue(
    childrenToCbor(node.children),
    node.capability.readKey,
    node.mirrorBatId,
    random,
  );
  const value = nodeMap(base, parent, batList(node), fpctToCbor(fpctOf(sealed)));
  return { value, fragments: sealed.fragments };
}

/** Other properties: rename, hide, size, times, thumbnail, hash. Re-encrypts `"p"`. */
export function withProperties(
  node: OpenNode,
  properties: FileProperties,
  random: Random,
): CborMap {
  const parent = parentBlock(node.parentKey, node.parent, properties, random);
  return nodeMap(node.parts.base, parent, node.parts.bats, fpctToCbor(node.fpct));
}

/** Another parent link, after a move. Re-encrypts `"p"`. */
export function withParent(
  node: OpenNode,
  parentLink: RelativeCapability | undefined,
  random: Random,
): CborMap {
  const parent = parentBlock(node.parentKey, parentLink, node.properties, random);
  return nodeMap(node.parts.base, parent, node.parts.bats, fpctToCbor(node.fpct));
}

/** Another signer link, or none. Re-encrypts `"b"`. */
export function withSignerLink(
  node: OpenNode,
  signer: Signer | undefined,
  random: Random,
): CborMap {
  const { capability, next } = node;
  const key = node.dataKey ?? node.parentKey;
  contentKey(node); // refuses who holds the parent key only
  const link = signer === undefined ? undefined : linkToSigner(capability, signer, random);
  const base = sealBase(capability.readKey, key, link, next as RelativeCapability, random);
  return nodeMap(base, node.parts.parent, node.parts.bats, fpctToCbor(node.fpct));
}

/** Another child list of a directory or link chunk. Re-encrypts `"d"`. */
export async function withChildren(
  node: OpenNode,
  children: readonly ChildToWrite[],
  random: Random,
): Promise<BuiltNode> {
  checkChildren(node.kind === 'link', children);
  const sealed = await sealValue(
    childrenToCbor(children),
    contentKey(node),
    mirrorBatIdOf(node),
    random,
  );
  const { base, parent, bats } = node.parts;
  return {
    value: nodeMap(base, parent, bats, fpctToCbor(fpctOf(sealed))),
    fragments: sealed.fragments,
  };
}

/**
 * Other bytes in a file chunk: all three parts are new; data key, map key, BAT, next location,
 * signer link and access list stay (A-8 §5, A-9 §4). Throws {@link DirtyData} if the file must be
 * cleaned first.
 */
export function withFileData(
  node: OpenNode,
  change: {
    readonly fpct: Fpct;
    readonly properties: FileProperties;
    readonly parent?: RelativeCapability | undefined;
  },
  random: Random,
): CborMap {
  const { capability, dataKey, next, signerLink: link } = node;
  if (dataKey === undefined || next === undefined) throw new Error('not a file node');
  if (dataKey.dirty) throw new DirtyData('The file must be re-encrypted before it is changed.');
  const base = sealBase(capability.readKey, dataKey, link, next, random);
  const parent = parentBlock(
    capability.readKey,
    change.parent ?? node.parent,
    change.properties,
    random,
  );
  return nodeMap(base, parent, node.parts.bats, fpctToCbor(change.fpct));
}

/** Equal keys would let a holder of less open more: a bug of the caller (A-8 §2). */
function checkDistinct(inner: SymmetricKey, readKey: SymmetricKey): void {
  if (equalBytes(inner.bytes, readKey.bytes)) throw new Error('two keys of a node are equal');
}

function checkChildren(isLink: boolean, children: readonly ChildToWrite[]): void {
  const most = isLink ? 1 : DIRECTORY_CHILDREN_PER_CHUNK;
  if (children.length > most || (isLink && children.length === 0)) {
    throw new TooManyChildren(`A list of ${children.length} entries does not fit here.`);
  }
}
