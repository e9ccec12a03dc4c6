/**
 * What a link leads to, as the only entry of a folder that holds nothing else: a file has a list to
 * stand in, and a folder a place that it can be copied and saved from. Nothing of the way to it is
 * read, so it opens as fast in a deep folder as in the home.
 */
import type { PyrgosError } from '#lib/bytes/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import {
  DanglingEntry,
  handleOf,
  openTarget,
  type DriveDeps,
  type Handle,
  type ListedEntry,
  type PartialFolder,
} from '#lib/drive/index.ts';
import { readConsistently } from '#lib/writers/index.ts';
import { rowOf } from '../share/rows.ts';
import { CapabilityRoot } from './capability-root.ts';

export class ItemRoot extends CapabilityRoot {
  /** The folder around the item: it cannot be written to, and only the item can be opened. */
  override async open(signal?: AbortSignal): Promise<Handle> {
    const { node } = await target(this.deps, this.capability, signal);
    const partial = new OnlyItem(this.deps, this.capability);
    const around = handleOf({ node, name: this.name }, undefined);
    return { ...around, isDirectory: true, signer: undefined, partial };
  }
}

class OnlyItem implements PartialFolder {
  readonly #deps: DriveDeps;
  readonly #item: Capability;

  constructor(deps: DriveDeps, item: Capability) {
    this.#deps = deps;
    this.#item = item;
  }

  async *list(_around: Handle, signal?: AbortSignal): AsyncGenerator<ListedEntry[], void, void> {
    const { name, node } = await target(this.#deps, this.#item, signal);
    yield [rowOf(name, this.#item, node)];
  }

  async openMany(
    around: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]> {
    const found = await target(this.#deps, this.#item, signal);
    return entries.map(({ name }) =>
      name === found.name ? handleOf(found, around) : new DanglingEntry(name),
    );
  }
}

/** @throws DanglingEntry, and what it cannot be opened for */
function target(deps: DriveDeps, item: Capability, signal?: AbortSignal) {
  return readConsistently(deps, item.owner, async (view) => {
    const found = await openTarget(view, item, signal);
    if (found === undefined) throw new DanglingEntry('this item');
    return found;
  });
}
