/**
 * A friend's tree (C-2 §2.6): from its top one sees the folders that lead to what was shared, and
 * in a shared folder what is in it. What was shared to write stands before what may only be read.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import {
  canReadContent,
  type Capability,
  type EntryPoint,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import {
  Ancestors,
  DanglingEntry,
  followLinks,
  handleOf,
  openAll,
  PathNotFound,
  placeKey,
  type Drive,
  type Handle,
  type ListedEntry,
  type PartialFolder,
  type Root,
} from '#lib/drive/index.ts';
import type { Snapshot } from '#lib/writers/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import { FriendGone } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { RECORD_MAX_BYTES } from '../records.ts';
import { ITEMS, itemsFromBytes, type MirroredItem } from './incoming-records.ts';
import type { Incoming } from './incoming.ts';
import { WORLD } from './mirror.ts';
import { rowOf } from './rows.ts';

/** How deep is looked for one item that shows what a folder between is called. */
const REPRESENTATIVE_DEPTH = 64;

export class FriendRoot implements Root {
  readonly name: string;
  readonly #deps: SocialDeps;
  readonly #entry: EntryPoint;
  readonly #incoming: Incoming;

  constructor(deps: SocialDeps, entry: EntryPoint, incoming: Incoming) {
    this.name = entry.username;
    this.#deps = deps;
    this.#entry = entry;
    this.#incoming = incoming;
  }

  /** The friend's home: its name, and what of it was shared. @throws FriendGone */
  async open(signal?: AbortSignal): Promise<Handle> {
    await this.#incoming.poll(this.#entry, signal);
    const { owner } = this.#entry.capability;
    return readConsistently(this.#deps.driveDeps, owner, async (view) => {
      const [node] = await openAll(view, [this.#entry.capability], signal);
      if (node === undefined) throw new FriendGone(this.name);
      if (node instanceof PyrgosError) throw node;
      const [top] = await new Ancestors(view).of(node, signal);
      const partial = new MirroredFolder(this.#deps, [this.name]);
      return { ...handleOf({ node: top!, name: this.name }, undefined), partial };
    });
  }
}

/** One folder of the mirror, laid over the friend's folder. */
class MirroredFolder implements PartialFolder {
  readonly #deps: SocialDeps;
  /** Owner, then folders. */
  readonly #path: readonly string[];
  #mirror: Promise<Mirror> | undefined;

  constructor(deps: SocialDeps, path: readonly string[]) {
    this.#deps = deps;
    this.#path = path;
  }

  async *list(folder: Handle, signal?: AbortSignal): AsyncGenerator<ListedEntry[], void, void> {
    const { drive } = this.#deps;
    const shared = await this.#shared(folder, signal);
    yield shared.map(({ row }) => row);
    if (!canReadContent(folder.node)) return;
    const { partial: _partial, ...whole } = folder;
    const names = new Set(shared.map(({ row }) => row.name));
    for await (const rows of drive.list(whole, signal ? { signal } : {})) {
      yield rows.filter(({ name }) => !names.has(name));
    }
  }

  async openMany(
    folder: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]> {
    const mirror = await this.#read(signal);
    const capabilities = entries.flatMap(({ capability }) => capability ?? []);
    const owner = folder.capability.owner;
    const opened = await readConsistently(this.#deps.driveDeps, owner, async (view) => {
      const nodes = await openAll(view, capabilities, signal);
      return Promise.all(nodes.map((node) => this.#follow(view, node, signal)));
    });
    const mirrorNames = await this.#mirrorNames(folder, entries, signal);
    const byPlace = new Map(capabilities.map((capability, i) => [capability, opened[i]]));
    return entries.map(({ name, capability }) => {
      const target = capability && byPlace.get(capability);
      if (capability === undefined || target === undefined) return new DanglingEntry(name);
      if (target instanceof PyrgosError) return target;
      const handle = handleOf({ ...target, name }, folder);
      const mirrorName = mirrorNames.get(placeKey(capability)) ?? name;
      const isMirrored = handle.isDirectory && mirror.folders.has(mirrorName);
      const partial = new MirroredFolder(this.#deps, [...this.#path, mirrorName]);
      return isMirrored ? { ...handle, partial } : handle;
    });
  }

  /** Under which names the mirror has rows, by their places: its owner may have renamed them since. */
  async #mirrorNames(
    folder: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    const { items, folders } = await this.#read(signal);
    const known = new Map(items.map(({ capability, name }) => [placeKey(capability), name]));
    const isKnown = ({ name, capability }: ListedEntry): boolean =>
      folders.has(name) || capability === undefined || known.has(placeKey(capability));
    if (folders.size === 0 || entries.every(isKnown)) return known;
    const shared = await this.#shared(folder, signal);
    return new Map(
      shared.flatMap(({ row, mirrorName }) =>
        row.capability ? [[placeKey(row.capability), mirrorName] as const] : [],
      ),
    );
  }

  async #follow(view: Snapshot, node: OpenNode | PyrgosError | undefined, signal?: AbortSignal) {
    if (node === undefined || node instanceof PyrgosError) return node;
    try {
      // Of a folder between only the name may be read: it is no link to follow.
      if (!canReadContent(node)) return { node, name: node.properties.name };
      return await followLinks(view, node, signal);
    } catch (error) {
      if (error instanceof PyrgosError) return error;
      throw error;
    }
  }

  /** Rows of what was shared here, and of folders on the way to what was shared below. */
  async #shared(
    folder: Handle,
    signal?: AbortSignal,
  ): Promise<{ row: ListedEntry; mirrorName: string }[]> {
    const mirror = await this.#read(signal);
    const { owner } = folder.capability;
    return readConsistently(this.#deps.driveDeps, owner, async (view) => {
      const nodes = await openAll(
        view,
        mirror.items.map(({ capability }) => capability),
        signal,
      );
      const rows: { row: ListedEntry; mirrorName: string }[] = [];
      const [names, found] = [new Set<string>(), new Set<string>()];
      const add = (mirrorName: string, capability: Capability, node: OpenNode): void => {
        // The owner may have renamed it; a name that is taken stands for what it was first.
        const { name: present } = node.properties;
        const name = names.has(present) ? mirrorName : present;
        names.add(name);
        rows.push({ row: rowOf(name, capability, node), mirrorName });
      };
      for (const [i, node] of nodes.entries()) {
        if (node === undefined || node instanceof PyrgosError) continue;
        const item = mirror.items[i]!;
        found.add(item.name);
        add(item.name, item.capability, node);
      }
      const ancestors = new Ancestors(view);
      for (const mirrorName of mirror.folders) {
        if (found.has(mirrorName)) continue;
        const node = await this.#between(view, ancestors, mirrorName, signal);
        if (node !== undefined) add(mirrorName, node.capability, node);
      }
      return rows;
    });
  }

  /** The folder the mirror calls `name`, known by an item that lies somewhere below it. */
  async #between(
    view: Snapshot,
    ancestors: Ancestors,
    name: string,
    signal?: AbortSignal,
  ): Promise<OpenNode | undefined> {
    const depth = this.#path.length;
    for await (const { capability } of itemsBelow(
      this.#deps.drive,
      [...this.#path, name],
      signal,
    )) {
      const [node] = await openAll(view, [capability], signal);
      if (node === undefined || node instanceof PyrgosError) continue;
      try {
        const path = await ancestors.of(node, signal);
        const at = path[depth];
        if (at?.properties.isDirectory) return at;
      } catch (error) {
        if (!(error instanceof PyrgosError)) throw error;
      }
    }
    return undefined;
  }

  #read(signal?: AbortSignal): Promise<Mirror> {
    this.#mirror ??= readMirror(this.#deps.drive, this.#path, signal);
    return this.#mirror;
  }
}

/** What the mirror holds for one folder. */
interface Mirror {
  readonly items: readonly MirroredItem[];
  /** Names of folders with something below them. */
  readonly folders: ReadonlySet<string>;
}

async function readMirror(
  drive: Drive,
  path: readonly string[],
  signal?: AbortSignal,
): Promise<Mirror> {
  const folders = new Set<string>();
  let items: MirroredItem[] = [];
  const folder = await drive.resolve([...WORLD, ...path], signal).catch(absent);
  if (folder === undefined) return { items, folders };
  for await (const rows of drive.list(folder, signal ? { signal } : {})) {
    for (const row of rows) {
      if (row.isDirectory) folders.add(row.name);
      else if (row.name === ITEMS) items = await readItems(drive, folder, row, signal);
    }
  }
  return { items, folders };
}

async function readItems(
  drive: Drive,
  folder: Handle,
  row: ListedEntry,
  signal?: AbortSignal,
): Promise<MirroredItem[]> {
  const file = await drive.open(folder, row, signal);
  const pieces: Uint8Array[] = [];
  for await (const piece of drive.read(file, 0, RECORD_MAX_BYTES, signal)) pieces.push(piece);
  return itemsFromBytes(concat(...pieces));
}

/** Items of the mirror below a folder, nearest first. */
async function* itemsBelow(
  drive: Drive,
  path: readonly string[],
  signal?: AbortSignal,
): AsyncGenerator<MirroredItem, void, void> {
  let level: (readonly string[])[] = [path];
  for (let depth = 0; depth < REPRESENTATIVE_DEPTH && level.length > 0; depth++) {
    const next: (readonly string[])[] = [];
    for (const at of level) {
      const { items, folders } = await readMirror(drive, at, signal);
      yield* items;
      for (const name of folders) next.push([...at, name]);
    }
    level = next;
  }
}

function absent(error: unknown): undefined {
  if (error instanceof PathNotFound) return undefined;
  throw error;
}
