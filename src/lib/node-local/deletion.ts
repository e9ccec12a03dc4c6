/**
 * The short time in which blocks are deleted. Blocks and records are separate stores, so deleting
 * is announced first (which fails if anything changed since the decision was made), carried out,
 * and struck off. Meanwhile nobody announces the same blocks for writing: they wait, and if the
 * deleter died they finish its work. So a block is never deleted after it was written again.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { ListedBlock } from '#lib/stores/index.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import {
  blockKey,
  blockPrefix,
  deletionRecordToBytes,
  NEW_OWNER,
  ownerRecordToBytes,
  readDeletion,
  readOwner,
  replace,
  TABLE,
  transactionRecordFromBytes,
} from './records.ts';
import type { DeletionRecord, OwnerRecord, Read, TransactionRecord } from './records.ts';
import type { RecordEntry } from '#lib/stores/index.ts';

/** After this long a deleter is taken for dead; it gives up by itself well before. */
const TAKE_OVER_MS = 60_000;
const POLL_MS = 5;
const LIST_PAGE = 10_000;

export interface DeletionClaim {
  /** The owner's record as it was before anything else was read; the claim fails if it changed. */
  readonly ownerRead: Read<OwnerRecord>;
  readonly blocks: readonly ListedBlock[];
  /** Further records to write with the claim. */
  readonly writes: readonly RecordEntry[];
  /** Further records that must be as they were read. */
  readonly expect: readonly RecordEntry[];
}

/** Deletes blocks iff nothing of the owner changed. `false`: something did; decide again. */
export async function deleteBlocks(
  deps: LocalNodeDeps,
  owner: KeyHash,
  claim: DeletionClaim,
): Promise<boolean> {
  const table = TABLE.deletions;
  const key = owner.toString();
  const record = { startedMs: deps.clock(), keys: claim.blocks.map((block) => block.key) };
  const value = deletionRecordToBytes(record);
  const freedBytes = claim.blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const before = claim.ownerRead.value ?? NEW_OWNER;
  const after = { ...before, usedBytes: Math.max(0, before.usedBytes - freedBytes) };
  const isClaimed = await deps.records.apply({
    expect: [claim.ownerRead.entry, ...claim.expect, { table, key, value: undefined }],
    writes: [
      replace(claim.ownerRead.entry, ownerRecordToBytes(after)),
      ...claim.writes,
      { table, key, value },
    ],
  });
  if (!isClaimed) return false;
  await carryOut(deps, { entry: { table, key, value }, value: record });
  return true;
}

/** Waits until no deletion of this owner is under way, or finishes one whose deleter died. */
export async function finishDeletion(
  deps: LocalNodeDeps,
  owner: KeyHash,
  signal?: AbortSignal,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const read = await readDeletion(deps.records, owner);
    if (read.value === undefined) return;
    const ageMs = deps.clock() - read.value.startedMs;
    if (ageMs < TAKE_OVER_MS) await pause(POLL_MS);
    else {
      await carryOut(deps, {
        entry: read.entry,
        value: { ...read.value, startedMs: deps.clock() },
      });
    }
  }
}

async function carryOut(deps: LocalNodeDeps, deletion: Read<DeletionRecord>): Promise<void> {
  const { startedMs, keys } = deletion.value ?? { startedMs: 0, keys: [] };
  if (deps.clock() - startedMs > TAKE_OVER_MS / 2) return; // slept: somebody else may be at it
  await deps.blocks.deleteMany(keys);
  await deps.records.apply({
    expect: [deletion.entry],
    writes: [replace(deletion.entry, undefined)],
  });
}

/**
 * Sets the owner's bytes to what is stored or announced. Read in this order nothing is missed:
 * a write announced before the owner's record was read is among the transactions or, if its
 * transaction is closed already, among the blocks; one announced later makes the write fail.
 */
export async function recount(deps: LocalNodeDeps, owner: KeyHash): Promise<OwnerRecord> {
  return compareAndSet(deps.records, async () => {
    const read = await readOwner(deps.records, owner);
    if (read.value === undefined) return { result: NEW_OWNER };
    const transactions = await listTransactions(deps, owner);
    const sizes = new Map<string, number>();
    for (const { record } of transactions) {
      for (const { cid, sizeBytes } of record.blocks) sizes.set(blockKey(owner, cid), sizeBytes);
    }
    for (const { key, sizeBytes } of await listAll(deps, blockPrefix(owner))) {
      sizes.set(key, sizeBytes);
    }
    const deletion = await readDeletion(deps.records, owner);
    for (const key of deletion.value?.keys ?? []) sizes.delete(key);
    let usedBytes = 0;
    for (const sizeBytes of sizes.values()) usedBytes += sizeBytes;
    const record = { ...read.value, usedBytes };
    const writes = [replace(read.entry, ownerRecordToBytes(record))];
    return { change: { expect: [read.entry, deletion.entry], writes }, result: record };
  });
}

export interface OpenTransaction {
  readonly entry: RecordEntry;
  readonly record: TransactionRecord;
}

export async function listTransactions(
  deps: LocalNodeDeps,
  owner: KeyHash,
): Promise<OpenTransaction[]> {
  const listed = await deps.records.list(TABLE.transactions, `${owner.toString()}/`);
  return listed.map(({ key, value }) => ({
    entry: { table: TABLE.transactions, key, value },
    record: transactionRecordFromBytes(value),
  }));
}

/** Every block below a prefix, without its bytes. */
export async function listAll(
  deps: LocalNodeDeps,
  prefix: string,
  signal?: AbortSignal,
): Promise<ListedBlock[]> {
  const all: ListedBlock[] = [];
  for (;;) {
    signal?.throwIfAborted();
    const page = await deps.blocks.list(prefix, all.at(-1)?.key, LIST_PAGE);
    all.push(...page);
    if (page.length < LIST_PAGE) return all;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
