/**
 * Where paths begin. The first name of a path is that of a root: the account's own home, which is
 * there for every account, or a tree that a room above adds.
 */
import { PathNotFound } from './errors.ts';
import type { Handle } from './types.ts';

/** A tree that paths begin in. */
export interface Root {
  /** The first name of its paths. */
  readonly name: string;
  /** Its top as it stands. */
  open(signal?: AbortSignal): Promise<Handle>;
}

/** The roots of one drive, by name. */
export class Roots {
  readonly #home: Root | undefined;
  readonly #byName = new Map<string, Root>();

  /** A guest has no home. */
  constructor(home: Root | undefined) {
    this.#home = home;
    if (home !== undefined) this.#byName.set(home.name, home);
  }

  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** Adds a tree, unless its name is taken: no tree can stand before the home. */
  add(root: Root): void {
    if (!this.#byName.has(root.name)) this.#byName.set(root.name, root);
  }

  /** Takes a tree away that was added. */
  remove(name: string): void {
    if (name !== this.#home?.name) this.#byName.delete(name);
  }

  /** @throws PathNotFound */
  open(name: string, signal?: AbortSignal): Promise<Handle> {
    const root = this.#byName.get(name);
    if (root === undefined) throw new PathNotFound([name]);
    return root.open(signal);
  }
}
