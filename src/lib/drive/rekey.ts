/**
 * New keys for an entry and all below it, in its folder or in another one: its nodes are written anew,
 * the blocks of its contents stay. The lists of both folders are the caller's.
 */
import {
  buildDirectoryNode,
  childEntry,
  DamagedNode,
  parentLinkTo,
  randomLocation,
  rotateSubtree,
  type Capability,
  type Rotation,
  type RotationSpaces,
} from '#lib/cryptree/index.ts';
import { SigningKeyPair, SymmetricKey, type MapKey, type Signer } from '#lib/crypto/index.ts';
import { type Change, type WritableHandle } from './change.ts';
import { fragmentsOf, openAt } from './nodes.ts';
import type { Handle } from './types.ts';

/** Whose keys are replaced beside those that read. */
export type RotationKind =
  /** The entry gets a writing space of its own. */
  | 'own-space'
  /** Writing spaces stay. */
  | 'read'
  /** The entry and every writing space below get new signing keys. */
  | 'write';

export interface Rekeyed {
  /** What the entry is to point to: the link node where there is one. */
  readonly capability: Capability;
  /** What could not be opened and keeps its old keys. */
  readonly skipped: Rotation['skipped'];
}

/**
 * Gives `entry` of the folder `from` new keys as an entry of the folder `to`, and takes away what it
 * consisted of. @throws DamagedNode
 */
export async function rekey(
  change: Change,
  entry: WritableHandle,
  from: WritableHandle,
  to: WritableHandle,
  kind: RotationKind,
): Promise<Rekeyed> {
  const hasOwnSpace = !entry.capability.writer.equals(from.capability.writer);
  const signer = await signerFor(change, entry, to, kind, hasOwnSpace);
  const link = signer.hash.equals(to.capability.writer) ? undefined : drawLink(change, to);
  const rotation = await rotateSubtree(
    entry.node,
    entry.signer,
    {
      signer,
      parent: parentLinkTo(link ?? to.node, signer.hash),
      parentWriter: to.capability.writer,
    },
    spacesOf(change),
    {
      random: change.random,
      rotateSigners: kind === 'write',
      mirrorBatId: change.mirrorBatIdIn(to),
      chunkBytes: change.chunkBytes,
      ...(change.signal && { signal: change.signal }),
    },
  );
  const target = rotation.capability;
  if (link !== undefined) await putLink(change, to, link, entry, target);
  await removeOld(change, from, entry, rotation, kind === 'write' && hasOwnSpace);
  return { capability: link?.capability ?? target, skipped: rotation.skipped };
}

function signerFor(
  { commit, random }: Change,
  entry: WritableHandle,
  to: WritableHandle,
  kind: RotationKind,
  hasOwnSpace: boolean,
): Promise<Signer> {
  const needsNew = kind === 'own-space' || (kind === 'write' && hasOwnSpace);
  if (needsNew) return commit.createWriter(to.signer, SigningKeyPair.random(random));
  return Promise.resolve(hasOwnSpace ? entry.signer : to.signer);
}

interface Link {
  readonly capability: Capability;
  readonly parentKey: SymmetricKey;
}

function drawLink({ random }: Change, { capability }: Handle): Link {
  const { owner, writer } = capability;
  const location = randomLocation(random);
  const parentKey = SymmetricKey.random(random);
  const readKey = SymmetricKey.random(random);
  const writeKey = SymmetricKey.random(random);
  return { capability: { owner, writer, ...location, readKey, writeKey }, parentKey };
}

/** The link node in the folder's writing space: the entry's properties, and the target as its only child. */
async function putLink(
  change: Change,
  folder: WritableHandle,
  { capability, parentKey }: Link,
  entry: Handle,
  target: Capability,
): Promise<void> {
  const node = await openAt(change.commit, target, change.signal);
  if (node === undefined) throw new DamagedNode('The rotated item is not where it was put.');
  const properties = { ...node.properties, name: entry.name };
  const built = await buildDirectoryNode(
    {
      capability,
      parentKey,
      next: randomLocation(change.random),
      parent: parentLinkTo(folder.node, capability.writer),
      properties: { ...properties, isLink: true },
      children: [childEntry(capability, target, properties, change.random)],
      mirrorBatId: change.mirrorBatIdIn(folder),
    },
    change.random,
  );
  await change.put(folder.signer, capability.mapKey, undefined, built);
}

function spacesOf(change: Change): RotationSpaces {
  const { commit } = change;
  return {
    load: (capability, role, signal) => openAt(commit, capability, signal, role),
    loadFragment: fragmentsOf(commit),
    put: (signer, capability, node) => change.put(signer, capability.mapKey, undefined, node),
    createWriter: (parent) => commit.createWriter(parent, SigningKeyPair.random(change.random)),
  };
}

/** Takes away what is no longer reachable: chunks, the old link node, writing spaces that were replaced. */
async function removeOld(
  { commit }: Change,
  folder: WritableHandle,
  entry: WritableHandle,
  { oldChunks, oldWriters }: Rotation,
  endsSpace: boolean,
): Promise<void> {
  const ended = [...oldWriters];
  if (endsSpace) ended.push({ parent: folder.signer, child: entry.signer });
  const endedKeys = new Set(ended.map(({ child }) => child.hash.toString()));
  const bySigner = new Map<string, { signer: Signer; mapKeys: MapKey[] }>();
  for (const { signer, mapKey } of oldChunks) {
    const key = signer.hash.toString();
    const group = bySigner.get(key) ?? { signer, mapKeys: [] };
    group.mapKeys.push(mapKey);
    bySigner.set(key, group);
  }
  for (const [key, { signer, mapKeys }] of bySigner) {
    if (!endedKeys.has(key)) await commit.removeMapped(signer, mapKeys);
  }
  if (entry.link) await commit.removeMapped(folder.signer, [entry.link.capability.mapKey]);
  for (const { parent, child } of ended) {
    if (!endedKeys.has(parent.hash.toString())) await commit.removeOwnedKey(parent, child.hash);
    await commit.deleteWriter(child);
  }
}
