/**
 * What the screens' opaque ids stand for. An id is a small random text, good for one session of
 * one engine; behind it are the folder it was seen in, what that folder's list said, and how to
 * open it. The same place keeps its id as long as it is known.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import {
  isSystemName,
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
  /** Absent: the home. */
  readonly parent: Item | undefined;
  readonly listed: ListedEntry | undefined;
}

export class Entries {
  readonly home: Item;
  readonly #drive: Drive;
  readonly #random: Random;
  readonly #items = new Map<string, Item>();
  readonly #idByPlace = new Map<string, string>();

  constructor(drive: Drive, random: Random) {
    this.#drive = drive;
    this.#random = random;
    this.home = { id: ticketId(random), parent: undefined, listed: undefined };
    this.#items.set(this.home.id, this.home);
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
    const item = { id: known ?? ticketId(this.#random), parent, listed };
    this.#items.set(item.id, item);
    if (place !== undefined) this.#idByPlace.set(place, item.id);
    return item;
  }

  /** Registers an opened handle and the folders it was opened through. */
  addHandle(handle: Handle): Item {
    if (handle.parent === undefined) return this.home;
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
    if (item.parent === undefined || item.listed === undefined) return this.#drive.home(signal);
    const parent = await this.open(this.item(item.parent.id), signal);
    return this.#drive.open(parent, item.listed, signal);
  }

  /** Names from the home down; the home itself has none. */
  path(item: Item): string[] {
    if (item.parent === undefined) return [];
    const parent = this.#items.get(item.parent.id) ?? item.parent;
    return [...this.path(parent), item.listed?.name ?? ''];
  }

  /** Paths of the folders of which anything is known. */
  folderPaths(): string[][] {
    const folders = new Set([this.home]);
    for (const { parent } of this.#items.values()) if (parent !== undefined) folders.add(parent);
    return [...folders].map((folder) => this.path(folder));
  }

  describe(item: Item, username: string): Entry {
    const { listed } = item;
    if (listed === undefined) {
      return {
        id: item.id,
        name: username,
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
      ...(listed.unreadable === undefined ? {} : { unreadable: listed.unreadable }),
    };
  }

  /** A list does not say what is hidden; the system's own directories are known by name (B-4). */
  #looksHidden({ parent, listed }: Item): boolean {
    const name = listed?.name ?? '';
    return name.startsWith('.') || (parent === this.home && isSystemName([], name));
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
