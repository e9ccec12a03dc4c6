/**
 * What the account that is signed in has made public (C-4 §4.6): everybody can read it by its path,
 * without an account. Ending that gives the item new keys. Each act is one commit.
 */
import {
  isSystemName,
  rotateEntry,
  type Change,
  type Handle,
  type LeftOut,
} from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { itemAt, placeOf, resend } from '../share/noted-shares.ts';
import { checkOwn } from '../share/sharing.ts';
import { publicAbove, publicBelow, putPublic, removePublic } from './own-tree.ts';

export class PublicFiles {
  readonly #deps: SocialDeps;

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /** Makes an own file or folder public. @throws ShareRefused, PathNotFound */
  publish(path: readonly string[], signal?: AbortSignal): Promise<void> {
    return this.#deps.drive.change(
      (change, home) => publish(change, this.#deps, home, path),
      signal,
    );
  }

  /**
   * Ends that. The item and all below it get new keys; who it is shared with keeps access. Answers
   * what could not be opened and keeps its old keys. What is not public is no error.
   * @throws ShareRefused, PathNotFound
   */
  unpublish(path: readonly string[], signal?: AbortSignal): Promise<readonly LeftOut[]> {
    return this.#deps.drive.change(
      (change, home) => unpublish(change, this.#deps, home, path),
      signal,
    );
  }

  /** The path that makes this one public: its own, or that of a folder above; undefined if none. */
  publicBy(path: readonly string[], signal?: AbortSignal): Promise<readonly string[] | undefined> {
    return this.#deps.drive.look((change) => publicAbove(change, this.#deps, path), signal);
  }

  /** The paths of all that is public. */
  async all(signal?: AbortSignal): Promise<readonly (readonly string[])[]> {
    const { drive, person } = this.#deps;
    const found = await drive.look(
      (change) => publicBelow(change, this.#deps, [person.username]),
      signal,
    );
    return found.map(({ path }) => path);
  }
}

/** @throws ShareRefused, PathNotFound */
export async function publish(
  change: Change,
  deps: SocialDeps,
  home: Handle,
  path: readonly string[],
): Promise<void> {
  checkOwn(home, path);
  if (isSystemName([], path[1]!)) {
    throw new ShareRefused('Folders of the app itself cannot be made public.');
  }
  await putPublic(change, deps, path, await itemAt(change, home, path));
}

/** @throws ShareRefused, PathNotFound */
export async function unpublish(
  change: Change,
  deps: SocialDeps,
  home: Handle,
  path: readonly string[],
): Promise<readonly LeftOut[]> {
  checkOwn(home, path);
  if (!(await removePublic(change, deps, path))) return [];
  const { folder, name } = await placeOf(change, home, path);
  const { leftOut } = await rotateEntry(change, folder, name, 'read');
  await resend(change, deps, home, path);
  return leftOut;
}

/** The address that shows to anybody what is public at a path (C-4 §4.6). `host` is `host[:port]`. */
export function publicAddress(host: string, path: readonly string[]): string {
  const scheme = host.startsWith('localhost:') ? 'http' : 'https';
  return `${scheme}://${host}/public/${path.map(encodeURIComponent).join('/')}`;
}
