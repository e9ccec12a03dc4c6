/**
 * The journal of pending changes: blocks and signed pointer updates in the order in which they were
 * made, per owner (A-10 §3). It holds only what the node gets to see anyway.
 *
 * Invariants: a pointer update is recorded after every block it needs, and at one instant with the
 * pointer it stands for; the updates of a writer follow each other without a gap from its base, the
 * node's own pointer. Several tabs may share the stores. Input: what the medium answers is hostile;
 * blocks are compared with their names, updates with their signatures.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import type { BlockFormat, BlockToWrite } from '#lib/protocol/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import type { BlockStore, RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { PendingDamaged, PendingFull } from './errors.ts';
import { entryFromBytes, entryToBytes } from './entries.ts';
import type { JournalEntry, PendingMove } from './entries.ts';

export interface JournalDeps {
  readonly blocks: BlockStore;
  readonly records: RecordStore;
  /** The limit of pending bytes, over all owners. */
  readonly maxBytes: number;
}

export interface NewBlocks {
  readonly writer: KeyHash;
  readonly format: BlockFormat;
  readonly blocks: readonly (BlockToWrite & { readonly cid: Cid })[];
}

/** A pointer update and what it replaces on this device. */
export interface NewMove extends SignedPointer {
  /** The pending pointer it replaces; absent: the node's, which is `base`. */
  readonly before: Uint8Array | undefined;
  readonly base: Uint8Array | undefined;
}

const ENTRIES = 'pending-entries';
const POINTERS = 'pending-pointers';
/** What the node had before the first update; empty: nothing. */
const BASES = 'pending-bases';
const BLOCKS = 'pending/';
const ORDER_DIGITS = 12;

export class Journal {
  readonly #deps: JournalDeps;
  /** Owners who may have something here; asking the medium for each block would be slow. */
  readonly #inUse = new Map<string, boolean>();

  constructor(deps: JournalDeps) {
    this.#deps = deps;
  }

  /** Whether a change is pending. Reads the stores: another tab may have added or sent changes. */
  async isInUse(owner: KeyHash): Promise<boolean> {
    const [first] = await this.#deps.records.list(ENTRIES, `${owner.toString()}/`, undefined, 1);
    this.#inUse.set(owner.toString(), first !== undefined);
    return first !== undefined;
  }

  /** The number of pending pointer updates: about one for each operation of the user. */
  async count(owner: KeyHash): Promise<number> {
    try {
      const entries = await this.entries(owner);
      return entries.filter(({ kind }) => kind === 'move').length;
    } catch (error) {
      if (!(error instanceof PendingDamaged)) throw error;
      return (await this.#deps.records.list(ENTRIES, `${owner.toString()}/`)).length;
    }
  }

  /** The pending pointer of a writer. */
  async pointer(owner: KeyHash, writer: KeyHash): Promise<Uint8Array | undefined> {
    const signed = await this.#deps.records.get(POINTERS, pairKey(owner, writer));
    if (signed !== undefined) this.#inUse.set(owner.toString(), true);
    return signed;
  }

  /** The node's pointer before the first pending change; undefined: the writer has none. */
  async base(
    owner: KeyHash,
    writer: KeyHash,
  ): Promise<{ readonly signed: Uint8Array | undefined } | undefined> {
    const kept = await this.#deps.records.get(BASES, pairKey(owner, writer));
    return kept && { signed: kept.length === 0 ? undefined : kept };
  }

  /** A pending block. Throws {@link PendingDamaged} if its hash is wrong. */
  async block(owner: KeyHash, cid: Cid, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    if (!(await this.#mayHold(owner))) return undefined;
    const bytes = await this.#deps.blocks.get(blockKey(owner, cid), signal);
    if (bytes === undefined) return undefined;
    try {
      await verifyBlock(cid, bytes);
    } catch (error) {
      throw new PendingDamaged({ cause: error });
    }
    return bytes;
  }

  /** Records checked blocks of one writer; answers their place in the order. */
  async addBlocks(owner: KeyHash, { writer, format, blocks }: NewBlocks): Promise<string> {
    const { maxBytes } = this.#deps;
    const sizeBytes = blocks.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if ((await this.#keptBytes()) + sizeBytes > maxBytes) throw new PendingFull(maxBytes);
    const entries = blocks.map(({ cid, bytes }) => ({ key: blockKey(owner, cid), bytes }));
    const listed = blocks.map(({ cid, authorisation }) => ({ cid, authorisation }));
    const value = entryToBytes({ kind: 'blocks', writer, format, blocks: listed });
    const use = format === 'dag-cbor' ? 'for change' : 'for content';
    try {
      await this.#deps.blocks.putMany(entries, use);
      const order = await this.#append(owner, value, async () => ({ expect: [], writes: [] }));
      // A change that ended meanwhile may have removed blocks that both share.
      await this.#deps.blocks.putMany(entries, use);
      return order ?? unexpected();
    } catch (error) {
      if (error instanceof StoreFull) throw new PendingFull(maxBytes, { cause: error });
      throw error;
    }
  }

  /** Records updates that take effect together; false if one does not replace what is here any more. */
  async addMove(owner: KeyHash, moves: readonly NewMove[]): Promise<boolean> {
    const value = entryToBytes({ kind: 'move', pointers: moves });
    const expect: RecordEntry[] = [];
    const writes: RecordEntry[] = [];
    for (const { writer, signed, before, base } of moves) {
      const key = pairKey(owner, writer);
      expect.push({ table: POINTERS, key, value: before });
      writes.push({ table: POINTERS, key, value: signed });
      if (before !== undefined) continue;
      writes.push({ table: BASES, key, value: base ?? new Uint8Array() });
    }
    const isStill = async () => {
      const now = await Promise.all(expect.map(({ table, key }) => this.#get(table, key)));
      return now.every((one, i) => isSame(one, expect[i]!.value)) ? { expect, writes } : undefined;
    };
    return (await this.#append(owner, value, isStill)) !== undefined;
  }

  /** All pending entries, in order. Throws {@link PendingDamaged}. */
  async entries(owner: KeyHash): Promise<JournalEntry[]> {
    const listed = await this.#deps.records.list(ENTRIES, `${owner.toString()}/`);
    try {
      return listed.map(({ key, value }) => entryFromBytes(orderIn(key), value));
    } catch (error) {
      if (error instanceof PyrgosError) throw new PendingDamaged({ cause: error });
      throw error;
    }
  }

  /** The node has taken a move: it is the base now, and its entry and those before it go. */
  async advance(owner: KeyHash, done: readonly JournalEntry[], move: PendingMove): Promise<void> {
    // An update that comes between builds on this pointer; whether it was the last is asked anew.
    const expect = await this.#pointersNow(owner, move);
    const writes = done.map(({ order }) => entryKey(owner, order));
    for (const [i, { writer, signed }] of move.pointers.entries()) {
      const key = pairKey(owner, writer);
      const isLast = isSame(expect[i]?.value, signed);
      writes.push({ table: BASES, key, value: isLast ? undefined : signed });
      if (isLast) writes.push({ table: POINTERS, key, value: undefined });
    }
    if (!(await this.#deps.records.apply({ expect, writes }))) {
      await this.advance(owner, done, move);
      return;
    }
    await this.#sweep(owner, done);
  }

  /** Everything here has found its way to the node in another form. False: more came meanwhile. */
  async finish(owner: KeyHash, done: readonly JournalEntry[]): Promise<boolean> {
    const last = done.at(-1);
    if (last === undefined) return true;
    const expect = [entryKey(owner, orderAfter(last.order))];
    const writes = done.map(({ order }) => entryKey(owner, order));
    const prefix = `${owner.toString()}/`;
    for (const table of [POINTERS, BASES]) {
      const listed = await this.#deps.records.list(table, prefix);
      writes.push(...listed.map(({ key }) => ({ table, key, value: undefined })));
    }
    if (!(await this.#deps.records.apply({ expect, writes }))) return false;
    await this.#sweep(owner, done);
    return true;
  }

  /** Forgets everything, read or not, of one owner or of all: the changes are lost. */
  async discard(owner: KeyHash | undefined): Promise<void> {
    const prefix = owner === undefined ? '' : `${owner.toString()}/`;
    for (const table of [ENTRIES, POINTERS, BASES]) {
      const listed = await this.#deps.records.list(table, prefix);
      const writes = listed.map(({ key }) => ({ table, key, value: undefined }));
      await this.#deps.records.apply({ writes });
    }
    const blocks = await this.#deps.blocks.list(`${BLOCKS}${prefix}`);
    await this.#deps.blocks.deleteMany(blocks.map(({ key }) => key));
    this.#inUse.clear();
  }

  /** Of blocks by their place in the order: the places where they still are. */
  async placesOf(owner: KeyHash, added: ReadonlyMap<string, NewBlocks>): Promise<Set<string>> {
    // An empty journal begins anew: a place may be another's now.
    const still = (await this.entries(owner)).filter((entry) => {
      const { blocks } = added.get(entry.order) ?? { blocks: [] };
      if (entry.kind !== 'blocks' || entry.blocks.length !== blocks.length) return false;
      return entry.blocks.every(({ cid }, i) => cid.equals(blocks[i]!.cid));
    });
    return new Set(still.map(({ order }) => order));
  }

  /** Forgets blocks that no move followed: their change was given up. */
  async drop(owner: KeyHash, added: ReadonlyMap<string, NewBlocks>): Promise<void> {
    const wanted = await this.placesOf(owner, added);
    const dropped = (await this.entries(owner)).filter(({ order }) => wanted.has(order));
    const writes = dropped.map(({ order }) => entryKey(owner, order));
    await this.#deps.records.apply({ writes });
    await this.#sweep(owner, dropped);
  }

  /** Removes the blocks of entries that are gone, but those that others hold too. */
  async #sweep(owner: KeyHash, gone: readonly JournalEntry[]): Promise<void> {
    const still = new Set(namesIn(await this.entries(owner)));
    const loose = namesIn(gone).filter((name) => !still.has(name));
    await this.#deps.blocks.deleteMany(loose.map((name) => `${BLOCKS}${owner.toString()}/${name}`));
    await this.isInUse(owner);
  }

  async #append(
    owner: KeyHash,
    value: Uint8Array,
    alongside: () => Promise<{ expect: RecordEntry[]; writes: RecordEntry[] } | undefined>,
  ): Promise<string | undefined> {
    for (;;) {
      const more = await alongside();
      if (more === undefined) return undefined;
      const listed = await this.#deps.records.list(ENTRIES, `${owner.toString()}/`);
      const last = listed.at(-1);
      const order = last === undefined ? firstOrder() : orderAfter(orderIn(last.key));
      const place = entryKey(owner, order);
      const expect = [place, ...more.expect];
      const writes = [{ ...place, value }, ...more.writes];
      if (!(await this.#deps.records.apply({ expect, writes }))) continue;
      this.#inUse.set(owner.toString(), true);
      return order;
    }
  }

  async #mayHold(owner: KeyHash): Promise<boolean> {
    return this.#inUse.get(owner.toString()) ?? this.isInUse(owner);
  }

  async #keptBytes(): Promise<number> {
    const listed = await this.#deps.blocks.list(BLOCKS);
    return listed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  }

  async #pointersNow(owner: KeyHash, move: PendingMove): Promise<RecordEntry[]> {
    return Promise.all(
      move.pointers.map(async ({ writer }) => {
        const key = pairKey(owner, writer);
        return { table: POINTERS, key, value: await this.#get(POINTERS, key) };
      }),
    );
  }

  #get(table: string, key: string): Promise<Uint8Array | undefined> {
    return this.#deps.records.get(table, key);
  }
}

function namesIn(entries: readonly JournalEntry[]): string[] {
  return entries.flatMap((entry) =>
    entry.kind === 'blocks' ? entry.blocks.map(({ cid }) => cid.toString()) : [],
  );
}

function pairKey(owner: KeyHash, writer: KeyHash): string {
  return `${owner.toString()}/${writer.toString()}`;
}

function blockKey(owner: KeyHash, cid: Cid): string {
  return `${BLOCKS}${owner.toString()}/${cid.toString()}`;
}

/** The absent record of an entry: what is expected before, and written to remove it. */
function entryKey(owner: KeyHash, order: string): RecordEntry {
  return { table: ENTRIES, key: `${owner.toString()}/${order}`, value: undefined };
}

function orderIn(key: string): string {
  return key.slice(key.lastIndexOf('/') + 1);
}

function firstOrder(): string {
  return '0'.padStart(ORDER_DIGITS, '0');
}

function orderAfter(order: string): string {
  return String(Number(order) + 1).padStart(ORDER_DIGITS, '0');
}

function isSame(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalBytes(a, b);
}

function unexpected(): never {
  throw new PendingDamaged();
}
