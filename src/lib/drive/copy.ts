/**
 * Copying (A-9 §8): everything gets new keys and places, content is re-encrypted. A copy is an
 * upload whose sources are stored files, so it is batched, resumed and aborted like one.
 */
import { canonical, concat, PyrgosError } from '#lib/bytes/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { directoryChunks } from './directory.ts';
import { DanglingEntry } from './errors.ts';
import { listFolder } from './listing.ts';
import { freeName } from './names.ts';
import type { View } from './nodes.ts';
import { openEntries } from './open-entries.ts';
import { reopened } from './open.ts';
import { createFileReader, type FileReader } from './reader.ts';
import type { ByteSource } from './sources.ts';
import type { DriveContext } from './transact.ts';
import { upload } from './upload.ts';
import type { PlannedItem } from './upload-plan.ts';
import type { Handle, ListedEntry, ReaderDeps, Uploaded, UploadOptions } from './types.ts';

export interface CopyOptions extends UploadOptions {
  /** What the copy is called; for a single entry. */
  readonly newName?: string;
}

/** Copies entries of `from`, with all below, into `to`. Taken names get “(copy)” unless told else. */
export async function copyEntries(
  context: DriveContext,
  from: Handle,
  entries: readonly ListedEntry[],
  to: Handle,
  { newName, ...options }: CopyOptions = {},
): Promise<Uploaded[]> {
  const { deps } = context;
  const { signal } = options;
  if (newName !== undefined && entries.length !== 1) throw new RangeError('one name for several');
  const view = new Snapshot(deps, from.capability.owner);
  const taken = new Set<string>();
  const there = new Snapshot(deps, to.capability.owner);
  const target = await reopened(there, to, signal);
  for await (const { children } of directoryChunks(there, target.node, signal)) {
    for (const { name } of children) if (name !== undefined) taken.add(canonical(name));
  }
  const items: PlannedItem[] = [];
  for (const child of await openEntries(view, from, entries, signal)) {
    if (child instanceof PyrgosError) throw child;
    // Only folders need a name now: an upload would merge them into the one that is there.
    const wanted = newName ?? child.name;
    const name = child.isDirectory ? freeName(wanted, (n) => taken.has(canonical(n))) : wanted;
    await gather(view, deps, child, [name], items, signal);
  }
  return upload(context, to, items, { onConflict: 'keep-both', ...options });
}

/** What lies below, as items to upload; the folder itself first. */
async function gather(
  view: View,
  deps: ReaderDeps,
  handle: Handle,
  path: readonly string[],
  items: PlannedItem[],
  signal?: AbortSignal,
): Promise<void> {
  const { properties } = handle;
  if (!handle.isDirectory) {
    const { mimeType, thumbnail, modified, isHidden } = properties;
    const facts = { mimeType, modified, isHidden, ...(thumbnail ? { thumbnail } : {}) };
    items.push({ path, source: storedSource(deps, handle), facts, isCopy: true });
    return;
  }
  items.push({ path, hidden: properties.isHidden });
  for await (const batch of listFolder(view, handle, signal)) {
    for (const child of await openEntries(view, handle, batch, signal)) {
      if (child instanceof DanglingEntry) continue; // there is nothing to copy
      if (child instanceof PyrgosError) throw child;
      await gather(view, deps, child, [...path, child.name], items, signal);
    }
  }
}

/** A stored file as the source of an upload; opened when first read. */
export function storedSource(deps: ReaderDeps, handle: Handle): ByteSource {
  const capability: Capability = handle.link?.capability ?? handle.capability;
  let opening: Promise<FileReader> | undefined;
  return {
    sizeBytes: handle.properties.sizeBytes,
    async read(start, end, signal) {
      opening ??= createFileReader(deps, capability);
      const reader = await opening;
      const pieces: Uint8Array[] = [];
      for await (const piece of reader.read(start, end, signal)) pieces.push(piece);
      const [only] = pieces;
      return only && pieces.length === 1 ? only : concat(...pieces);
    },
  };
}
