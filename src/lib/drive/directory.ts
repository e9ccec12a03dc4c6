/**
 * The chunks of a directory (A-8 §8): a chain of nodes, each with up to 500 children, linked by
 * random locations. Order means nothing; the end is where the data map has no next chunk.
 *
 * Hostile input: a writer may make the chain a ring, repeat names across chunks, or break single
 * entries. A broken entry is carried along; a broken chunk is reported, and the chain goes on.
 */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import {
  children as childrenOf,
  resolveRelative,
  type Capability,
  type ChildToWrite,
  type NamedEntry,
  type OpenNode,
  type RelativeCapability,
} from '#lib/cryptree/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { chunkCapability } from './chain.ts';
import { FolderDamaged } from './errors.ts';
import { damageOnly, fragmentsOf, namedOnly, openAll, openAt, type View } from './nodes.ts';

export interface DirectoryChunk {
  readonly node: OpenNode;
  readonly children: readonly ChildToWrite[];
}

/** A chunk whose list cannot be read still has a place, and a next one. */
export interface DirectoryPart {
  readonly node: OpenNode;
  readonly children: readonly ChildToWrite[] | PyrgosError;
}

/**
 * The chunks of the directory whose first node is `first`.
 * @throws FolderDamaged after the last readable chunk, if one of them could not be read; what the
 * node itself fails with
 */
export async function* directoryChunks(
  view: View,
  first: OpenNode,
  signal?: AbortSignal,
): AsyncGenerator<DirectoryChunk, void, void> {
  let damage: PyrgosError | undefined;
  for await (const { node, children } of directoryParts(view, first, signal)) {
    if (!(children instanceof PyrgosError)) yield { node, children };
    else if (isNodeFailure(children)) throw children;
    else damage = children;
  }
  if (damage) throw new FolderDamaged('a part of the list cannot be read', { cause: damage });
}

/** The same, with the error in the place of a list that cannot be read. While one list is decrypted
 * and used, the next chunk is looked up. */
export async function* directoryParts(
  view: View,
  first: OpenNode,
  signal?: AbortSignal,
): AsyncGenerator<DirectoryPart, void, void> {
  const seen = new Set<string>();
  for (let node: OpenNode | undefined = first; node;) {
    seen.add(toHex(node.capability.mapKey));
    const next: Promise<OpenNode | undefined> = openNext(view, first, node, seen, signal);
    next.catch(() => undefined); // awaited below, unless this loop is left before
    const children = await readChildren(view, first, node, signal).catch((error: unknown) =>
      namedOnly(error, signal),
    );
    yield { node, children };
    node = await next;
  }
}

async function openNext(
  view: View,
  first: OpenNode,
  node: OpenNode,
  seen: ReadonlySet<string>,
  signal?: AbortSignal,
): Promise<OpenNode | undefined> {
  if (!node.next || seen.has(toHex(node.next.mapKey))) return undefined;
  const place = chunkCapability(first.capability, node.next);
  try {
    return await openAt(view, place, signal, 'later');
  } catch (error) {
    const cause = damageOnly(error, signal);
    throw new FolderDamaged('the rest of the list cannot be opened', { cause });
  }
}

async function readChildren(
  view: View,
  first: OpenNode,
  node: OpenNode,
  signal?: AbortSignal,
): Promise<ChildToWrite[]> {
  const { entries, unnamed, unreadable } = await childrenOf(node, fragmentsOf(view), signal);
  if (unnamed.length === 0) return [...entries, ...unreadable];
  const named = await nameLegacy(view, first.capability, unnamed, signal);
  return [...entries, ...named, ...unreadable];
}

/**
 * Entries from before names stood in the list: their names are in the children (A-8 §8). One whose
 * child is gone has no name left and is passed over.
 */
async function nameLegacy(
  view: View,
  folder: Capability,
  unnamed: readonly RelativeCapability[],
  signal?: AbortSignal,
): Promise<NamedEntry[]> {
  const targets = unnamed.map((relative) => resolveRelative(folder, relative));
  const nodes = await openAll(view, targets, signal);
  return unnamed.flatMap((capability, i) => {
    const node = nodes[i];
    if (node === undefined || node instanceof PyrgosError) return [];
    const { name, isDirectory, mimeType, created } = node.properties;
    return [{ capability, name, isDirectory, mimeType, createdSeconds: created.seconds }];
  });
}
