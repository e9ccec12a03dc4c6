/**
 * A folder of a friend's tree of which the mirror knows what was shared: laid over the friend's own
 * folder, whose list may or may not be read.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import { canReadContent, type OpenNode } from '#lib/cryptree/index.ts';
import {
  Ancestors,
  DanglingEntry,
  followLinks,
  handleOf,
  openAll,
  placeKey,
  type Handle,
  type ListedEntry,
  type PartialFolder,
} from '#lib/drive/index.ts';
import type { Snapshot } from '#lib/writers/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import { ShareRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { itemsBelow, readMirror, type Mirror, type PlacedItem } from './mirror-reading.ts';
import { unmirror, type Given } from './mirror.ts';
import { relocate } from './relocate.ts';
import { rowOf } from './rows.ts';

/** Each round puts more of the mirror to where it belongs now. */
const ROUNDS_MAX = 8;

interface SharedRow {
  /** Under the name that the mirror has it by: its present one, once it was put to its place. */
  readonly row: ListedEntry;
  /** It was given itself; else it is a folder on the way to what was. */
  readonly isGiven: boolean;
}

interface Shared {
  readonly rows: readonly SharedRow[];
  /** What the mirror has in a folder where it does not lie any more. */
  readonly elsewhere: readonly PlacedItem[];
}

export class MirroredFolder implements PartialFolder {
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
    if (!canReadContent(folder.node)) {
      yield shared.map(({ row }) => row);
      return;
    }
    // The folder's own list has all that is in it; what was given to write by itself may allow more.
    const given = shared.flatMap(({ row, isGiven }) =>
      isGiven && row.capability?.writeKey !== undefined ? [row] : [],
    );
    yield given;
    const { partial: _partial, ...whole } = folder;
    const names = new Set(given.map(({ name }) => name));
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
    const byPlace = new Map(capabilities.map((capability, i) => [capability, opened[i]]));
    return entries.map(({ name, capability }) => {
      const target = capability && byPlace.get(capability);
      if (capability === undefined || target === undefined) return new DanglingEntry(name);
      if (target instanceof PyrgosError) return target;
      const handle = handleOf({ ...target, name }, folder);
      const isMirrored = handle.isDirectory && mirror.folders.has(name);
      const partial = new MirroredFolder(this.#deps, [...this.#path, name]);
      return isMirrored ? { ...handle, partial } : handle;
    });
  }

  /**
   * Takes rows out of the mirror, with all that was shared below them, and answers all that.
   * @throws ShareRefused where one is only there because its folder is
   */
  async leave(
    folder: Handle,
    rows: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<readonly Given[]> {
    const shared = await this.#shared(folder, signal);
    const names = rows.map(({ name, capability }) => {
      const found = shared.find(
        ({ row }) =>
          capability && row.capability && placeKey(row.capability) === placeKey(capability),
      );
      if (found === undefined) {
        throw new ShareRefused(
          `“${name}” lies in a folder that is shared with you. You can only leave the whole folder.`,
        );
      }
      return found.row.name;
    });
    return this.#deps.drive.change(async (change, home) => {
      const given: Given[] = [];
      for (const name of names) {
        given.push(...(await unmirror(change, home, [...this.#path, name])));
      }
      return given;
    }, signal);
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

  /**
   * Rows of what was shared here, and of folders on the way to what was shared below. What its owner
   * has moved since goes to its present place in the mirror first.
   */
  async #shared(folder: Handle, signal?: AbortSignal): Promise<readonly SharedRow[]> {
    for (let round = 1; ; round++) {
      const { rows, elsewhere } = await this.#sharedNow(folder, signal);
      if (elsewhere.length === 0 || round === ROUNDS_MAX) return rows;
      if (!(await relocate(this.#deps, elsewhere, signal))) return rows;
      this.#mirror = undefined;
    }
  }

  async #sharedNow(folder: Handle, signal?: AbortSignal): Promise<Shared> {
    const mirror = await this.#read(signal);
    const { owner } = folder.capability;
    return readConsistently(this.#deps.driveDeps, owner, async (view) => {
      const nodes = await openAll(
        view,
        mirror.items.map(({ capability }) => capability),
        signal,
      );
      const ancestors = new Ancestors(view);
      const rows: SharedRow[] = [];
      const elsewhere: PlacedItem[] = [];
      const found = new Set<string>();
      for (const [i, node] of nodes.entries()) {
        if (node === undefined || node instanceof PyrgosError) continue;
        const item = mirror.items[i]!;
        if (!(await this.#isHere(folder, ancestors, item.name, node, signal))) {
          elsewhere.push({ folderPath: this.#path, item });
        }
        found.add(item.name);
        rows.push({ row: rowOf(item.name, item.capability, node), isGiven: true });
      }
      for (const name of mirror.folders) {
        if (found.has(name)) continue;
        const path = [...this.#path, name];
        const node = await this.#between(view, ancestors, path, signal);
        if (node?.properties.name === name) {
          rows.push({ row: rowOf(name, node.capability, node), isGiven: false });
        } else if (node !== undefined) {
          for await (const placed of itemsBelow(this.#deps.drive, path, signal)) {
            elsewhere.push(placed);
          }
        }
      }
      return { rows, elsewhere };
    });
  }

  /** Whether an item lies in the folder and under the name that the mirror has it in. */
  async #isHere(
    folder: Handle,
    ancestors: Ancestors,
    name: string,
    node: OpenNode,
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { parent, properties } = node;
    const isBelow = parent && equalBytes(parent.mapKey, folder.capability.mapKey);
    if (parent === undefined || (isBelow && properties.name === name)) return true;
    const path = await ancestors.of(node, signal).catch(() => undefined);
    if (path === undefined) return true; // nothing is known of where it lies
    const names = path.map((one) => one.properties.name);
    return names.join('/') === [...this.#path, name].join('/');
  }

  /**
   * The folder on the way to an item below `path`, where that item lies now. Its name is another one
   * than the mirror's if the folder was renamed, or the item moved.
   */
  async #between(
    view: Snapshot,
    ancestors: Ancestors,
    path: readonly string[],
    signal?: AbortSignal,
  ): Promise<OpenNode | undefined> {
    for await (const { item } of itemsBelow(this.#deps.drive, path, signal)) {
      const [node] = await openAll(view, [item.capability], signal);
      if (node === undefined || node instanceof PyrgosError) continue;
      try {
        const present = await ancestors.of(node, signal);
        const at = present[path.length - 1];
        // One that lies higher now, or elsewhere, is told by a name that fits no folder here.
        if (at?.properties.isDirectory && present.length > path.length) return at;
        return present[0];
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
