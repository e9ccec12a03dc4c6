/**
 * One published directory (A-6 §8): a list of up to 32 entries, else a champ by names whose root
 * stands in the directory itself.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { champPairs, ChampTree, type LoadBlock } from '#lib/champ/index.ts';
import { CODEC, decodeBlock, encodeCbor, sameCid, type Cid } from '#lib/codec/index.ts';
import { hashBlockNow } from '#lib/crypto/index.ts';
import {
  PUBLIC_LIST_MAX,
  publicDirectoryFromCbor,
  publicDirectoryToCbor,
  publishedEntryFromCbor,
  publishedEntryToCbor,
  type PublishedEntry,
} from '#lib/protocol/index.ts';
import type { CborValue } from '#lib/codec/index.ts';

type Save = (block: Uint8Array) => Cid;

export class Directory {
  readonly #load: LoadBlock;
  #list: readonly PublishedEntry[] | undefined;
  #tree: ChampTree | undefined;
  /** Blocks of the tree that were made here, by CID. */
  readonly #made = new Map<string, Uint8Array>();
  /** The root as it was read; the tree's other nodes are blocks. */
  #root: Uint8Array | undefined;

  static cidOf(block: Uint8Array): Cid {
    return hashBlockNow(block, CODEC.dagCbor);
  }

  private constructor(load: LoadBlock) {
    this.#load = async (cid) => {
      const root = this.#root;
      if (root !== undefined && sameCid(cid, Directory.cidOf(root))) return root;
      return this.#made.get(cid.toString()) ?? load(cid);
    };
  }

  /** Without a value it is empty. @throws MalformedCbor */
  static of(value: CborValue | undefined, load: LoadBlock): Directory {
    const directory = new Directory(load);
    const found = value === undefined ? undefined : publicDirectoryFromCbor(value);
    if (found?.kind === 'tree') directory.#openTree(encodeCbor(found.root));
    else directory.#list = found?.entries ?? [];
    return directory;
  }

  async get(name: string): Promise<PublishedEntry | undefined> {
    if (this.#list !== undefined) return this.#list.find(({ inode }) => inode.name === name);
    const found = await this.#tree!.get(utf8(name));
    return found === undefined ? undefined : publishedEntryFromCbor(found);
  }

  /** All entries, at most `max`. */
  async entries(max: number): Promise<readonly PublishedEntry[]> {
    if (this.#list !== undefined) return this.#list.slice(0, max);
    const found: PublishedEntry[] = [];
    for await (const { value } of champPairs(this.#load, this.#rootCid())) {
      if (value === null) continue;
      if (found.length === max) break;
      found.push(publishedEntryFromCbor(value));
    }
    return found;
  }

  async isEmpty(): Promise<boolean> {
    return (await this.entries(1)).length === 0;
  }

  /** Puts an entry in place of the one of its name. */
  async put(entry: PublishedEntry): Promise<void> {
    const others = this.#list?.filter(({ inode }) => inode.name !== entry.inode.name);
    if (others !== undefined && others.length < PUBLIC_LIST_MAX) {
      this.#list = [...others, entry];
      return;
    }
    if (others !== undefined) await this.#becomeTree(others);
    const key = utf8(entry.inode.name);
    await this.#tree!.put(key, await this.#tree!.get(key), publishedEntryToCbor(entry));
    this.#flush();
  }

  async remove(name: string): Promise<void> {
    if (this.#list !== undefined) {
      this.#list = this.#list.filter(({ inode }) => inode.name !== name);
      return;
    }
    await this.#tree!.removeMany([utf8(name)]);
    this.#flush();
  }

  /** The value of the table; blocks of a large directory below its root go to `save`. */
  toCbor(save: Save): CborValue {
    if (this.#list !== undefined) {
      return publicDirectoryToCbor({ kind: 'list', entries: this.#list });
    }
    for (const block of this.#made.values()) save(block);
    return publicDirectoryToCbor({ kind: 'tree', root: decodeBlock(this.#root!) });
  }

  async #becomeTree(entries: readonly PublishedEntry[]): Promise<void> {
    this.#list = undefined;
    this.#tree = new ChampTree(this.#load, undefined, { keyHash: 'sha256' });
    for (const entry of entries) {
      await this.#tree.put(utf8(entry.inode.name), undefined, publishedEntryToCbor(entry));
    }
  }

  #openTree(root: Uint8Array): void {
    this.#root = root;
    this.#tree = new ChampTree(this.#load, Directory.cidOf(root), { keyHash: 'sha256' });
  }

  #flush(): void {
    const root = this.#tree!.flush((block) => {
      const cid = Directory.cidOf(block);
      this.#made.set(cid.toString(), block);
      return cid;
    });
    const block = this.#made.get(root.toString());
    if (block === undefined) return; // nothing was changed
    this.#root = block;
    this.#made.delete(root.toString());
  }

  #rootCid(): Cid {
    return Directory.cidOf(this.#root!);
  }
}
