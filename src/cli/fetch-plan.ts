/**
 * What a `get` will write, and where: looked through as a whole, and compared with what is on this
 * disk, before the first byte is fetched. Names come from the drive: none may leave its folder.
 */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { PyrgosError } from '#lib/bytes/index.ts';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { LocalExists, Misused, NoSuchFile } from './errors.ts';
import { localChild } from './paths.ts';

export interface FileToFetch {
  readonly handle: Handle;
  /** Names from the top of what was asked for. */
  readonly path: readonly string[];
  readonly place: string;
}

/** An entry that cannot be fetched, which keeps nothing else from being. */
export interface BrokenEntry {
  readonly path: readonly string[];
  readonly error: PyrgosError;
}

export interface FetchPlan {
  /** Each after the one it lies in. */
  readonly folders: readonly string[];
  readonly files: readonly FileToFetch[];
  readonly broken: readonly BrokenEntry[];
  readonly totalBytes: number;
}

export interface FetchTarget {
  readonly place: string;
  /** It was written as a folder; whatever comes goes into it. */
  readonly isFolder: boolean;
  /** Files that are there are written over. */
  readonly isForced: boolean;
  readonly signal: AbortSignal;
}

/** Throws {@link LocalExists}, {@link NoSuchFile}, {@link Misused}. */
export async function planFetch(
  drive: Drive,
  handles: readonly Handle[],
  target: FetchTarget,
): Promise<FetchPlan> {
  const { place } = target;
  const there = await kindOf(place);
  const isInto = handles.length > 1 || target.isFolder || there === 'folder';
  if (isInto && there !== 'folder') throw new NoSuchFile(`There is no folder ${place}.`);
  if (!isInto && (await kindOf(dirname(place))) !== 'folder') {
    throw new NoSuchFile(`There is no folder ${dirname(place)} to write into.`);
  }
  const planning = new Planning(drive, target);
  for (const handle of handles) {
    await planning.add(handle, [handle.name], isInto ? localChild(place, handle.name) : place);
  }
  return planning;
}

class Planning implements FetchPlan {
  readonly folders: string[] = [];
  readonly files: FileToFetch[] = [];
  readonly broken: BrokenEntry[] = [];
  totalBytes = 0;
  readonly #drive: Drive;
  readonly #target: FetchTarget;
  readonly #places = new Set<string>();

  constructor(drive: Drive, target: FetchTarget) {
    this.#drive = drive;
    this.#target = target;
  }

  async add(handle: Handle, path: readonly string[], place: string): Promise<void> {
    if (this.#places.has(place)) throw new Misused(`Two of these would be written to ${place}.`);
    this.#places.add(place);
    const there = await kindOf(place);
    if (handle.isDirectory) {
      if (there === 'other') throw new Misused(`${place} is no folder, but is to become one.`);
      this.folders.push(place);
      return this.#addBelow(handle, path, place);
    }
    if (there === 'folder') throw new Misused(`${place} is a folder, but is to become a file.`);
    if (there !== undefined && !this.#target.isForced) throw new LocalExists(place);
    this.files.push({ handle, path, place });
    this.totalBytes += handle.properties.sizeBytes;
  }

  async #addBelow(folder: Handle, path: readonly string[], place: string): Promise<void> {
    const { signal } = this.#target;
    for await (const batch of this.#drive.list(folder, { signal })) {
      const opened = await this.#drive.openMany(folder, batch, signal);
      for (const [i, child] of opened.entries()) {
        const childPath = [...path, batch[i]?.name ?? ''];
        if (child instanceof Error) this.broken.push({ path: childPath, error: child });
        else await this.add(child, childPath, localChild(place, child.name));
      }
    }
  }
}

async function kindOf(place: string): Promise<'folder' | 'other' | undefined> {
  try {
    return (await stat(place)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT') return undefined;
    throw error;
  }
}
