/**
 * Paths as they are typed. A remote path is relative to the current folder of the drive, or begins
 * with `/`: below the home, whose own name (`/alice/…`) may stand first.
 */
import { PathNotFound } from '#lib/drive/index.ts';
import { Misused } from './errors.ts';

/** Names from the home down. Throws `PathNotFound` for what lies above the home. */
export function remotePath(
  text: string,
  folder: readonly string[],
  username: string,
): readonly string[] {
  if (text === '') throw new Misused('A path is empty.');
  const names = text.split('/').filter((name) => name !== '');
  const isAbsolute = text.startsWith('/') || names[0] === '~';
  const isNamed = text.startsWith('/') && names[0] === username;
  const relative = isNamed || names[0] === '~' ? names.slice(1) : names;
  const path: string[] = isAbsolute ? [] : [...folder];
  for (const name of relative) {
    if (name === '.') continue;
    if (name !== '..') path.push(name);
    else if (path.pop() === undefined) throw new PathNotFound(['..']);
  }
  return path;
}

/** `/alice/docs/a.txt`, as other clients write it. */
export function showPath(path: readonly string[], username: string): string {
  return `/${[username, ...path].join('/')}`;
}
