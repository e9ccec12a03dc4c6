/**
 * The website of the account that is signed in (C-6 §6.1): a folder of it that is public, named by
 * the profile's field `webroot`, which is public too. A gateway serves it (C-9 §9.10).
 */
import {
  ensureFolder,
  NotADirectory,
  writeSmall,
  type Change,
  type Handle,
  type LeftOut,
} from '#lib/drive/index.ts';
import type { SocialDeps } from '../person.ts';
import { fieldFromBytes, fileOf, filesOf, maxBytesOf, PROFILE_FOLDER } from '../profile/fields.ts';
import { itemAt } from '../share/noted-shares.ts';
import { openPath, readRecord } from '../tree.ts';
import { publicAbove, putPublic } from './own-tree.ts';
import { publish, unpublish } from './public-files.ts';

/** What there is of a website. */
export interface WebsiteState {
  /** Owner, folders; undefined if none was chosen. */
  readonly root: readonly string[] | undefined;
  /** Whether everybody can read it. */
  readonly isPublic: boolean;
}

const FIELD_FILE = fileOf('webRoot');

export class Website {
  readonly #deps: SocialDeps;

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  state(signal?: AbortSignal): Promise<WebsiteState> {
    return this.#deps.drive.look(async (change, home) => {
      const root = await rootOf(change, home);
      const by = root && (await publicAbove(change, this.#deps, root));
      const field = await publicAbove(change, this.#deps, this.#fieldPath());
      return { root, isPublic: by !== undefined && field !== undefined };
    }, signal);
  }

  /**
   * Makes a folder the website and public; the one that was it before is public no longer. Answers
   * what of that could not be opened and keeps its old keys. @throws ShareRefused, PathNotFound,
   * NotADirectory, ProfileRefused
   */
  publish(path: readonly string[], signal?: AbortSignal): Promise<readonly LeftOut[]> {
    const { drive } = this.#deps;
    return drive.change(async (change, home) => {
      const before = await rootOf(change, home);
      await publish(change, this.#deps, home, path);
      if (!(await itemAt(change, home, path)).isDirectory) throw new NotADirectory(path.at(-1)!);
      await this.#write(change, home, path.join('/'));
      await putPublic(
        change,
        this.#deps,
        this.#fieldPath(),
        await itemAt(change, home, this.#fieldPath()),
      );
      const isOther = before !== undefined && before.join('/') !== path.join('/');
      return isOther ? await this.#end(change, home, before) : [];
    }, signal);
  }

  /** Ends it; the folder gets new keys. Answers what could not be opened and keeps its old ones. */
  unpublish(signal?: AbortSignal): Promise<readonly LeftOut[]> {
    return this.#deps.drive.change(async (change, home) => {
      const root = await rootOf(change, home);
      if (root === undefined) return [];
      await this.#write(change, home, '');
      return this.#end(change, home, root);
    }, signal);
  }

  /** A folder that is gone is public no longer anyhow. */
  async #end(change: Change, home: Handle, root: readonly string[]): Promise<readonly LeftOut[]> {
    if (root[0] !== home.name || (await openPath(change, home, root.slice(1))) === undefined) {
      return [];
    }
    return unpublish(change, this.#deps, home, root);
  }

  async #write(change: Change, home: Handle, webRoot: string): Promise<void> {
    const folder = await ensureFolder(change, home, PROFILE_FOLDER);
    for (const [name, bytes] of filesOf(this.#deps.person.username, { webRoot })) {
      await writeSmall(change, folder, name, bytes, { isHidden: false });
    }
  }

  #fieldPath(): readonly string[] {
    return [this.#deps.person.username, PROFILE_FOLDER, FIELD_FILE];
  }
}

async function rootOf(change: Change, home: Handle): Promise<readonly string[] | undefined> {
  const folder = await openPath(change, home, [PROFILE_FOLDER]);
  const bytes = folder && (await readRecord(change, folder, FIELD_FILE));
  return bytes && webRootFrom(bytes);
}

/** The folder that the bytes of a field `webroot` name; undefined if they name none. */
export function webRootFrom(bytes: Uint8Array): readonly string[] | undefined {
  const { webRoot } = fieldFromBytes('webRoot', bytes);
  const path = webRoot?.split('/').filter((name) => name !== '') ?? [];
  return path.length < 2 ? undefined : path;
}

/** Where anybody finds the website of a name, if it is public: the field that names its folder. */
export function webRootFieldOf(username: string): readonly string[] {
  return [username, PROFILE_FOLDER, FIELD_FILE];
}

export const WEB_ROOT_MAX_BYTES = maxBytesOf('webRoot');
