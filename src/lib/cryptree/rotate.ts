/**
 * Key rotation (A-8 §10, C-3 §3.3): every key and place below a node is replaced, while the
 * encrypted data of files stay where they are, marked dirty.
 *
 * The tree is walked depth first; later chunks are written before earlier ones and children before
 * parents, so that any committed prefix is a valid tree. Nothing old is removed here: what is no
 * longer reachable is reported for the caller to remove in the same commit, after it has replaced
 * the entry in the parent.
 *
 * The old tree may have hostile writers. A child that cannot be opened, leads back to where the walk
 * has been, or lies absurdly deep must not prevent its siblings from being revoked: it is reported,
 * and its entry stays, read-only, pointing to where it was.
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import { DIRECTORY_CHILDREN_PER_CHUNK } from '#lib/codec/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { buildDirectoryNode } from './build.ts';
import { randomLocation } from './capability.ts';
import type { Capability, ChunkLocation } from './capability.ts';
import { placeOf } from './entries.ts';
import type { ChildToWrite, NamedEntry } from './entries.ts';
import {
  BadFileName,
  DamagedNode,
  MalformedCapability,
  ReadOnlyCapability,
  WrongKey,
  WrongSigner,
} from './errors.ts';
import { childEntry, children, parentLinkTo, signerOf } from './node.ts';
import type { OpenNode } from './node.ts';
import { OVERFLOW_PROPERTIES } from './properties.ts';
import { relativise, resolveRelative } from './relative.ts';
import type { RelativeCapability } from './relative.ts';
import { rotateFile } from './rotate-file.ts';
import { signerToLink } from './rotation.ts';
import type {
  Moved,
  Rotation,
  RotationOptions,
  RotationSpaces,
  RotationTarget,
  Step,
  Walk,
} from './rotation.ts';

// A path has at most 4096 characters, so half as many names.
const DEPTH_MAX = 2048;
const DAMAGE = [
  BadFileName,
  DamagedNode,
  MalformedCapability,
  ReadOnlyCapability,
  WrongKey,
  WrongSigner,
] as const;

/** Rotates the subtree of the first chunk `top`, whose old signer is `signer`. */
export async function rotateSubtree(
  top: OpenNode,
  signer: Signer,
  target: RotationTarget,
  spaces: RotationSpaces,
  options: RotationOptions,
): Promise<Rotation> {
  const walk: Walk = {
    spaces,
    options,
    oldChunks: [],
    oldWriters: [],
    skipped: [],
    seen: new Set(),
  };
  walk.seen.add(chunkPlace(top.capability));
  const moved = await rotateNode(walk, { node: top, oldSigner: signer, ...target, depth: 0 });
  const { oldChunks, oldWriters, skipped } = walk;
  return { ...moved, oldChunks, oldWriters, skipped };
}

async function rotateNode(walk: Walk, step: Step): Promise<Moved> {
  const { random } = walk.options;
  const capability: Capability = {
    owner: step.node.capability.owner,
    writer: step.signer.hash,
    ...randomLocation(random),
    readKey: SymmetricKey.random(random),
    writeKey: SymmetricKey.random(random),
  };
  if (step.node.kind === 'file') {
    await rotateFile(walk, step, capability);
    return { capability, parentKey: capability.readKey };
  }
  const parentKey = SymmetricKey.random(random);
  await rotateDirectory(walk, step, { capability, parentKey });
  return { capability, parentKey };
}

async function rotateDirectory(walk: Walk, step: Step, moved: Moved): Promise<void> {
  const { random, mirrorBatId } = walk.options;
  const rotated: ChildToWrite[] = [];
  for (const chunk of await directoryChunks(walk, step.node)) {
    rotated.push(...(await rotateChildren(walk, step, chunk, moved)));
    walk.oldChunks.push({ signer: step.oldSigner, mapKey: chunk.capability.mapKey });
  }
  if (step.node.kind === 'link' && rotated.length !== 1) {
    throw new DamagedNode('A shared item does not lead to exactly one target.');
  }
  // Distributed anew: an over-full chunk must not stop a revocation, and holes close on the way.
  const lists = inGroups(rotated, DIRECTORY_CHILDREN_PER_CHUNK);
  const places: ChunkLocation[] = [moved.capability];
  while (places.length <= lists.length) places.push(randomLocation(random));
  for (let index = lists.length - 1; index >= 0; index--) {
    const capability = { ...moved.capability, ...(places[index] as ChunkLocation) };
    const built = await buildDirectoryNode(
      {
        capability,
        parentKey: moved.parentKey,
        children: lists[index] as ChildToWrite[],
        properties: index === 0 ? step.node.properties : OVERFLOW_PROPERTIES,
        parent: index === 0 ? step.parent : undefined,
        next: places[index + 1] as ChunkLocation,
        signer: index === 0 ? signerToLink(step) : undefined,
        mirrorBatId,
      },
      random,
    );
    await walk.spaces.put(step.signer, capability, built);
  }
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  const groups: T[][] = [items.slice(0, size)];
  for (let i = size; i < items.length; i += size) groups.push(items.slice(i, i + size));
  return groups;
}

/** All chunks of a directory in order. A chain that bites its tail ends there. */
async function directoryChunks(walk: Walk, first: OpenNode): Promise<OpenNode[]> {
  const chunks = [first];
  const seen = new Set([chunkPlace(first.capability)]);
  for (let chunk = first; chunk.next !== undefined;) {
    const { mapKey, bat } = chunk.next;
    const capability = { ...first.capability, mapKey, bat };
    if (seen.has(chunkPlace(capability))) break;
    seen.add(chunkPlace(capability));
    const next = await walk.spaces.load(capability, 'later', walk.options.signal);
    if (next === undefined) break;
    chunks.push(next);
    chunk = next;
  }
  return chunks;
}

async function rotateChildren(
  walk: Walk,
  step: Step,
  chunk: OpenNode,
  moved: Moved,
): Promise<ChildToWrite[]> {
  const list = await children(chunk, walk.spaces.loadFragment, walk.options.signal);
  const rotated: ChildToWrite[] = [...list.unreadable];
  for (const { name, reason } of list.unreadable) walk.skipped.push({ name, reason });
  const unnamed = list.unnamed.map((capability) => ({ capability, name: undefined }));
  for (const entry of [...list.entries, ...unnamed]) {
    const before = [walk.oldChunks.length, walk.oldWriters.length] as const;
    try {
      const child = await rotateChild(walk, step, entry, moved);
      if (child !== undefined) rotated.push(child);
    } catch (error) {
      if (!isDamage(error)) throw error;
      // What was moved of it so far is abandoned: the old subtree must stay whole.
      [walk.oldChunks.length, walk.oldWriters.length] = before;
      walk.skipped.push({ name: entry.name, reason: error });
      if (entry.name !== undefined) rotated.push(leftBehind(walk, step, entry, moved));
    }
  }
  return rotated;
}

/** Only what the old tree did wrong is passed over; a full disk or a lost connection is not. */
function isDamage(error: unknown): error is PyrgosError {
  return DAMAGE.some((Kind) => error instanceof Kind);
}

/** The entry of a child that stays where it was, without the right to write to it. */
function leftBehind(walk: Walk, step: Step, entry: NamedEntry, moved: Moved): NamedEntry {
  const { writer = step.node.capability.writer, mapKey, bat, readKey } = entry.capability;
  const { owner } = step.node.capability;
  const target: Capability = { owner, writer, mapKey, bat, readKey, writeKey: undefined };
  return { ...entry, capability: relativise(moved.capability, target, walk.options.random) };
}

/** The entry of the rotated child; undefined when the old entry led to nothing. */
async function rotateChild(
  walk: Walk,
  step: Step,
  entry: { readonly capability: RelativeCapability; readonly name: string | undefined },
  moved: Moved,
): Promise<NamedEntry | undefined> {
  const { spaces, options } = walk;
  options.signal?.throwIfAborted();
  const old = resolveRelative(step.node.capability, entry.capability);
  if (step.depth >= DEPTH_MAX) throw new DamagedNode('Folders are nested too deeply.');
  if (walk.seen.has(chunkPlace(old))) throw new DamagedNode('A folder contains itself.');
  walk.seen.add(chunkPlace(old));
  const node = await spaces.load(old, 'first', options.signal);
  if (node === undefined) return undefined;
  const oldSigner = signerOf(node, step.oldSigner);
  const signer = await childSigner(walk, step, node, oldSigner);
  const child = await rotateNode(walk, {
    node,
    oldSigner,
    signer,
    parent: parentLinkTo(moved, signer.hash),
    parentWriter: moved.capability.writer,
    depth: step.depth + 1,
  });
  const properties = { ...node.properties, name: entry.name ?? node.properties.name };
  return childEntry(moved.capability, child.capability, properties, options.random);
}

async function childSigner(
  walk: Walk,
  step: Step,
  node: OpenNode,
  oldSigner: Signer,
): Promise<Signer> {
  if (node.capability.writer.equals(step.node.capability.writer)) return step.signer;
  if (!walk.options.rotateSigners) return oldSigner;
  walk.oldWriters.push({ parent: step.oldSigner, child: oldSigner });
  return walk.spaces.createWriter(step.signer);
}

function chunkPlace({ writer, mapKey }: Pick<Capability, 'writer' | 'mapKey'>): string {
  return placeOf({ writer, mapKey });
}
