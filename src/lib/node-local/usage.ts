/**
 * Space an owner uses (B-5 §1), counted so that it cannot drift.
 *
 * Each write adds its bytes to the owner's record in the very transaction that announces its
 * blocks, before they are stored: the figure is never too small. It may be too large (a block sent
 * twice, a write that failed), so before anything is refused it is counted anew from what is there,
 * and then garbage is collected.
 *
 * Deleting writes blocks, too, and must work when the space is full. The protocol refuses one write,
 * which sets an error flag, and then lets any go a little beyond the quota. Here there is no flag:
 * what a deletion may write has that room from the start, so that the first attempt succeeds, and
 * nothing else ever has, so that uploads tried again cannot use it up. Those are CBOR blocks and, half
 * as far, small raw ones: the lists of large folders. Where uploads are limited, those have a
 * quarter of the limit beside it.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { CollectionStopped, QuotaExceeded, WrongHost } from '#lib/protocol/index.ts';
import type { BlockFormat } from '#lib/protocol/index.ts';
import { StoreFull } from '#lib/stores/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { collect } from './garbage-collect.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { finishDeletion, recount } from './deletion.ts';
import { admitAuthors } from './late-writes.ts';
import type { Author } from './late-writes.ts';
import { quotaOf } from './quota.ts';
import { Registry } from './writer-registry.ts';
import { putBlocksInRoom, requireRoomForContent } from './room.ts';
import {
  NEW_OWNER,
  blockKey,
  ownerRecordToBytes,
  readDeletion,
  readOwner,
  replace,
  TABLE,
  transactionRecordToBytes,
} from './records.ts';
import type { OwnerRecord, Read, Uploads } from './records.ts';
import { uploadsAfter } from './upload-limit.ts';

/** How far the quota may be exceeded (B-5 §1). */
export const GRACE_BYTES = 1_048_576;
/** A list of 500 entries with long names, and a little more (A-8 §7). */
const SMALL_BYTES = 262_144;
/** The part of the upload limit that writes with grace have beside it. */
const UPLOAD_GRACE_SHARE = 1 / 4;

/** After this long without a change, full space is worth another collection. */
const COLLECT_AGAIN_MS = 60 * 60 * 1000;

export interface Announcement {
  readonly owner: KeyHash;
  readonly tid: string;
  readonly blocks: readonly { readonly cid: Cid; readonly sizeBytes: number }[];
  /** The writers that signed them; absent for what the node itself stores. */
  readonly authors?: readonly Author[] | undefined;
  /** How far these blocks may exceed the quota, see {@link graceOf}. */
  readonly graceBytes: number;
  /** For a copy of an account whose home is elsewhere. */
  readonly isCopy?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Records blocks under their transaction and counts them, before they are stored (A-10 §5).
 * Returns the transaction record, to be removed if they are not. Throws {@link UnknownWriter},
 * {@link QuotaExceeded}, {@link RateLimited}.
 */
export async function announceBlocks(
  deps: LocalNodeDeps,
  announcement: Announcement,
): Promise<RecordEntry> {
  const { owner, tid, blocks, authors = [], graceBytes, isCopy = false, signal } = announcement;
  const sizeBytes = sumOf(blocks);
  const quotaBytes = await quotaOf(deps, owner);
  const keys = new Set(blocks.map(({ cid }) => blockKey(owner, cid)));
  let hasMadeRoom = false;
  return compareAndSet(deps.records, async () => {
    signal?.throwIfAborted();
    const deletion = await readDeletion(deps.records, owner);
    if (deletion.value?.keys.some((key) => keys.has(key)) === true) {
      await finishDeletion(deps, owner, signal);
      return 'again';
    }
    const read = await readOwner(deps.records, owner);
    const record = read.value ?? NEW_OWNER;
    if (!isCopy) requireHome(record);
    const registry = new Registry(deps.records);
    await admitAuthors(deps, registry, { owner, tid, authors });
    if (record.usedBytes + sizeBytes > quotaBytes + graceBytes) {
      if (hasMadeRoom) throw new QuotaExceeded(record.usedBytes, quotaBytes);
      hasMadeRoom = true;
      await makeRoom(deps, owner, quotaBytes + graceBytes - sizeBytes, signal);
      return 'again';
    }
    const entry = {
      table: TABLE.transactions,
      key: `${owner.toString()}/${tid}/${record.changes}`,
      value: transactionRecordToBytes({ startedMs: deps.clock(), blocks }),
    };
    const uploads = countUpload(deps, record, sizeBytes, graceBytes > 0);
    const next = changedOwner(read, sizeBytes, uploads);
    return {
      // As lasting as the blocks it announces: what makes both matter is the pointer that comes.
      change: {
        expect: [read.entry, deletion.entry, ...registry.expectations()],
        writes: [next, entry, ...registry.writes()],
        durability: 'relaxed' as const,
      },
      result: entry,
    };
  });
}

/** How far a write of so many bytes may exceed the quota. */
export function graceOf(format: BlockFormat, sizeBytes: number): number {
  if (format === 'dag-cbor') return GRACE_BYTES;
  return sizeBytes <= SMALL_BYTES ? GRACE_BYTES / 2 : 0;
}

/** Takes back an announcement whose blocks were certainly not stored. */
async function withdrawBlocks(
  deps: LocalNodeDeps,
  owner: KeyHash,
  announced: RecordEntry,
): Promise<void> {
  await deps.records.apply({ expect: [announced], writes: [replace(announced, undefined)] });
  await recount(deps, owner);
}

/** Announces, stores, and takes the announcement back if the medium is full. */
export async function storeBlocks(
  deps: LocalNodeDeps,
  announcement: Omit<Announcement, 'blocks'>,
  blocks: readonly { readonly cid: Cid; readonly bytes: Uint8Array }[],
): Promise<RecordEntry> {
  const { owner, graceBytes } = announcement;
  const isContent = graceBytes === 0;
  if (isContent) await requireRoomForContent(deps, owner);
  const sizes = blocks.map(({ cid, bytes }) => ({ cid, sizeBytes: bytes.length }));
  const announced = await announceBlocks(deps, { ...announcement, blocks: sizes });
  const entries = blocks.map(({ cid, bytes }) => ({ key: blockKey(owner, cid), bytes }));
  try {
    await putBlocksInRoom(deps, owner, entries, isContent);
  } catch (error) {
    if (error instanceof StoreFull) {
      await withdrawBlocks(deps, owner, announced).catch(() => undefined);
    }
    throw error;
  }
  return announced;
}

/** Throws {@link WrongHost} for an account that has moved to another node. */
export function requireHome(record: OwnerRecord | undefined): void {
  if (record?.movedTo === undefined) return;
  throw new WrongHost('This account has moved to another server.');
}

/** Throws {@link RateLimited}. */
function countUpload(
  { clock, uploadLimit }: LocalNodeDeps,
  record: OwnerRecord,
  sizeBytes: number,
  hasGrace: boolean,
): Uploads | undefined {
  if (uploadLimit === undefined) return undefined;
  const bytes = uploadLimit.bytes * (hasGrace ? 1 + UPLOAD_GRACE_SHARE : 1);
  return uploadsAfter(record.uploads, sizeBytes, { ...uploadLimit, bytes, nowMs: clock() });
}

/** The write that raises the owner's counter, with the bytes used changed by `deltaBytes`. */
export function changedOwner(
  read: Read<OwnerRecord>,
  deltaBytes = 0,
  uploads = read.value?.uploads,
): RecordEntry {
  const record = read.value ?? NEW_OWNER;
  const usedBytes = Math.max(0, record.usedBytes + deltaBytes);
  const next = { ...record, usedBytes, changes: record.changes + 1, uploads };
  return replace(read.entry, ownerRecordToBytes(next));
}

/** The write that says where the account has its home now; `undefined` = here. */
export function movedOwner(read: Read<OwnerRecord>, movedTo: Cid | undefined): RecordEntry {
  const record = read.value ?? NEW_OWNER;
  return replace(
    read.entry,
    ownerRecordToBytes({ ...record, changes: record.changes + 1, movedTo }),
  );
}

/** Counts anew; if that is not enough and anything changed since the last time, collects. */
async function makeRoom(
  deps: LocalNodeDeps,
  owner: KeyHash,
  allowedBytes: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const record = await recount(deps, owner);
  if (record.usedBytes <= allowedBytes) return;
  const isIdle = record.collectedChanges === record.changes;
  if (isIdle && deps.clock() - (record.collectedMs ?? 0) < COLLECT_AGAIN_MS) return;
  try {
    await collect(deps, owner, signal);
  } catch (error) {
    if (!(error instanceof CollectionStopped)) throw error;
  }
}

function sumOf(blocks: readonly { readonly sizeBytes: number }[]): number {
  return blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
