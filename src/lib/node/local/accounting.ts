/**
 * The space an account's present state takes (B-5 §1): the bytes of all blocks that the pointers of
 * its writers lead to, each block once. Kept exact by counting, for each such block, the links that
 * lead to it. A pointer that moves changes the counts along the difference of its two trees only, in
 * the record transaction that moves it; so the figure is right after a crash, too.
 *
 * Counts have a name. An account without counts is counted once from its roots, beside any writes;
 * the rows count for nothing until the usage record names them, which fails if a pointer moved.
 */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { Cid, CODEC, decodeCbor, linksOf } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { listTransactions } from './deletion.ts';
import { pointerStateOf } from '../pointer-rules.ts';
import { Registry } from './registry.ts';
import {
  blockKey,
  listRecords,
  readReached,
  readUsage,
  reachedRecordToBytes,
  replace,
  TABLE,
  usageRecordToBytes,
} from './tables.ts';
import type { Read, UsageRecord } from './tables.ts';

/** Blocks and rows read at once. */
const WIDTH = 16;
const NAME_BYTES = 4;
const STAMP_BYTES = 6;
/** Rows of a new count written together. */
const ROWS_AT_ONCE = 500;
const COUNT_ATTEMPTS = 3;

/** Where a writer that counts led, and where it leads. */
export interface RootChange {
  readonly before: Cid | undefined;
  readonly after: Cid | undefined;
}

/** A block as far as counting goes. `sizeBytes` is absent for one that is not stored. */
interface Seen {
  readonly sizeBytes: number | undefined;
  readonly links: readonly Cid[];
}

/** Counted blocks cannot be read any more: the account is to be counted anew. */
class Uncountable extends Error {}

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
    if (this.#last?.key !== key)
      this.#last = { key, change: await this.#difference(usage, changes) };
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

function usageChange(
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

/** Reads blocks for counting, each once. */
class Inspector {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #seen = new Map<string, Promise<Seen>>();
  #announced: Promise<ReadonlyMap<string, number>> | undefined;

  constructor(deps: LocalNodeDeps, owner: KeyHash) {
    this.#deps = deps;
    this.#owner = owner;
  }

  see(cid: Cid): Promise<Seen> {
    const key = cid.toString();
    let seen = this.#seen.get(key);
    if (seen === undefined) this.#seen.set(key, (seen = this.#inspect(cid)));
    return seen;
  }

  /** A block that is damaged counts as one that is missing. */
  async #inspect(cid: Cid): Promise<Seen> {
    if (cid.codec !== CODEC.dagCbor) return { sizeBytes: await this.#sizeOf(cid), links: [] };
    try {
      const bytes = await loadVerified(this.#deps, this.#owner, cid);
      if (bytes === undefined) return NOT_STORED;
      return { sizeBytes: bytes.length, links: linksOf(decodeCbor(bytes)) };
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      return NOT_STORED;
    }
  }

  async #sizeOf(cid: Cid): Promise<number | undefined> {
    const known = (await this.#sizes()).get(cid.toString());
    if (known !== undefined) return known;
    const key = blockKey(this.#owner, cid);
    const [listed] = await this.#deps.blocks.list(key, undefined, 1);
    return listed?.key === key ? listed.sizeBytes : undefined;
  }

  /** What open transactions brought, so that no store is asked for it. */
  #sizes(): Promise<ReadonlyMap<string, number>> {
    this.#announced ??= listTransactions(this.#deps, this.#owner).then((open) => {
      const blocks = open.flatMap(({ record }) => record.blocks);
      return new Map(blocks.map(({ cid, sizeBytes }) => [cid.toString(), sizeBytes]));
    });
    return this.#announced;
  }
}

const NOT_STORED: Seen = { sizeBytes: undefined, links: [] };

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

function reachedKey(owner: KeyHash, count: string, cid: Cid): string {
  return `${owner.toString()}/${count}/${cid.toString()}`;
}

/** Whether a block is part of the present state, by the counts of that name. */
export async function isReached(
  deps: LocalNodeDeps,
  owner: KeyHash,
  count: string,
  cid: Cid,
): Promise<boolean> {
  return (await readReached(deps.records, reachedKey(owner, count, cid))).value !== undefined;
}

/** The present state's bytes, and the counts they are from, if those could be kept. */
export async function countedUsage(
  deps: LocalNodeDeps,
  owner: KeyHash,
): Promise<{ readonly bytes: number; readonly reached: (cid: Cid) => Promise<boolean> }> {
  for (let attempt = 1; ; attempt++) {
    const usage = await readUsage(deps.records, owner);
    const { count, bytes } = usage.value ?? {};
    if (count !== undefined && bytes !== undefined) {
      return { bytes, reached: (cid) => isReached(deps, owner, count, cid) };
    }
    const rows = await countFromRoots(deps, owner);
    const counted = sumOf(rows);
    if (await keepCount(deps, owner, usage, rows)) continue;
    if (attempt < COUNT_ATTEMPTS) continue;
    return { bytes: counted, reached: async (cid) => rows.has(cid.toString()) };
  }
}

type Counted = Map<string, { readonly cid: Cid; links: number; sizeBytes: number | undefined }>;

function sumOf(rows: Counted): number {
  return [...rows.values()].reduce((sum, { sizeBytes }) => sum + (sizeBytes ?? 0), 0);
}

async function countFromRoots(deps: LocalNodeDeps, owner: KeyHash): Promise<Counted> {
  const inspector = new Inspector(deps, owner);
  const rows: Counted = new Map();
  let fresh: Cid[] = [];
  const count = (cid: Cid): void => {
    if (cid.isIdentity) return;
    const row = rows.get(cid.toString());
    if (row !== undefined) row.links++;
    else {
      rows.set(cid.toString(), { cid, links: 1, sizeBytes: undefined });
      fresh.push(cid);
    }
  };
  const registry = new Registry(deps.records);
  for (const writer of await writersOf(deps, owner)) {
    if (!(await registry.isLive(owner, writer))) continue;
    const target = await targetOf(deps, writer);
    if (target !== undefined) count(target);
  }
  while (fresh.length > 0) {
    const step = fresh;
    fresh = [];
    await inParallel(step, async (cid) => {
      const { sizeBytes, links } = await inspector.see(cid);
      rows.get(cid.toString())!.sizeBytes = sizeBytes;
      for (const link of links) count(link);
    });
  }
  return rows;
}

/** Makes rows the account's counts. `false`: a pointer moved meanwhile, and nothing is kept. */
async function keepCount(
  deps: LocalNodeDeps,
  owner: KeyHash,
  usage: Read<UsageRecord>,
  rows: Counted,
): Promise<boolean> {
  const count = toHex(deps.random(NAME_BYTES));
  const entries = [...rows.values()].map(({ cid, links, sizeBytes }) => ({
    table: TABLE.reached,
    key: reachedKey(owner, count, cid),
    value: reachedRecordToBytes({ links, sizeBytes }),
  }));
  for (let at = 0; at < entries.length; at += ROWS_AT_ONCE) {
    const writes = entries.slice(at, at + ROWS_AT_ONCE);
    await deps.records.apply({ writes, durability: 'relaxed' });
  }
  const record = { stamp: (usage.value?.stamp ?? 0) + 1, count, bytes: sumOf(rows) };
  const isKept = await deps.records.apply(usageChange(usage, record));
  await removeCounts(deps, owner, (name) => (isKept ? name !== count : name === count));
  return isKept;
}

/** Removes the rows of these counts; no others may be half made, or their making fails. */
async function removeCounts(
  deps: LocalNodeDeps,
  owner: KeyHash,
  isStale: (count: string) => boolean,
): Promise<void> {
  const listed = await listRecords(deps.records, TABLE.reached, `${owner.toString()}/`);
  const stale = listed.filter(({ key }) => isStale(key.split('/')[1] ?? ''));
  for (let at = 0; at < stale.length; at += ROWS_AT_ONCE) {
    const writes = stale
      .slice(at, at + ROWS_AT_ONCE)
      .map(({ key }) => ({ table: TABLE.reached, key, value: undefined }));
    await deps.records.apply({ writes, durability: 'relaxed' });
  }
}

/** What the moved pointers and the writers that came and went mean for what is reached. */
export async function rootChanges(
  deps: LocalNodeDeps,
  owner: KeyHash,
  after: Registry,
  moved: ReadonlyMap<string, RootChange>,
): Promise<RootChange[]> {
  const before = new Registry(deps.records);
  const changed = after.changed();
  const known = changed.length === 0 ? [] : await writersOf(deps, owner);
  const all = new Map([...known, ...changed].map((writer) => [writer.toString(), writer]));
  for (const key of moved.keys()) all.set(key, asKeyHash(Cid.parse(key), 'A writer'));
  const changes: RootChange[] = [];
  for (const [key, writer] of all) {
    const [was, is] = await Promise.all([
      before.isLive(owner, writer),
      after.isLive(owner, writer),
    ]);
    const move = moved.get(key);
    if (!was && !is) continue;
    if (was && is && move === undefined) continue;
    const target = move === undefined ? await targetOf(deps, writer) : undefined;
    changes.push({
      before: was ? (move?.before ?? target) : undefined,
      after: is ? (move === undefined ? target : move.after) : undefined,
    });
  }
  return changes;
}

async function writersOf(deps: LocalNodeDeps, owner: KeyHash): Promise<KeyHash[]> {
  const prefix = `${owner.toString()}/`;
  const listed = await listRecords(deps.records, TABLE.writersOf, prefix);
  return listed.map(({ key }) => asKeyHash(Cid.parse(key.slice(prefix.length)), 'A writer'));
}

async function targetOf(deps: LocalNodeDeps, writer: KeyHash): Promise<Cid | undefined> {
  return pointerStateOf(await deps.records.get(TABLE.pointers, writer.toString())).target;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const open = [...items].reverse();
  const worker = async (): Promise<void> => {
    for (let item = open.pop(); item !== undefined; item = open.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(WIDTH, items.length) }, worker));
}
