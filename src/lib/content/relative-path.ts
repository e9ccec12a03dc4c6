/** Paths that a document names: of its pictures, and of the files it links to. Hostile input. */
const LONGEST_PATH_UNITS = 4_096;

/**
 * The names from the root of the tree down to what a relative path means, seen from a folder;
 * undefined for a path that leads out of the tree or through something hidden. A path that begins
 * with a slash is seen from the top of the tree.
 *
 * @param folder names from the root of the tree down; the first is the tree's own
 */
export function pathBeside(
  folder: readonly string[],
  relative: string,
): readonly string[] | undefined {
  if (relative === '' || relative.length > LONGEST_PATH_UNITS) return undefined;
  const path = relative.startsWith('/') ? folder.slice(0, 1) : [...folder];
  for (const name of relative.split('/')) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (path.length < 2) return undefined;
      path.pop();
    } else if (name.startsWith('.')) return undefined;
    else path.push(name);
  }
  return path.length < 2 ? undefined : path;
}
