/**
 * Paths as they are typed. A remote path is relative to the current folder of the drive, or begins
 * with `/`: below the home, whose own name (`/alice/…`) may stand first. Local names that come from
 * the drive are hostile: none may leave the folder it is written to.
 */
import { join } from 'node:path';
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

const RESERVED_ON_WINDOWS = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/iu;

const NAME_MAX_BYTES = 255;

/** The place of an entry below a local folder. Throws {@link Misused} for a name no disk should see. */
export function localChild(folder: string, name: string): string {
  const isBad =
    name === '' ||
    name === '.' ||
    name === '..' ||
    /[/\0]/u.test(name) ||
    Buffer.byteLength(name) > NAME_MAX_BYTES;
  const isReserved = process.platform === 'win32' && /[<>:"|?*\\]/u.test(name);
  if (isBad || isReserved || (process.platform === 'win32' && RESERVED_ON_WINDOWS.test(name))) {
    throw new Misused(`No disk can have this name: “${name}”. Fetch it under another one.`);
  }
  return join(folder, name);
}
