/**
 * Paths that apps ask for, as they come in URLs: hostile. Names are held to the rules of the drive's
 * own names, after they were decoded once; nothing is resolved, `..` is refused.
 */
import { canonical, PyrgosError } from '#lib/bytes/index.ts';
import { checkName } from '#lib/cryptree/index.ts';
import type { Drive, Handle } from '#lib/drive/index.ts';
import { PathNotFound } from '#lib/drive/index.ts';
import { AppRequestRefused } from './errors.ts';
import type { DrivePath } from './types.ts';

const PATH_MAX = 8192;
const SEGMENTS_MAX = 100;

/**
 * The names in the path of a URL. A name that is no valid percent-encoding is taken as it stands,
 * as browsers leave a lone `%`. @throws AppRequestRefused
 */
export function segmentsOf(urlPath: string): string[] {
  if (urlPath.length > PATH_MAX) throw new AppRequestRefused('The path is too long.');
  const segments = urlPath.split('/').filter((segment) => segment !== '');
  if (segments.length > SEGMENTS_MAX) throw new AppRequestRefused('The path is too long.');
  return segments.map((segment) => checkedName(decoded(segment)));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

/** The name, if the drive would take it for something new. @throws AppRequestRefused */
export function checkedName(name: string): string {
  try {
    checkName(name);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new AppRequestRefused(error.message);
  }
  return name;
}

/** Whether clients hide what has this name. */
export function isHiddenName(name: string): boolean {
  return canonical(name).startsWith('.');
}

/** @throws AppRequestRefused if one of the names is a hidden one */
export function refuseHidden(names: DrivePath): void {
  if (names.some(isHiddenName)) throw new AppRequestRefused('Hidden files are out of reach.');
}

/** Names as the path of a URL, each percent-encoded; without slashes at its ends. */
export function encodePath(names: DrivePath): string {
  return names.map((name) => encodeURIComponent(name)).join('/');
}

/** The path as apps know it: from the root down, not encoded. */
export function pathText(path: DrivePath): string {
  return `/${path.join('/')}`;
}

export function isSamePath(a: DrivePath, b: DrivePath): boolean {
  return a.length === b.length && isBelow(a, b);
}

/** Whether `path` is `folder` or something below it. */
export function isBelow(path: DrivePath, folder: DrivePath): boolean {
  return path.length >= folder.length && folder.every((name, i) => path[i] === name);
}

/**
 * What lies at a path as it is now. From `visibleFrom` on no name may be hidden, and nothing that is
 * opened may be marked as hidden. @throws PathNotFound, NotADirectory, AppRequestRefused
 */
export async function openPath(
  drive: Drive,
  path: DrivePath,
  visibleFrom: number,
  signal?: AbortSignal,
): Promise<Handle> {
  const [root = '', ...names] = path;
  refuseHidden(path.slice(visibleFrom));
  const top = await drive.roots.open(root, signal);
  return walk(drive, top, names, visibleFrom - 1, signal);
}

/** The same from a folder; `visibleFrom` counts the names below it. */
export async function walk(
  drive: Drive,
  folder: Handle,
  names: DrivePath,
  visibleFrom: number,
  signal?: AbortSignal,
): Promise<Handle> {
  let at = folder;
  for (const [i, name] of names.entries()) {
    const row = at.isDirectory ? await drive.find(at, name, signal) : undefined;
    if (row === undefined) throw new PathNotFound(names.slice(0, i + 1));
    at = await drive.open(at, row, signal);
    const isHidden = at.properties.isHidden || isHiddenName(at.name);
    if (i >= visibleFrom && isHidden) throw new PathNotFound(names.slice(0, i + 1));
  }
  return at;
}
