/**
 * The bytes an account's present state takes, counted from its roots where no counts are kept yet.
 * See accounting.ts, which keeps them.
 */
import { toHex } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { usageChange } from './accounting.ts';
import type { LocalNodeDeps } from './context.ts';
import { inParallel, Inspector, reachedKey } from './reached-blocks.ts';
import { liveRoots } from './state-roots.ts';
import { listRecords, readReached, reachedRecordToBytes, readUsage, TABLE } from './records.ts';
import type { Read, UsageRecord } from './records.ts';

const NAME_BYTES = 4;
/** Rows of a new count written together. */
const ROWS_AT_ONCE = 500;
const COUNT_ATTEMPTS = 3;

/** Whether a block is part of the present state, by the counts of that name. */
async function isReached(
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
  for (const root of await liveRoots(deps, owner)) count(root);
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
