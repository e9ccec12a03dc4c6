/**
 * Folders of the home that belong to the app: those that clients of the protocol expect (B-4 §3)
 * and our trash. A person's own things cannot have their names there, and nothing a person does
 * moves, renames or removes them. Every change of a {@link Drive} passes here, whichever front end
 * asks for it.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { placeKey } from './listing.ts';
import { copyName } from './names.ts';
import { pathOf } from './paths.ts';
import type { Handle, Home } from './types.ts';

export const TRASH_FOLDER = '.trash';
/** What is in them belongs to the protocol, too; what is in the trash is the person's own. */
const PROTOCOL_FOLDERS: ReadonlySet<string> = new Set([
  'shared',
  '.transactions',
  '.capabilitycache',
]);

/** The name cannot be given in the home. */
export class NameReserved extends PyrgosError {
  override readonly name = 'NameReserved';
  override readonly kind = 'invalid';
  constructor(entryName: string) {
    super(
      `The app keeps a hidden folder “${entryName}” here. Choose another name, such as “${entryName} 2”.`,
    );
  }
}

/** The folder is one of the app's own. */
export class SystemFolderKept extends PyrgosError {
  override readonly name = 'SystemFolderKept';
  override readonly kind = 'invalid';
  constructor(entryName: string) {
    super(`“${entryName}” is a hidden folder that the app needs. Nothing in it was changed.`);
  }
}

/**
 * True for names of the app's own folders in the folder at `path` below the home; without a path
 * the folder lies in another tree, and all of its names are a person's to give.
 */
export function isSystemName(path: readonly string[] | undefined, name: string): boolean {
  return path?.length === 0 && (name === TRASH_FOLDER || PROTOCOL_FOLDERS.has(name));
}

/** Whether something may lie in `folder` under this name. @throws NameReserved, SystemFolderKept */
export function checkNewName(home: Home | undefined, folder: Handle, name: string): void {
  checkOpenToPerson(home, folder);
  if (isSystemName(belowHome(home, folder), name)) throw new NameReserved(name);
}

/** Whether an entry of `folder` may be changed, moved or removed. @throws SystemFolderKept */
export function checkOwnEntry(
  home: Home | undefined,
  folder: Handle | undefined,
  name: string,
): void {
  if (folder === undefined) return; // the top of a tree
  checkOpenToPerson(home, folder);
  if (isSystemName(belowHome(home, folder), name)) throw new SystemFolderKept(name);
}

/**
 * A path below the folder at `folder` (names from the home down; absent in other trees) under which something is stored:
 * with a name that is a person's to give, because it must not be hidden.
 */
export function besideSystemNames(
  folder: readonly string[] | undefined,
  path: readonly string[],
): readonly string[] {
  const [first = '', ...rest] = path;
  return isSystemName(folder, first) ? [copyName(first, 1), ...rest] : path;
}

/** Whether a person may store things in a folder. @throws SystemFolderKept */
export function checkOpenToPerson(home: Home | undefined, folder: Handle): void {
  const top = belowHome(home, folder)?.[0];
  if (top !== undefined && PROTOCOL_FOLDERS.has(top)) throw new SystemFolderKept(top);
}

/** Names from the home down to a folder: none for the home itself, undefined in another tree. */
export function belowHome(home: Home | undefined, folder: Handle): string[] | undefined {
  if (home === undefined) return undefined;
  let top = folder;
  while (top.parent !== undefined) top = top.parent;
  return placeKey(top.capability) === placeKey(home.capability)
    ? pathOf(folder).slice(1)
    : undefined;
}
