/**
 * What the screens' opaque ids stand for. An id is a small random text, good for one session of
 * one engine; behind it are the folder it was seen in, what that folder's list said, and how to
 * open it. The same place keeps its id as long as it is known.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import {
  isSystemName,
  PathNotFound,
  placeKey,
  type Drive,
  type Handle,
  type ListedEntry,
} from '#lib/drive/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { Entry } from '../../types.ts';
import { millisecondsOf } from './time-format.ts';

/** The id is not of this session, or what it stood for was removed. */
export class UnknownEntry extends PyrgosError {
  override readonly name = 'UnknownEntry';
  override readonly kind = 'not-found';
  constructor() {
    super('This item is no longer there.');
  }
}

export interface Item {
  readonly id: string;
  /** The tree it lies in, by name: the first of its path. */
  readonly root: string;
  /** Absent: the top of the tree. */
  readonly parent: Item | undefined;
  readonly listed: ListedEntry | undefined;
}

export class Entries {
  readonly #home: Item | undefined;
  readonly #drive: Drive;
  readonly #random: Random;
  readonly #items = new Map<string, Item>();
  readonly #idByPlace = new Map<string, string>();

  /** Tops of trees by name, as they are asked for. */
  readonly #tops = new Map<string, Item>();

  /** A guest has no name and no home. */
  constructor(drive: Drive, random: Random, username: string | undefined) {
    this.#drive = drive;
    this.#random = random;
    this.#home = username === undefined ? undefined : this.top(username);
  }

  /** The top of the account's own tree. @throws PathNotFound for a guest */
  get home(): Item {
    if (this.#home === undefined) throw new PathNotFound([]);
    return this.#home;
  }

  /** The top of a tree. @throws PathNotFound where the drive has no root of this name */
  top(root: string): Item {
    const known = this.#tops.get(root);
    if (known !== undefined) return known;
    if (!this.#drive.roots.has(root)) throw new PathNotFound([root]);
    const item = { id: ticketId(this.#random), root, parent: undefined, listed: undefined };
    this.#tops.set(root, item);
    this.#items.set(item.id, item);
    return item;
  }

  /** Throws UnknownEntry. */
  item(id: string): Item {
    const item = this.#items.get(id);
    if (item === undefined) throw new UnknownEntry();
    return item;
  }

  /** Registers a row of a folder; a known place keeps its id and takes the new name and folder. */
  add(parent: Item, listed: ListedEntry): Item {
    const { capability } = listed;
    const place = capability === undefined ? undefined : placeKey(capability);
    const known = place === undefined ? undefined : this.#idByPlace.get(place);
    const { root } = parent;
    const item = { id: known ?? ticketId(this.#random), root, parent, listed };
    this.#items.set(item.id, item);
    if (place !== undefined) this.#idByPlace.set(place, item.id);
    return item;
  }

  /** Registers an opened handle and the folders it was opened through. */
  addHandle(handle: Handle): Item {
    if (handle.parent === undefined) return this.top(handle.name);
    return this.add(this.addHandle(handle.parent), listedOf(handle));
  }

  drop(items: readonly Item[]): void {
    for (const { id, listed } of items) {
      this.#items.delete(id);
      if (listed?.capability !== undefined) this.#idByPlace.delete(placeKey(listed.capability));
    }
  }

  /** Opens an item as it is now. */
  async open(item: Item, signal?: AbortSignal): Promise<Handle> {
    if (item.parent === undefined || item.listed === undefined) {
      return this.#drive.roots.open(item.root, signal);
    }
    const parent = await this.open(this.item(item.parent.id), signal);
    return this.#drive.open(parent, item.listed, signal);
  }

  /** Names from the root down, its own included. */
  path(item: Item): string[] {
    if (item.parent === undefined) return [item.root];
    const parent = this.#items.get(item.parent.id) ?? item.parent;
    return [...this.path(parent), item.listed?.name ?? ''];
  }

  /** What of a path is below the home; undefined in another tree. */
  belowHome(path: readonly string[]): readonly string[] | undefined {
    return path[0] === this.#home?.root ? path.slice(1) : undefined;
  }

  /** Paths of the folders of which anything is known. */
  folderPaths(): string[][] {
    const folders = new Set(this.#tops.values());
    for (const { parent } of this.#items.values()) if (parent !== undefined) folders.add(parent);
    return [...folders].map((folder) => this.path(folder));
  }

  describe(item: Item): Entry {
    const { listed } = item;
    if (listed === undefined) {
      return {
        id: item.id,
        name: item.root,
        kind: 'folder',
        mimeType: '',
        createdMs: undefined,
        hidden: false,
      };
    }
    const created = listed.createdSeconds;
    return {
      id: item.id,
      name: listed.name,
      kind: listed.isDirectory ? 'folder' : 'file',
      mimeType: listed.mimeType,
      createdMs: created === undefined ? undefined : millisecondsOf({ seconds: created, nanos: 0 }),
      hidden: this.#looksHidden(item),
      ...this.#rightsOf(item),
      ...(listed.unreadable === undefined ? {} : { unreadable: listed.unreadable }),
    };
  }

  /** Of somebody else's entries, the row says how they came to us; a guest has nothing to leave. */
  #rightsOf({ root, listed }: Item): Pick<Entry, 'editable' | 'given'> {
    if (this.#home === undefined || root === this.#home.root) return {};
    return {
      ...(listed?.capability?.writeKey === undefined ? {} : { editable: true }),
      ...(listed?.isGiven ? { given: true } : {}),
    };
  }

  /** A list does not say what is hidden; the system's own directories are known by name (B-4). */
  #looksHidden({ parent, listed }: Item): boolean {
    const name = listed?.name ?? '';
    return (
      name.startsWith('.') ||
      (parent !== undefined && parent.parent === undefined && isSystemName([], name))
    );
  }
}

/** The row that leads to a handle. */
export function listedOf(handle: Handle): ListedEntry {
  const { name, isDirectory, properties } = handle;
  const capability: Capability = handle.link?.capability ?? handle.capability;
  return {
    name,
    capability,
    isDirectory,
    mimeType: properties.mimeType,
    createdSeconds: properties.created.seconds,
  } as ListedEntry;
}
