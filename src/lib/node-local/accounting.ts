/**
 * The space an account's present state takes (B-5 §1): the bytes of all blocks that the pointers of
 * its writers lead to, each block once. Kept exact by counting, for each such block, the links that
 * lead to it. A pointer that moves changes the counts along the difference of its two trees only, in
 * the record transaction that moves it; so the figure is right after a crash, too.
 *
 * Counts have a name. An account without counts is counted once from its roots, beside any writes;
 * the rows count for nothing until the usage record names them, which fails if a pointer moved.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { inParallel, Inspector, reachedKey } from './reached-blocks.ts';
import type { RootChange } from './state-roots.ts';
import {
  readReached,
  reachedRecordToBytes,
  readUsage,
  replace,
  TABLE,
  usageRecordToBytes,
} from './records.ts';
import type { Read, UsageRecord } from './records.ts';

const STAMP_BYTES = 6;
/** A walk ends with an error after it has read this many times the number of rows. */
const SPARE_LOOKS = 10_000;
const LOOKS_PER_ROW = 20;

/** Counted blocks cannot be read any more: the account is to be counted anew. */
class Uncountable extends Error {
  override readonly name = 'Uncountable';
  readonly kind = 'bug';
}

/** The accounting of one request, which may be tried several times. */
export class Accounting {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #inspector: Inspector;
  #last: { readonly key: string; readonly change: RecordChange } | undefined;

  constructor(deps: LocalNodeDeps, owner: KeyHash) {
    this.#deps = deps;
    this.#owner = owner;
    this.#inspector = new Inspector(deps, owner);
  }

  /** What these moves make of the counts. */
  async follow(changes: readonly RootChange[]): Promise<RecordChange> {
    const usage = await readUsage(this.#deps.records, this.#owner);
    const moves = changes.map(({ before, after }) => `${String(before)} ${String(after)}`);
    const key = [toHex(usage.entry.value ?? new Uint8Array()), ...moves].join('/');
    if (this.#last?.key !== key) {
      this.#last = { key, change: await this.#difference(usage, changes) };
    }
    return this.#last.change;
  }

  async #difference(
    usage: Read<UsageRecord>,
    changes: readonly RootChange[],
  ): Promise<RecordChange> {
    const { count, bytes } = usage.value ?? {};
    const stamp = (usage.value?.stamp ?? 0) + 1;
    const uncounted = { stamp, count: undefined, bytes: 0 };
    if (count === undefined || bytes === undefined) return usageChange(usage, uncounted);
    const difference = new Difference(this.#deps, this.#owner, count, this.#inspector);
    try {
      const { writes, deltaBytes } = await difference.of(changes);
      return usageChange(usage, { stamp, count, bytes: bytes + deltaBytes }, writes);
    } catch (error) {
      if (!(error instanceof Uncountable)) throw error;
      return usageChange(usage, uncounted);
    }
  }
}

/** What replaces an account's usage record, with the rows that go with it. */
export function usageChange(
  usage: Read<UsageRecord>,
  record: UsageRecord,
  writes: readonly RecordEntry[] = [],
): RecordChange {
  return {
    expect: [usage.entry],
    writes: [replace(usage.entry, usageRecordToBytes(record)), ...writes],
  };
}

/** The write after which an account has to be counted: its pointers are set otherwise. */
export function uncounted(deps: LocalNodeDeps, owner: KeyHash): RecordEntry {
  const stamp = deps.random(STAMP_BYTES).reduce((sum, byte) => sum * 256 + byte, 0);
  const value = usageRecordToBytes({ stamp, count: undefined, bytes: 0 });
  return { table: TABLE.usage, key: owner.toString(), value };
}

interface Row {
  readonly cid: Cid;
  /** Links that lead here, as recorded, and how many more. */
  stored: number;
  delta: number;
  sizeBytes: number | undefined;
  /** Read from the records. */
  isKnown: boolean;
  /** Whether what it leads to was counted (1), taken off (-1) or left as it is (0). */
  followed: number;
}

/** The walk along what differs: old and new nodes of a depth together, so that what both hold cancels. */
class Difference {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #count: string;
  readonly #inspector: Inspector;
  readonly #rows = new Map<string, Row>();
  #looks = 0;

  constructor(deps: LocalNodeDeps, owner: KeyHash, count: string, inspector: Inspector) {
    this.#deps = deps;
    this.#owner = owner;
    this.#count = count;
    this.#inspector = inspector;
  }

  async of(changes: readonly RootChange[]): Promise<{ writes: RecordEntry[]; deltaBytes: number }> {
    let touched = new Set<Row>();
    for (const { before, after } of changes) {
      if (after !== undefined) this.#add(after, 1, touched);
      if (before !== undefined) this.#add(before, -1, touched);
    }
    while (touched.size > 0) touched = await this.#step([...touched]);
    return this.#outcome();
  }

  /** Follows what came to be reached or ceased to; answers whose counts that changed. */
  async #step(rows: readonly Row[]): Promise<Set<Row>> {
    const touched = new Set<Row>();
    const changed = rows.filter(({ delta, followed }) => delta !== 0 || followed !== 0);
    // Blocks made to be looked at over and over are counted from the roots instead.
    this.#looks += changed.length;
    if (this.#looks > SPARE_LOOKS + LOOKS_PER_ROW * this.#rows.size) throw new Uncountable();
    await inParallel(changed, async (row) => {
      await this.#read(row);
      const wanted = Number(row.stored + row.delta > 0) - Number(row.stored > 0);
      const by = wanted - row.followed;
      if (by === 0) return;
      const seen = await this.#inspector.see(row.cid);
      const isNew = row.stored === 0;
      if (isNew) row.sizeBytes = seen.sizeBytes;
      else if (row.sizeBytes !== undefined && seen.sizeBytes === undefined) throw new Uncountable();
      row.followed = wanted;
      if (row.sizeBytes === undefined) return;
      for (const link of seen.links) this.#add(link, by, touched);
    });
    return touched;
  }

  #add(cid: Cid, by: number, touched: Set<Row>): void {
    if (cid.isIdentity) return;
    const key = cid.toString();
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = { cid, stored: 0, delta: 0, sizeBytes: undefined, isKnown: false, followed: 0 };
      this.#rows.set(key, row);
    }
    row.delta += by;
    touched.add(row);
  }

  async #read(row: Row): Promise<void> {
    if (row.isKnown) return;
    const key = reachedKey(this.#owner, this.#count, row.cid);
    const { value } = await readReached(this.#deps.records, key);
    row.stored = value?.links ?? 0;
    row.sizeBytes = value?.sizeBytes;
    row.isKnown = true;
  }

  #outcome(): { writes: RecordEntry[]; deltaBytes: number } {
    const writes: RecordEntry[] = [];
    let deltaBytes = 0;
    for (const { cid, stored, delta, sizeBytes, followed } of this.#rows.values()) {
      deltaBytes += followed * (sizeBytes ?? 0);
      if (delta === 0) continue;
      const links = stored + delta;
      if (links < 0) throw new Uncountable();
      const value = links === 0 ? undefined : reachedRecordToBytes({ links, sizeBytes });
      writes.push({
        table: TABLE.reached,
        key: reachedKey(this.#owner, this.#count, cid),
        value,
      });
    }
    return { writes, deltaBytes };
  }
}
