/** What a running app may read and write of the drive, beside its own folder: what a person chose. */
import type { Handle } from '#lib/drive/index.ts';
import { readsFolderOfFile, readsPages } from './notices.ts';
import { isBelow, isHiddenName, isSamePath } from './paths.ts';
import type { DrivePath, OpenedItem, RunnableApp } from './types.ts';

/** More than a person chooses in one sitting. */
const GRANTS_MAX = 1000;

export interface Grant {
  readonly path: DrivePath;
  /** It, or it and all below it that is not hidden. */
  readonly isFolder: boolean;
  /** Of a folder only what lies directly in it. */
  readonly isShallow?: boolean;
  readonly isWritable: boolean;
}

export class Reach {
  readonly #grants: Grant[] = [];
  /** Files as the app last read or wrote them: their first nodes tell versions apart. */
  readonly #versions = new Map<string, Handle>();

  constructor({ manifest }: RunnableApp, opened: OpenedItem | undefined) {
    // Hidden files get no apps (C-9 §9.3).
    if (opened === undefined || opened.path.slice(1).some(isHiddenName)) return;
    const { path, isFolder } = opened;
    const isWritable = !isFolder && manifest.permissions.includes('EDIT_CHOSEN_FILE');
    this.#grants.push({ path, isFolder, isWritable });
    if (isFolder || path.length < 2 || !readsFolderOfFile(manifest)) return;
    // The home is no folder of pages, and pictures need only their neighbours.
    const isShallow = path.length === 2 || !readsPages(manifest);
    this.#grants.push({ path: path.slice(0, -1), isFolder: true, isShallow, isWritable: false });
  }

  add(grant: Grant): void {
    // What it was opened on stays.
    if (this.#grants.length >= GRANTS_MAX) this.#grants.splice(2, 1);
    this.#grants.push(grant);
  }

  /** The choice that lets the app read at `path`, or write there. */
  grantFor(path: DrivePath, isToWrite: boolean): Grant | undefined {
    const grants = this.#grants.filter(({ isWritable }) => isWritable || !isToWrite);
    return (
      grants.find((grant) => isSamePath(path, grant.path)) ??
      grants.find((grant) => !isToWrite && reaches(grant, path))
    );
  }

  /** The file as the app knows it. */
  known(path: DrivePath): Handle | undefined {
    return this.#versions.get(path.join('/'));
  }

  learn(path: DrivePath, file: Handle): void {
    if (this.#versions.size >= GRANTS_MAX) this.#versions.clear();
    this.#versions.set(path.join('/'), file);
  }
}

function reaches({ path: folder, isFolder, isShallow = false }: Grant, path: DrivePath): boolean {
  const depth = path.length - folder.length;
  return isFolder && isBelow(path, folder) && (!isShallow || depth <= 1);
}
