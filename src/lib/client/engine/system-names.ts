/**
 * Names of the home that belong to the app: hidden folders that clients of the protocol expect
 * (B-4 §3) and our trash. A person's own things cannot have them there.
 */
import { PyrgosError } from '#lib/bytes/index.ts';

export const TRASH_FOLDER = '.trash';
const SYSTEM_NAMES = new Set(['shared', '.transactions', '.capabilitycache', TRASH_FOLDER]);

/** The name cannot be given in the home. */
class NameReserved extends PyrgosError {
  override readonly name = 'NameReserved';
  constructor(entryName: string) {
    super(
      `The app keeps a hidden folder “${entryName}” here. Choose another name, such as “${entryName} 2”.`,
    );
  }
}

/** True for names of the app's own folders in the folder at `path` below the home. */
export function isSystemName(path: readonly string[], name: string): boolean {
  return path.length === 0 && SYSTEM_NAMES.has(name);
}

/** @throws NameReserved */
export function checkNotReserved(path: readonly string[], name: string): void {
  if (isSystemName(path, name)) throw new NameReserved(name);
}

/** The same path with a name that is a person's to give: what is uploaded must not be hidden. */
export function besideSystemNames(
  folder: readonly string[],
  path: readonly string[],
): readonly string[] {
  const [first = '', ...rest] = path;
  return isSystemName(folder, first) ? [`${first} (copy)`, ...rest] : path;
}
