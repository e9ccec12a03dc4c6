/**
 * The tree that a link opens, seen from its owner's home: of the folders on the way only their names
 * are known, each with the next one in it, and at the end lies the item.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Capability, OpenNode } from '#lib/cryptree/index.ts';
import {
  Ancestors,
  DanglingEntry,
  followLinks,
  handleOf,
  openAll,
  type DriveDeps,
  type Handle,
  type ListedEntry,
  type PartialFolder,
} from '#lib/drive/index.ts';
import { readConsistently, type Snapshot } from '#lib/writers/index.ts';
import { rowOf } from '../share/rows.ts';
import { CapabilityRoot } from './capability-root.ts';

/** Its name is that of the owner, who was found to be him. */
export class LinkRoot extends CapabilityRoot {
  /** The owner's home, and of what is in it the way to the item. */
  override async open(signal?: AbortSignal): Promise<Handle> {
    const item = this.capability;
    return readConsistently(this.deps, item.owner, async (view) => {
      const way = await wayTo(view, item, signal);
      const [top] = way;
      if (way.length === 1) return wholeItem(view, top!, undefined, signal);
      const partial = new WayFolder(this.deps, item, 1);
      return { ...handleOf({ node: top!, name: this.name }, undefined), partial };
    });
  }
}

/** A folder on the way to the item. */
class WayFolder implements PartialFolder {
  readonly #deps: DriveDeps;
  readonly #item: Capability;
  /** How many names stand before those in it. */
  readonly #depth: number;

  constructor(deps: DriveDeps, item: Capability, depth: number) {
    this.#deps = deps;
    this.#item = item;
    this.#depth = depth;
  }

  async *list(_folder: Handle, signal?: AbortSignal): AsyncGenerator<ListedEntry[], void, void> {
    yield await readConsistently(this.#deps, this.#item.owner, async (view) => {
      const way = await wayTo(view, this.#item, signal);
      const next = way[this.#depth];
      if (next === undefined) return []; // it was moved meanwhile
      return [rowOf(next.properties.name, next.capability, next)];
    });
  }

  openMany(
    folder: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]> {
    return readConsistently(this.#deps, this.#item.owner, async (view) => {
      const way = await wayTo(view, this.#item, signal);
      const next = way[this.#depth];
      const isLast = this.#depth === way.length - 1;
      const open = async ({ name }: ListedEntry): Promise<Handle | PyrgosError> => {
        if (next?.properties.name !== name) return new DanglingEntry(name);
        if (isLast) return wholeItem(view, await first(view, this.#item, signal), folder, signal);
        const partial = new WayFolder(this.#deps, this.#item, this.#depth + 1);
        return { ...handleOf({ node: next, name }, folder), partial };
      };
      return Promise.all(entries.map(open));
    });
  }
}

/**
 * The nodes from the owner's home down to an item; a link node before it stands for what it leads to.
 * @throws DanglingEntry, PathTooDeep, and what one of them cannot be opened for
 */
export async function wayTo(
  view: Snapshot,
  item: Capability,
  signal?: AbortSignal,
): Promise<OpenNode[]> {
  const target = await followLinks(view, await first(view, item, signal), signal);
  if (target === undefined) throw new DanglingEntry('this item');
  return new Ancestors(view).of(target.node, signal);
}

async function first(view: Snapshot, item: Capability, signal?: AbortSignal): Promise<OpenNode> {
  const [node] = await openAll(view, [item], signal);
  if (node === undefined) throw new DanglingEntry('this item');
  if (node instanceof PyrgosError) throw node;
  return node;
}

async function wholeItem(
  view: Snapshot,
  node: OpenNode,
  folder: Handle | undefined,
  signal?: AbortSignal,
): Promise<Handle> {
  const target = await followLinks(view, node, signal);
  if (target === undefined) throw new DanglingEntry('this item');
  return handleOf(target, folder);
}
