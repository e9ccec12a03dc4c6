/**
 * Reading cryptree nodes (A-8 §1–§4, §9).
 *
 * A node is one dag-cbor block: one chunk of a file or directory, in three encrypted parts. Blocks
 * reach this folder verified against their CID, so what is hostile here is their writer: every field
 * is parsed, keys that must differ are compared, and no problem of one child reaches its siblings.
 *
 * Who holds a directory's parent key only sees its properties and the way up: `next` and `dataKey`
 * are then absent and its content is refused.
 */
import type { Random } from '#lib/bytes/index.ts';
import { asInteger, asList, asMap, decodeBlock, optional } from '#lib/codec/index.ts';
import type { CborMap, CborValue, Cid } from '#lib/codec/index.ts';
import { CannotDecrypt, openCbor, openSignerLink, toBatId } from '#lib/crypto/index.ts';
import type { BatId, Signer, SymmetricKey } from '#lib/crypto/index.ts';
import { keyFrom } from './capability.ts';
import type { Capability } from './capability.ts';
import { openValue } from './chunk.ts';
import { childrenFromCbor } from './entries.ts';
import type { Children, NamedEntry } from './entries.ts';
import { DamagedNode, ReadOnlyCapability, reading, WrongKey, WrongSigner } from './errors.ts';
import { fpctFromCbor, loadParts } from './fpct.ts';
import type { Fpct, LoadFragment } from './fpct.ts';
import { propertiesFromCbor, unjudgedPropertiesFromCbor } from './properties.ts';
import type { FileProperties } from './properties.ts';
import { relativeFromCbor, relativise } from './relative.ts';
import type { RelativeCapability } from './relative.ts';

/** The encrypted parts as found, for copying those that do not change (A-8 §5). */
export interface NodeParts {
  readonly base: CborValue;
  readonly parent: CborValue;
  readonly bats: CborValue | undefined;
}

export interface OpenNode {
  readonly capability: Capability;
  /** The `expected` of the compare-and-swap that replaces this node. */
  readonly cid: Cid;
  readonly kind: 'file' | 'directory' | 'link';
  readonly properties: FileProperties;
  /** Absent on home directories, and on later chunks after a rotation. */
  readonly parent: RelativeCapability | undefined;
  readonly parentKey: SymmetricKey;
  /** Files only. */
  readonly dataKey: SymmetricKey | undefined;
  /** Where the next chunk would lie; to be ignored on files with a stream secret (A-8 §7). */
  readonly next: RelativeCapability | undefined;
  /** From the write key to the signer of this writing space; see {@link signerOf}. */
  readonly signerLink: CborValue | undefined;
  readonly batIds: readonly BatId[];
  readonly fpct: Fpct;
  readonly parts: NodeParts;
}

/** First chunks have authority over properties; later ones are not judged (A-8 §3, §6). */
export type ChunkRole = 'first' | 'later';

/** Links that point to links are followed this far; more is a cycle or an attack (A-8 §9). */
export const LINK_CHAIN_MAX = 16;

const VERSION = 1;

/**
 * Opens a verified node block with a capability (A-8 §4).
 * Throws {@link WrongKey} if the key opens nothing, {@link DamagedNode} or `BadFileName` if what it
 * opens breaks the format.
 */
export function openNode(
  capability: Capability,
  block: Uint8Array,
  cid: Cid,
  role: ChunkRole = 'first',
): OpenNode {
  return reading(DamagedNode, () => {
    const map = asMap(decodeBlock(block), 'A node');
    if (asInteger(optional(map, 'v'), 'The version of a node') !== VERSION) {
      throw new DamagedNode('A node has an unknown version.');
    }
    const parts = {
      base: partOf(map, 'b'),
      parent: partOf(map, 'p'),
      bats: optional(map, 'bats'),
    };
    const opened = openParts(capability.readKey, parts, role);
    return {
      capability,
      cid,
      ...opened,
      batIds: batIdsFrom(parts.bats),
      fpct: fpctFromCbor(optional(map, 'd')),
      parts,
    };
  });
}

/** True when the holder of `node`'s capability may read its content, not only its name. */
export function canReadContent(node: OpenNode): boolean {
  return node.next !== undefined;
}

/** True when the data must be re-encrypted before they are changed (A-8 §10). */
export function isDirty(node: OpenNode): boolean {
  return node.dataKey?.dirty === true;
}

/** The key of the content: D of a file, R of a directory. Throws {@link WrongKey} without the right. */
export function contentKey(node: OpenNode): SymmetricKey {
  if (!canReadContent(node)) throw new WrongKey('Only the name of this folder may be read.');
  return node.dataKey ?? node.capability.readKey;
}

/** The child list of this directory or link chunk. Bad entries are described, not thrown. */
export async function children(
  node: OpenNode,
  load: LoadFragment,
  signal?: AbortSignal,
): Promise<Children> {
  if (node.kind === 'file') throw new DamagedNode('A file has no entries.');
  const key = contentKey(node);
  const parts = await loadParts(node.fpct, load, signal);
  return reading(DamagedNode, () => childrenFromCbor(openValue(parts, key)));
}

/** The single child of a link node (A-8 §9). Throws {@link DamagedNode} for more or fewer. */
export async function linkTarget(
  node: OpenNode,
  load: LoadFragment,
  signal?: AbortSignal,
): Promise<RelativeCapability> {
  const list = await children(node, load, signal);
  const targets = [...list.entries.map((entry) => entry.capability), ...list.unnamed];
  const [target] = targets;
  if (target === undefined || targets.length + list.unreadable.length !== 1) {
    throw new DamagedNode('A shared item does not lead to exactly one target.');
  }
  return target;
}

/**
 * The signer for writing to `node` (A-8 §4, A-7 §6): its own signer link, else `inherited`, the
 * signer of the nearest ancestor that has one. Throws {@link ReadOnlyCapability} without write
 * access, {@link WrongSigner} if the key is not that of the node's writing space.
 */
export function signerOf(node: OpenNode, inherited?: Signer): Signer {
  const { writeKey, writer } = node.capability;
  if (writeKey === undefined) throw new ReadOnlyCapability('You may not change this item.');
  const link = node.signerLink;
  const signer = link === undefined ? inherited : openOwnSigner(writeKey, link);
  if (signer === undefined) throw new ReadOnlyCapability('You may not change this item.');
  if (!signer.hash.equals(writer)) {
    throw new WrongSigner('The signing key of this item belongs to another place.');
  }
  return signer;
}

/** The mirror BAT id that new blocks of this directory carry, if it has one (A-4 §2). */
export function mirrorBatIdOf(node: OpenNode): BatId | undefined {
  return node.batIds.length >= 2 ? node.batIds.at(-1) : undefined;
}

/** The link a child of writing space `childWriter` has to `directory`, its parent (A-8 §2, §3). */
export function parentLinkTo(
  directory: Pick<OpenNode, 'capability' | 'parentKey'>,
  childWriter: Capability['writer'],
): RelativeCapability {
  const { writer, mapKey, bat } = directory.capability;
  return {
    writer: writer.equals(childWriter) ? undefined : writer,
    mapKey,
    bat,
    readKey: directory.parentKey,
    writeKeyLink: undefined,
  };
}

/** The entry for `child` in the list of the writable directory `parent`; draws the link's nonce. */
export function childEntry(
  parent: Capability,
  child: Capability,
  properties: Pick<FileProperties, 'name' | 'isDirectory' | 'mimeType' | 'created'>,
  random: Random,
): NamedEntry {
  return {
    capability: relativise(parent, child, random),
    name: properties.name,
    isDirectory: properties.isDirectory,
    mimeType: properties.mimeType,
    createdSeconds: properties.created.seconds,
  };
}

type OpenedParts = Pick<
  OpenNode,
  'kind' | 'properties' | 'parent' | 'parentKey' | 'dataKey' | 'next' | 'signerLink'
>;

function openParts(key: SymmetricKey, parts: NodeParts, role: ChunkRole): OpenedParts {
  const direct = tryOpen(key, parts.parent);
  if (direct === undefined) {
    const baseValue = tryOpen(key, parts.base);
    if (baseValue === undefined) throw new WrongKey('The key does not open this item.');
    const base = baseFrom(baseValue);
    const parentValue = tryOpen(base.key, parts.parent);
    if (parentValue === undefined) throw new DamagedNode('The properties cannot be decrypted.');
    const { properties, parent } = parentFrom(parentValue, role);
    const kind = kindOf(properties);
    if (kind === 'file') throw new DamagedNode('A file is laid out like a folder.');
    const { next, signerLink } = base;
    return { kind, properties, parent, parentKey: base.key, dataKey: undefined, next, signerLink };
  }
  const { properties, parent } = parentFrom(direct, role);
  const kind = kindOf(properties);
  const known = { kind, properties, parent, parentKey: key };
  if (kind !== 'file') {
    return { ...known, dataKey: undefined, next: undefined, signerLink: undefined };
  }
  const baseValue = tryOpen(key, parts.base);
  if (baseValue === undefined) throw new DamagedNode('The keys of a file cannot be decrypted.');
  const base = baseFrom(baseValue);
  return { ...known, dataKey: base.key, next: base.next, signerLink: base.signerLink };
}

function kindOf(properties: FileProperties): OpenNode['kind'] {
  return properties.isLink ? 'link' : properties.isDirectory ? 'directory' : 'file';
}

function baseFrom(value: CborValue) {
  const map = asMap(value, 'The base block');
  return {
    key: keyFrom(optional(map, 'k'), 'The key of a base block'),
    signerLink: optional(map, 'w'),
    next: relativeFromCbor(optional(map, 'n')),
  };
}

function parentFrom(value: CborValue, role: ChunkRole) {
  const map = asMap(value, 'The parent block');
  const parent = optional(map, 'p');
  const read = role === 'first' ? propertiesFromCbor : unjudgedPropertiesFromCbor;
  return {
    parent: parent === undefined ? undefined : relativeFromCbor(parent),
    properties: read(optional(map, 's')),
  };
}

function partOf(map: CborMap, key: string): CborValue {
  const part = optional(map, key);
  asList(part, 'An encrypted part of a node');
  return part as CborValue;
}

/** The plaintext value, or undefined if this is not the key. Other failures pass through. */
function tryOpen(key: SymmetricKey, part: CborValue): CborValue | undefined {
  try {
    return openCbor(key, part);
  } catch (error) {
    if (error instanceof CannotDecrypt) return undefined;
    throw error;
  }
}

function batIdsFrom(value: CborValue | undefined): BatId[] {
  if (value === undefined) return [];
  return asList(value, 'The access list of a node').map(toBatId);
}

function openOwnSigner(writeKey: SymmetricKey, link: CborValue): Signer {
  try {
    return reading(WrongSigner, () => openSignerLink(writeKey, link));
  } catch (error) {
    throw new WrongSigner('The signing key of this item cannot be unlocked.', { cause: error });
  }
}
