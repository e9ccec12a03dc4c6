/**
 * What a `get` will write, and where: looked through as a whole, and compared with what is on this
 * disk, before the first byte is fetched. Names come from the drive: none may leave its folder, and
 * no link on this disk leads a file elsewhere.
 */
import { lstat, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { mapNames, nameFault } from '#lib/drive/index.ts';
import type { Drive, Handle, ListedEntry, NameFault, NameRules } from '#lib/drive/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { codeOf } from '#lib/system/index.ts';
import { rulesOfDisk, rulesOfSystem } from './disk-rules.ts';
import { LocalExists, Misused, NoSuchFile } from './errors.ts';
import { badLocalName, isFatal } from './left-out.ts';
import { pathOf } from './paths.ts';

export interface FileToFetch {
  readonly handle: Handle;
  /** Where it lies, its owner first. */
  readonly path: readonly string[];
  readonly place: string;
}

/** An entry that cannot be fetched, which keeps nothing else from being. */
export interface BrokenEntry {
  readonly path: readonly string[];
  readonly error: Error;
}

/** A folder to make. */
export interface FolderToMake {
  readonly path: readonly string[];
  readonly place: string;
}

export interface FetchPlan {
  /** Each after the one it lies in. */
  readonly folders: readonly FolderToMake[];
  readonly files: readonly FileToFetch[];
  readonly broken: readonly BrokenEntry[];
  /** Entries that get another name here. */
  readonly renamed: readonly FolderToMake[];
  readonly totalBytes: number;
  readonly isForced: boolean;
}

export interface FetchTarget {
  readonly place: string;
  /** It was written as a folder; whatever comes goes into it. */
  readonly isFolder: boolean;
  /** Files that are there are written over. */
  readonly isForced: boolean;
  /** Names that the disk does not take are changed. */
  readonly isMapped: boolean;
  readonly signal: AbortSignal;
}

/** Throws {@link LocalExists}, {@link NoSuchFile}, {@link Misused}, `BadFileName`. */
export async function planFetch(
  drive: Drive,
  handles: readonly Handle[],
  target: FetchTarget,
): Promise<FetchPlan> {
  const { place } = target;
  // A link to a folder stands for the folder.
  const there = await kindOf(place, stat);
  const isInto = handles.length > 1 || target.isFolder || there === 'folder';
  if (isInto && there !== 'folder') throw new NoSuchFile(`There is no folder ${place}.`);
  if (!isInto && (await kindOf(dirname(place), stat)) !== 'folder') {
    throw new NoSuchFile(`There is no folder ${dirname(place)} to write into.`);
  }
  const rules = target.isMapped
    ? await rulesOfDisk(isInto ? place : dirname(place))
    : rulesOfSystem();
  const planning = new Planning(drive, target, rules);
  const names = handles.map(({ name }) => name);
  const fault = isInto && !target.isMapped ? firstFault(names, rules) : undefined;
  if (fault !== undefined) throw badLocalName(fault, 'disk');
  const mapped = planning.localNames(names);
  for (const [i, handle] of handles.entries()) {
    await planning.addAsked(handle, isInto ? join(place, mapped[i] ?? '') : place);
  }
  return planning;
}

class Planning implements FetchPlan {
  readonly folders: FolderToMake[] = [];
  readonly files: FileToFetch[] = [];
  readonly broken: BrokenEntry[] = [];
  readonly renamed: FolderToMake[] = [];
  totalBytes = 0;
  readonly #drive: Drive;
  readonly #target: FetchTarget;
  readonly #rules: NameRules;
  readonly #places = new Set<string>();

  constructor(drive: Drive, target: FetchTarget, rules: NameRules) {
    this.#drive = drive;
    this.#target = target;
    this.#rules = rules;
  }

  get isForced(): boolean {
    return this.#target.isForced;
  }

  /** What the entries of one folder are called on this disk. */
  localNames(names: readonly string[]): readonly string[] {
    return this.#target.isMapped ? mapNames(names, this.#rules) : names;
  }

  /** Something that was asked for by name. */
  async addAsked(handle: Handle, place: string): Promise<void> {
    if (this.#places.has(place)) {
      throw new Misused(`Two of these would be written to ${place}. Use --map-names.`);
    }
    await this.#add(handle, pathOf(handle), place, await kindOf(place, lstat));
  }

  async #add(
    handle: Handle,
    path: readonly string[],
    place: string,
    there: Kind | undefined,
  ): Promise<void> {
    this.#places.add(place);
    if (handle.isDirectory) {
      if (there === 'other') throw new Misused(`${place} is no folder, but is to become one.`);
      if (there === 'link') throw new Misused(`${place} is a link, but is to become a folder.`);
      this.folders.push({ path, place });
      return this.#addBelow(handle, path, place);
    }
    if (there === 'folder') throw new Misused(`${place} is a folder, but is to become a file.`);
    if (there !== undefined && !this.#target.isForced) throw LocalExists.at(place);
    this.files.push({ handle, path, place });
    this.totalBytes += handle.properties.sizeBytes;
  }

  async #addBelow(folder: Handle, path: readonly string[], place: string): Promise<void> {
    const { signal } = this.#target;
    const batches: (readonly ListedEntry[])[] = [];
    for await (const batch of this.#drive.list(folder, { signal })) batches.push(batch);
    const names = this.localNames(batches.flat().map(({ name }) => name)).values();
    for (const batch of batches) {
      const opened = await this.#drive.openMany(folder, batch, signal);
      for (const [i, child] of opened.entries()) {
        const listedName = batch[i]?.name ?? '';
        const childPath = [...path, listedName];
        const name = names.next().value ?? listedName;
        if (child instanceof Error && isNodeFailure(child)) throw child;
        if (child instanceof Error) this.broken.push({ path: childPath, error: child });
        else await this.#addChild(child, childPath, place, name);
      }
    }
  }

  async #addChild(child: Handle, path: readonly string[], folder: string, name: string) {
    const fault = nameFault(name, this.#rules);
    if (fault !== undefined) {
      this.broken.push({ path, error: badLocalName(fault, 'disk') });
      return;
    }
    const place = join(folder, name);
    let there: Kind | undefined;
    try {
      if (this.#places.has(place)) throw LocalExists.at(place);
      there = await kindOf(place, lstat);
    } catch (error) {
      // What the disk does not even look for.
      if (isFatal(error)) throw error;
      this.broken.push({ path, error: error as Error });
      return;
    }
    if (name !== path.at(-1)) this.renamed.push({ path, place });
    await this.#add(child, path, place, there);
  }
}

function firstFault(names: readonly string[], rules: NameRules): NameFault | undefined {
  for (const name of names) {
    const fault = nameFault(name, rules);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

type Kind = 'folder' | 'link' | 'other';

type Look = (place: string) => Promise<{ isDirectory(): boolean; isSymbolicLink(): boolean }>;

async function kindOf(place: string, look: Look): Promise<Kind | undefined> {
  try {
    const found = await look(place);
    if (found.isSymbolicLink()) return 'link';
    return found.isDirectory() ? 'folder' : 'other';
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
