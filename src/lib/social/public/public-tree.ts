/**
 * The tree of what an identity has published (A-6 §8): read by anybody, changed by its owner within
 * a change. Numbers and order of what is written are those of other clients.
 */
import { ChampTree, type LoadBlock } from '#lib/champ/index.ts';
import {
  decodeBlock,
  encodeCbor,
  type CborMap,
  type CborValue,
  type Cid,
} from '#lib/codec/index.ts';
import {
  inodeToCbor,
  PUBLIC_ROOT,
  publicDataFromCbor,
  type Inode,
  type PublishedEntry,
} from '#lib/protocol/index.ts';
import { Directory } from './directory.ts';

/** More than anybody publishes; the table of one's own is not trusted to end. */
const ENTRIES_MAX = 10_000;
const DEPTH_MAX = 64;

/** Something published: names from the user's on. */
export interface PublishedPath {
  readonly path: readonly string[];
  /** Absolute capability (A-7 §1). */
  readonly capability: CborMap;
}

interface Step {
  readonly inode: Inode;
  readonly directory: Directory;
  /** The entry of this step's name. */
  readonly entry: PublishedEntry | undefined;
}

export class PublicTree {
  readonly #load: LoadBlock;
  readonly #table: ChampTree;
  readonly #blocks = new Map<string, Uint8Array>();
  #counter: number;

  private constructor(load: LoadBlock, table: Cid | undefined, counter: number) {
    this.#load = load;
    this.#table = new ChampTree(load, table, { keyHash: 'sha256' });
    this.#counter = counter;
  }

  /** The tree that `"public"` of a state links to; without a link an empty one. */
  static async open(load: LoadBlock, root: Cid | undefined): Promise<PublicTree> {
    if (root === undefined) return new PublicTree(load, undefined, 0);
    const { table, counter } = publicDataFromCbor(decodeBlock(await load(root)));
    return new PublicTree(load, table, counter);
  }

  /** The first name of a path that carries a capability, and that; the rest lies inside of it. */
  async lookUp(path: readonly string[]): Promise<PublishedPath | undefined> {
    let inode = PUBLIC_ROOT;
    for (const [i, name] of path.entries()) {
      const entry = await (await this.#directory(inode))?.get(name);
      if (entry === undefined) return undefined;
      const { capability } = entry;
      if (capability !== undefined) return { path: path.slice(0, i + 1), capability };
      ({ inode } = entry);
    }
    return undefined;
  }

  /** All that is published at a path and below it. */
  async below(path: readonly string[]): Promise<PublishedPath[]> {
    const found: PublishedPath[] = [];
    let inode = PUBLIC_ROOT;
    for (const [i, name] of path.entries()) {
      const entry = await (await this.#directory(inode))?.get(name);
      if (entry === undefined) return found;
      const { capability } = entry;
      if (i === path.length - 1 && capability !== undefined) found.push({ path, capability });
      ({ inode } = entry);
    }
    await this.#visit(inode, path, (at, { capability }) => {
      if (capability !== undefined) found.push({ path: at, capability });
    });
    return found;
  }

  /** Publishes a path, or gives it another capability. */
  async put(path: readonly string[], capability: CborMap): Promise<void> {
    let inode = PUBLIC_ROOT;
    for (const [i, name] of path.entries()) {
      const directory = (await this.#directory(inode)) ?? (await this.#make(inode));
      const known = await directory.get(name);
      if (i === path.length - 1) {
        await directory.put({ inode: known?.inode ?? this.#next(name), capability });
        return this.#store(inode, directory);
      }
      const entry = await this.#leading(known, name);
      if (entry !== known) {
        await directory.put(entry);
        await this.#store(inode, directory);
      }
      ({ inode } = entry);
    }
  }

  /** Ends the publication of a path; false if there was none. What is published below it stays. */
  async remove(path: readonly string[]): Promise<boolean> {
    const steps = await this.#walk(path);
    const last = steps.at(-1);
    if (last?.entry?.capability === undefined || steps.length < path.length) return false;
    for (const { inode, directory, entry } of steps.toReversed()) {
      const { inode: child } = entry!;
      const isEmpty = (await (await this.#directory(child))?.isEmpty()) ?? true;
      if (!isEmpty) {
        if (entry === last.entry) await directory.put({ inode: child, capability: undefined });
      } else if (entry === last.entry || entry!.capability === undefined) {
        await directory.remove(child.name);
      }
      await this.#store(inode, directory);
    }
    return true;
  }

  /** Saves what was changed; the counter and the table to link to. */
  save(save: (block: Uint8Array) => Cid): { readonly counter: number; readonly table: Cid } {
    for (const block of this.#blocks.values()) save(block);
    return { counter: this.#counter, table: this.#table.flush(save) };
  }

  async #walk(path: readonly string[]): Promise<Step[]> {
    const steps: Step[] = [];
    let inode = PUBLIC_ROOT;
    for (const name of path) {
      const directory = await this.#directory(inode);
      const entry = await directory?.get(name);
      if (directory === undefined || entry === undefined) break;
      steps.push({ inode, directory, entry });
      ({ inode } = entry);
    }
    return steps;
  }

  /**
   * The entry that leads on to what lies in it. Entries without a directory are not counted, so that
   * one elsewhere may have the next number and this name: its directory would be the same.
   */
  async #leading(known: PublishedEntry | undefined, name: string): Promise<PublishedEntry> {
    const hasDirectory = known && (await this.#directory(known.inode)) !== undefined;
    if (known !== undefined && hasDirectory === true) return known;
    const taken = new Set<number>();
    await this.#visit(PUBLIC_ROOT, [], (_, { inode }) => {
      if (inode.name === name) taken.add(inode.number);
    });
    while (taken.has(this.#counter)) this.#counter += 1;
    return { inode: this.#next(name), capability: known?.capability };
  }

  /** Shows all entries below an inode, which is that of a path. */
  async #visit(
    from: Inode,
    path: readonly string[],
    show: (path: readonly string[], entry: PublishedEntry) => void,
    seen = new Set<string>(),
  ): Promise<void> {
    const key = `${String(from.number)} ${from.name}`;
    if (path.length > DEPTH_MAX || seen.size > ENTRIES_MAX || seen.has(key)) return;
    const directory = await this.#directory(from);
    if (directory === undefined) return;
    seen.add(key);
    for (const entry of await directory.entries(ENTRIES_MAX)) {
      const at = [...path, entry.inode.name];
      show(at, entry);
      await this.#visit(entry.inode, at, show, seen);
    }
  }

  #next(name: string): Inode {
    return { number: this.#counter, name };
  }

  async #directory(inode: Inode): Promise<Directory | undefined> {
    const value = await this.#table.get(keyOf(inode));
    return value === undefined ? undefined : Directory.of(value, this.#loadMade);
  }

  async #make(inode: Inode): Promise<Directory> {
    const directory = Directory.of(undefined, this.#loadMade);
    await this.#store(inode, directory);
    this.#counter += 1;
    return directory;
  }

  async #store(inode: Inode, directory: Directory): Promise<void> {
    const value: CborValue = directory.toCbor((block) => {
      const cid = Directory.cidOf(block);
      this.#blocks.set(cid.toString(), block);
      return cid;
    });
    const key = keyOf(inode);
    await this.#table.put(key, await this.#table.get(key), value);
  }

  readonly #loadMade: LoadBlock = async (cid) =>
    this.#blocks.get(cid.toString()) ?? this.#load(cid);
}

function keyOf(inode: Inode): Uint8Array {
  return encodeCbor(inodeToCbor(inode));
}
