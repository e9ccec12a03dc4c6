/**
 * Where an item lies, seen from itself: every node leads to its folder by a link that tells the
 * folder's name and nothing of what else is in it (A-8 §2). So who was given one item learns the
 * path to it.
 */
import { resolveRelative, type OpenNode } from '#lib/cryptree/index.ts';
import { DanglingEntry, PathTooDeep } from './errors.ts';
import { placeKey } from './listing.ts';
import { openAt, type View } from './nodes.ts';

/** A path has at most 4096 characters, so half as many names. */
const DEPTH_MAX = 2048;

/** Walks up from items of one owner; folders that several of them lie in are opened once. */
export class Ancestors {
  readonly #view: View;
  readonly #known = new Map<string, Promise<OpenNode | undefined>>();

  constructor(view: View) {
    this.#view = view;
  }

  /**
   * The nodes from the top of the tree down to `node`; those above it show little but their names.
   * A link node stands for what it leads to, so that the name is the one its folder gave it.
   * @throws DanglingEntry, PathTooDeep, and what an ancestor cannot be opened for
   */
  async of(node: OpenNode, signal?: AbortSignal): Promise<OpenNode[]> {
    const path = [node];
    for (let at: OpenNode = node; at.parent !== undefined;) {
      const parent = await this.#open(at, signal);
      if (parent === undefined) throw new DanglingEntry(at.properties.name);
      if (parent.kind === 'link') path[0] = named(path[0]!, parent.properties.name);
      else path.unshift(parent);
      if (path.length > DEPTH_MAX) throw new PathTooDeep();
      at = parent;
    }
    return path;
  }

  #open(node: OpenNode, signal?: AbortSignal): Promise<OpenNode | undefined> {
    const capability = resolveRelative(node.capability, node.parent!);
    const key = placeKey(capability);
    const known = this.#known.get(key) ?? openAt(this.#view, capability, signal);
    this.#known.set(key, known);
    return known;
  }
}

function named(node: OpenNode, name: string): OpenNode {
  return { ...node, properties: { ...node.properties, name } };
}
