/**
 * Paths as they are typed. A remote path is relative to the current folder of the drive, or begins
 * with `/`: below the home, whose own name (`/alice/…`) may stand first. Two slashes begin a path in
 * the tree of somebody by name: `//bob/docs`.
 */
import { PathNotFound, type Handle } from '#lib/drive/index.ts';
import { Misused } from './errors.ts';

/** Two slashes and no third one: more count as one. */
const OWNER_FIRST = /^\/\/[^/]/u;

/** The owner's name, then names from the top of the tree down. Throws `PathNotFound` for what lies above. */
export function remotePath(
  text: string,
  folder: readonly string[],
  username: string,
): readonly string[] {
  if (text === '') throw new Misused('A path is empty.');
  const names = text.split('/').filter((name) => name !== '');
  const { path, below } = beginning(text, names, folder, username);
  for (const name of below) {
    if (name === '.') continue;
    if (name !== '..') path.push(name);
    else if (path.length > 1) path.pop();
    else throw new PathNotFound(['..']);
  }
  return path;
}

/** Where a path begins, and the names that lead on from there. */
function beginning(
  text: string,
  names: readonly string[],
  folder: readonly string[],
  username: string,
): { readonly path: string[]; readonly below: readonly string[] } {
  const [first = username, ...rest] = names;
  if (OWNER_FIRST.test(text)) return { path: [first], below: rest };
  if (first === '~') return { path: [username], below: rest };
  if (!text.startsWith('/')) return { path: [...folder], below: names };
  return { path: [username], below: first === username ? rest : names };
}

/** Where something that was opened lies, its owner first. */
export function pathOf({ parent, name }: Handle): string[] {
  return parent === undefined ? [name] : [...pathOf(parent), name];
}

/** `/alice/docs/a.txt`, as other clients write it; of somebody else `//bob/docs/a.txt`, as it is typed. */
export function showPath(path: readonly string[], username: string): string {
  return `${path[0] === username ? '/' : '//'}${path.join('/')}`;
}
