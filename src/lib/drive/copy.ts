/**
 * Copying (A-9 §8): everything gets new keys and places, content is re-encrypted. A copy is an
 * upload whose sources are stored files, so it is batched, resumed and aborted like one.
 *
 * What cannot be read is left out and named; everything else is copied. A node that fails says
 * nothing of an entry, and ends the copy.
 */
import { canonical, concat, PyrgosError } from '#lib/bytes/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { directoryChunks } from './directory.ts';
import { SourceUnreadable, UnreadableEntry } from './errors.ts';
import { listFolder } from './listing.ts';
import { freeName } from './names.ts';
import { damageOnly, type View } from './nodes.ts';
import { openEntries } from './open-entries.ts';
import { reopened } from './open.ts';
import { createFileReader, type FileReader } from './reader.ts';
import type { DriveContext } from './transact.ts';
import { upload } from './upload/upload.ts';
import type { PlannedItem } from './upload/upload-plan.ts';
import type {
  ByteSource,
  Copied,
  Handle,
  LeftOut,
  ListedEntry,
  ReaderDeps,
  UploadOptions,
} from './types.ts';

export interface CopyOptions extends Omit<UploadOptions, 'onUnreadable'> {
  /** What the copy is called; for a single entry. */
  readonly newName?: string;
  /** How the entries are read, where they lie on another node than the copy will. */
  readonly reader?: ReaderDeps;
}

/** Copies entries of `from`, with all below, into `to`. Taken names get “(copy)” unless told else. */
export async function copyEntries(
  context: DriveContext,
  from: Handle,
  entries: readonly ListedEntry[],
  to: Handle,
  { newName, reader = context.deps, ...options }: CopyOptions = {},
): Promise<Copied> {
  const { deps } = context;
  const { signal } = options;
  if (newName !== undefined && entries.length !== 1) throw new RangeError('one name for several');
  const view = new Snapshot(reader, from.capability.owner);
  const taken = new Set<string>();
  const there = new Snapshot(deps, to.capability.owner);
  const target = await reopened(there, to, signal);
  for await (const { children } of directoryChunks(there, target.node, signal)) {
    for (const { name } of children) if (name !== undefined) taken.add(canonical(name));
  }
  const gathering = new Gathering(view, reader, signal);
  for (const { path, found } of await gathering.open(from, entries, [])) {
    // Only folders need a name now: an upload would merge them into the one that is there.
    const wanted = newName ?? found.name;
    const name = found.isDirectory ? freeName(wanted, (n) => taken.has(canonical(n))) : wanted;
    await gathering.gather(found, path, [name]);
  }
  const { items, leftOut, sources } = gathering;
  const onUnreadable = (path: readonly string[], error: Error): void => {
    if (!(error instanceof SourceUnreadable)) throw error;
    leftOut.push({ path: sources.get(path) ?? path, error: error.cause });
  };
  const uploaded = await upload(context, to, items, {
    onConflict: 'keep-both',
    ...options,
    onUnreadable,
  });
  return { uploaded, leftOut };
}

interface Opened {
  /** As the folders' lists have it, below the folder that is copied from. */
  readonly path: readonly string[];
  readonly found: Handle;
}

/** What lies below the chosen entries, as items to upload; a folder before what it holds. */
class Gathering {
  readonly items: PlannedItem[] = [];
  readonly leftOut: LeftOut[] = [];
  /** Where an item comes from, by the path it is given. */
  readonly sources = new Map<readonly string[], readonly string[]>();
  readonly #view: View;
  readonly #deps: ReaderDeps;
  readonly #signal: AbortSignal | undefined;

  constructor(view: View, deps: ReaderDeps, signal: AbortSignal | undefined) {
    this.#view = view;
    this.#deps = deps;
    this.#signal = signal;
  }

  async gather(handle: Handle, source: readonly string[], path: readonly string[]): Promise<void> {
    const { properties } = handle;
    if (!handle.isDirectory) {
      const { mimeType, thumbnail, modified, isHidden } = properties;
      const facts = { mimeType, modified, isHidden, ...(thumbnail ? { thumbnail } : {}) };
      this.sources.set(path, source);
      this.items.push({ path, source: storedSource(this.#deps, handle), facts, isCopy: true });
      return;
    }
    this.items.push({ path, hidden: properties.isHidden });
    try {
      for await (const batch of listFolder(this.#view, handle, this.#signal)) {
        for (const child of await this.open(handle, batch, source)) {
          await this.gather(child.found, child.path, [...path, child.found.name]);
        }
      }
    } catch (error) {
      // What the list still gave is copied.
      this.leftOut.push({ path: source, error: damageOnly(error, this.#signal) });
    }
  }

  /** The rows of a folder that can be opened. */
  async open(
    folder: Handle,
    rows: readonly ListedEntry[],
    above: readonly string[],
  ): Promise<Opened[]> {
    const opened: Opened[] = [];
    const handles = await openEntries(this.#view, folder, rows, this.#signal);
    for (const [i, { name, unreadable }] of rows.entries()) {
      const path = [...above, name];
      const found = handles[i]!;
      if (found instanceof PyrgosError) {
        if (isNodeFailure(found)) throw found;
        this.leftOut.push({ path, error: found });
      } else if (unreadable !== undefined) {
        this.leftOut.push({ path, error: new UnreadableEntry(unreadable) });
      } else opened.push({ path, found });
    }
    return opened;
  }
}

/** A stored file as the source of an upload; opened when first read. @throws SourceUnreadable */
export function storedSource(deps: ReaderDeps, handle: Handle): ByteSource {
  const capability: Capability = handle.link?.capability ?? handle.capability;
  let opening: Promise<FileReader> | undefined;
  return {
    sizeBytes: handle.properties.sizeBytes,
    async read(start, end, signal) {
      const pieces: Uint8Array[] = [];
      try {
        opening ??= createFileReader(deps, capability);
        const reader = await opening;
        for await (const piece of reader.read(start, end, signal)) pieces.push(piece);
      } catch (error) {
        throw new SourceUnreadable(damageOnly(error, signal));
      }
      const [only] = pieces;
      return only && pieces.length === 1 ? only : concat(...pieces);
    },
  };
}
