/**
 * Blocks kept on this device: verified when they come in and again when they go out, so that what the
 * device damaged is asked for anew. Two parts, each with its own limit: structure (champ nodes,
 * cryptree nodes), which makes everything else findable, and contents, of which one film would push
 * out all of it. The least recently used go first.
 *
 * Several tabs may part the stores; each keeps its own count and counts anew before it removes
 * anything. A cache may fail: nothing here throws but for an abort.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { asInteger, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { DamagedBlock, verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { LookedUpBlock } from '#lib/node/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import type { BlockEntry, BlockStore, RecordStore } from '#lib/stores/index.ts';

export interface KeptBlocksDeps {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  readonly clock: () => number;
  readonly structureMaxBytes: number;
  readonly contentMaxBytes: number;
}

export interface NamedBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

type CachePart = 'structure' | 'content';

const USED_TABLE = 'cache-used';
/** What is left after making room, so that it is not made for every block. */
const REMAINING = 0.9;
/** Blocks that are not written yet; each is a copy. */
const WAITING_MAX_BYTES = 16 * 1024 * 1024;
/** Uses noted in memory before they are written down together. */
const USES_NOTED = 64;

export class KeptBlocks {
  readonly #deps: KeptBlocksDeps;
  readonly #keptBytes = new Map<CachePart, Promise<number>>();
  #uses = new Map<string, number>();
  #making: Promise<void> = Promise.resolve();
  readonly #keeping = new Set<Promise<void>>();
  #waitingBytes = 0;

  constructor(deps: KeptBlocksDeps) {
    this.#deps = deps;
  }

  async get(owner: KeyHash, cid: Cid, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#verified(owner, cid, signal, async (bytes) => {
      await verifyBlock(cid, bytes);
      return bytes;
    });
  }

  /** A node or a value of a champ. */
  async find(owner: KeyHash, cid: Cid, signal?: AbortSignal): Promise<LookedUpBlock | undefined> {
    return this.#verified(owner, cid, signal, async (bytes) => {
      const block = new LookedUpBlock(bytes);
      if (!(await block.cid()).equals(cid)) throw new DamagedBlock('A kept block was changed.');
      return block;
    });
  }

  async #verified<T>(
    owner: KeyHash,
    cid: Cid,
    signal: AbortSignal | undefined,
    verify: (bytes: Uint8Array) => Promise<T>,
  ): Promise<T | undefined> {
    const key = keyOf(owner, cid);
    try {
      const bytes = await this.#deps.blocks.get(key, signal);
      if (bytes === undefined) return undefined;
      const block = await verify(bytes);
      this.#noteUse(key);
      return block;
    } catch (error) {
      signal?.throwIfAborted();
      if (!(error instanceof PyrgosError)) throw error;
      await this.#remove([key]);
      return undefined;
    }
  }

  /**
   * Keeps copies of the blocks while their reader goes on. When the storage cannot follow, some are
   * not kept.
   */
  keepSoon(owner: KeyHash, blocks: readonly NamedBlock[]): void {
    this.#keepSoon(blocks, (copies) => this.#keep(owner, copies));
  }

  #keepSoon(
    blocks: readonly NamedBlock[],
    keep: (copies: readonly NamedBlock[]) => Promise<void>,
  ): void {
    const sizeBytes = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (this.#waitingBytes + sizeBytes > WAITING_MAX_BYTES) return;
    this.#waitingBytes += sizeBytes;
    // The reader may transfer these buffers to another thread.
    const copies = blocks.map(({ cid, bytes }) => ({ cid, bytes: bytes.slice() }));
    const keeping = keep(copies).finally(() => {
      this.#waitingBytes -= sizeBytes;
      this.#keeping.delete(keeping);
    });
    this.#keeping.add(keeping);
  }

  /** Keeps what a look-up found, as {@link keepSoon} does. */
  async keepFound(owner: KeyHash, found: readonly LookedUpBlock[]): Promise<void> {
    const cids = await Promise.all(found.map((block) => block.cid()));
    const named = found.map(({ bytes }, i) => ({ cid: cids[i]!, bytes }));
    this.#keepSoon(named, (copies) => this.#store(copies.map((one) => entryOf(owner, one))));
  }

  /** Resolves when what was to be kept until now is, or will not be. */
  async settled(): Promise<void> {
    await Promise.all(this.#keeping);
  }

  /** Keeps those among the blocks that are what they are named; the others are left out. */
  async #keep(owner: KeyHash, blocks: readonly NamedBlock[]): Promise<void> {
    const checked = await Promise.all(
      blocks.map(async ({ cid, bytes }): Promise<BlockEntry[]> => {
        try {
          await verifyBlock(cid, bytes);
          return cid.isIdentity ? [] : [entryOf(owner, { cid, bytes })];
        } catch (error) {
          if (error instanceof PyrgosError) return [];
          throw error;
        }
      }),
    );
    const entries = checked.flat();
    if (entries.length > 0) await this.#store(entries);
  }

  async clear(): Promise<void> {
    for (const part of ['structure', 'content'] as const) {
      const listed = await this.#deps.blocks.list(`${part}/`);
      await this.#remove(listed.map(({ key }) => key));
    }
    this.#keptBytes.clear();
    this.#uses.clear();
  }

  async #store(entries: readonly BlockEntry[]): Promise<void> {
    try {
      await this.#deps.blocks.putMany(entries);
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      // No room at all: kept blocks are removed to make room for later ones.
      if (error instanceof StoreFull) for (const part of partsOf(entries)) this.#makeRoom(part);
      return;
    }
    for (const { key, bytes } of entries) {
      this.#noteUse(key);
      const part = partOf(key);
      const keptBytes = (await this.#counted(part)) + bytes.length;
      this.#keptBytes.set(part, Promise.resolve(keptBytes));
      if (keptBytes > this.#limitOf(part)) this.#makeRoom(part);
    }
    await this.#making;
  }

  #counted(part: CachePart): Promise<number> {
    let counted = this.#keptBytes.get(part);
    if (counted === undefined) {
      // What is being stored now is counted twice, which only makes room a little earlier.
      counted = this.#deps.blocks
        .list(`${part}/`)
        .then((listed) => listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
      this.#keptBytes.set(part, counted);
    }
    return counted;
  }

  #makeRoom(part: CachePart): void {
    this.#making = this.#making.then(async () => {
      try {
        await this.#evict(part);
      } catch (error) {
        if (!(error instanceof PyrgosError)) throw error;
      }
    });
  }

  async #evict(part: CachePart): Promise<void> {
    const { blocks, records } = this.#deps;
    await this.#writeUses();
    const [listed, used] = await Promise.all([
      blocks.list(`${part}/`),
      records.list(USED_TABLE, `${part}/`),
    ]);
    const usedMs = new Map(used.map(({ key, value }) => [key, timeIn(value)]));
    const oldestFirst = listed.toSorted(
      (a, b) => (usedMs.get(a.key) ?? 0) - (usedMs.get(b.key) ?? 0),
    );
    let keptBytes = listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    const remainingBytes = REMAINING * Math.min(this.#limitOf(part), keptBytes);
    const removed: string[] = [];
    for (const { key, sizeBytes } of oldestFirst) {
      if (keptBytes <= remainingBytes) break;
      removed.push(key);
      keptBytes -= sizeBytes;
    }
    await this.#remove(removed);
    this.#keptBytes.set(part, Promise.resolve(keptBytes));
  }

  async #remove(keys: readonly string[]): Promise<void> {
    const { blocks, records } = this.#deps;
    for (const key of keys) this.#uses.delete(key);
    try {
      await blocks.deleteMany(keys);
      const writes = keys.map((key) => ({ table: USED_TABLE, key, value: undefined }));
      await records.apply({ writes, durability: 'relaxed' });
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
    }
  }

  #noteUse(key: string): void {
    this.#uses.set(key, this.#deps.clock());
    // No caller waits for it; a failure loses only the order in which old blocks are dropped.
    if (this.#uses.size >= USES_NOTED) this.#writeUses().catch(() => undefined);
  }

  async #writeUses(): Promise<void> {
    const uses = this.#uses;
    this.#uses = new Map();
    const writes = [...uses].map(([key, usedMs]) => ({
      table: USED_TABLE,
      key,
      value: encodeCbor(usedMs),
    }));
    if (writes.length > 0) await this.#deps.records.apply({ writes, durability: 'relaxed' });
  }

  #limitOf(part: CachePart): number {
    const { structureMaxBytes, contentMaxBytes } = this.#deps;
    return part === 'structure' ? structureMaxBytes : contentMaxBytes;
  }
}

function entryOf(owner: KeyHash, { cid, bytes }: NamedBlock): BlockEntry {
  return { key: keyOf(owner, cid), bytes };
}

function keyOf(owner: KeyHash, cid: Cid): string {
  const part: CachePart = cid.isRaw ? 'content' : 'structure';
  return `${part}/${owner.toString()}/${cid.toString()}`;
}

function partOf(key: string): CachePart {
  return key.startsWith('content/') ? 'content' : 'structure';
}

function partsOf(entries: readonly BlockEntry[]): Set<CachePart> {
  return new Set(entries.map(({ key }) => partOf(key)));
}

function timeIn(value: Uint8Array): number {
  try {
    return asInteger(decodeCbor(value), 'A time');
  } catch (error) {
    if (error instanceof PyrgosError) return 0;
    throw error;
  }
}
