/**
 * New keys for an entry and all below it (C-3): into a writing space of its own before it is shared
 * to write, and to take access back. Contents stay where they are, marked to be sealed anew when
 * they next change. A link node stands before whatever has a writing space of its own, so that its
 * name stays its folder's.
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
import { writable, type Change, type WritableHandle } from './change.ts';
import { PathNotFound } from './errors.ts';
import { FolderEdit } from './folder-edit.ts';
import { fragmentsOf, openAt } from './nodes.ts';
import type { Handle, LeftOut } from './types.ts';

/** Whose keys are replaced beside those that read. */
export type RotationKind =
  /** The entry gets a writing space if it has none; otherwise nothing happens to it. */
  | 'own-space'
  /** Writing spaces stay. */
  | 'read'
  /** The entry and every writing space below get new signing keys. */
  | 'write';

export interface RotatedEntry {
  readonly entry: Handle;
  /** What could not be opened and keeps its old keys. */
  readonly leftOut: readonly LeftOut[];
}

/** Rotates the entry `name` of `folder`, which must be writable. @throws PathNotFound, NotWritable */
export async function rotateEntry(
  change: Change,
  folder: Handle,
  name: string,
  kind: RotationKind,
): Promise<RotatedEntry> {
  const edit = await FolderEdit.load(change, folder);
  const before = edit.entry(name);
  const capability = edit.childCapability(name);
  if (before === undefined || capability === undefined) throw new PathNotFound([name]);
  const entry = writable(await change.openChild(edit.folder, before.name, capability));
  const hasOwnSpace = !entry.capability.writer.equals(edit.folder.capability.writer);
  if (kind === 'own-space' && hasOwnSpace) return { entry, leftOut: [] };
  const signer = await signerFor(change, edit.folder, entry, kind, hasOwnSpace);
  const link = signer.hash.equals(edit.folder.capability.writer)
    ? undefined
    : drawLink(change, edit.folder);
  const rotation = await rotateSubtree(
    entry.node,
    entry.signer,
    {
      signer,
      parent: link ? parentLinkTo(link, signer.hash) : parentLinkTo(edit.folder.node, signer.hash),
      parentWriter: edit.folder.capability.writer,
    },
    spacesOf(change),
    {
      random: change.random,
      rotateSigners: kind === 'write',
      mirrorBatId: change.mirrorBatIdIn(edit.folder),
      chunkBytes: change.chunkBytes,
      ...(change.signal && { signal: change.signal }),
    },
  );
  const target = rotation.capability;
  if (link !== undefined) await putLink(change, edit.folder, link, entry, target);
  const properties = { ...entry.properties, name: before.name };
  edit.replace(before, edit.entryFor(link?.capability ?? target, properties));
  await removeOld(change, edit.folder, entry, rotation, kind === 'write' && hasOwnSpace);
  await edit.save();
  const opened = await change.openChild(edit.folder, before.name, link?.capability ?? target);
  const leftOut = rotation.skipped.map(({ name: inside, reason }) => ({
    path: inside === undefined ? [before.name] : [before.name, inside],
    error: reason,
  }));
  return { entry: opened, leftOut };
}

async function signerFor(
  change: Change,
  folder: WritableHandle,
  entry: WritableHandle,
  kind: RotationKind,
  hasOwnSpace: boolean,
): Promise<Signer> {
  const needsNew = kind === 'own-space' || (kind === 'write' && hasOwnSpace);
  if (!needsNew) return entry.signer;
  return change.commit.createWriter(folder.signer, SigningKeyPair.random(change.random));
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
