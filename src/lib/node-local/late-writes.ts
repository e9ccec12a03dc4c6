/**
 * What a writer may still do that has lost its place (A-6 §6, A-9 §9, C-3). Revoking write access and
 * deleting are several steps, and clients take them in several orders: often the parent's pointer
 * moves first, then come blocks and the last pointer of the writer that it does not list any more.
 *
 * So a transaction goes on for every writer that had its place when it was opened, for a while and up
 * to an amount; and at any time a writer may be emptied. The holder of such a writer's key gains
 * nothing: nothing that counts lists it, what it sends goes with its transaction, and all that it and
 * the writers below it may ever send is bounded.
 */
import { Cid, CODEC, decodeCbor, encodeCbor, sameCid } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { toHex } from '#lib/bytes/index.ts';
import { storedPairs, walkToKey } from '#lib/champ/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import { UnknownWriter } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { listTransactions } from './deletion.ts';
import type { Loss, Registry } from './writer-registry.ts';
import { openedIn } from './transaction-id.ts';
import type { OwnershipState } from './ownership-state.ts';

/** How long after the loss a transaction goes on. */
const LATE_MS = 60 * 60 * 1000;
/** More than a client gathers for one commit (A-10 §3). */
const LATE_BYTES = 32 * 1024 * 1024;
/** Room for the states of writers that are emptied, whatever the transaction. */
const EMPTYING_BYTES = 64 * 1024;
/** Entries that an emptied tree may still have, left behind by an interrupted upload. */
const MOST_LEFT = 1000;

/** The writers and the number of bytes they send. */
export interface Author {
  readonly writer: KeyHash;
  readonly sizeBytes: number;
  /** Whether all of it may be the state of a writer that is emptied, see {@link isPartOfState}. */
  readonly isOfState: () => boolean;
}

export interface LateWrite {
  readonly owner: KeyHash;
  readonly tid: string;
  readonly authors: readonly Author[];
}

/** Notes in the registry what those without a place send. Throws {@link UnknownWriter}. */
export async function admitAuthors(
  deps: LocalNodeDeps,
  registry: Registry,
  { owner, tid, authors }: LateWrite,
): Promise<void> {
  for (const { writer, sizeBytes, isOfState } of authors) {
    const loss = await registry.lossOf(owner, writer);
    if (loss === undefined) continue;
    if (loss === 'never') throw unknownWriter();
    const lateBytes = (loss.record.lateBytes ?? 0) + sizeBytes;
    const goesOn = await isOpenSince(deps, owner, tid, loss);
    if (!goesOn && !isOfState()) throw unknownWriter();
    if (lateBytes > (goesOn ? LATE_BYTES : EMPTYING_BYTES)) throw unknownWriter();
    registry.set(loss.top, { ...loss.record, lateBytes });
  }
}

/** Whether a block is the state of this writer, or may be a node of its trees (A-5 §2, A-6 §2). */
export function isPartOfState(writer: KeyHash, cid: Cid, bytes: Uint8Array): boolean {
  if (cid.codec !== CODEC.dagCbor) return false;
  const value = decodeCbor(bytes);
  if (value instanceof Map) {
    const controller = (value as CborMap).get('controller');
    return controller instanceof Cid && controller.equals(writer);
  }
  return Array.isArray(value) && value.length === 3 && value[0] instanceof Uint8Array;
}

/** Whether a state that such a writer is to have came in a transaction that goes on for it. */
export async function isOfOpenTransaction(
  deps: LocalNodeDeps,
  owner: KeyHash,
  target: Cid,
  loss: Loss,
): Promise<boolean> {
  for (const { entry, record } of await listTransactions(deps, owner)) {
    const [, tid = ''] = entry.key.split('/');
    if (!record.blocks.some(({ cid }) => cid.equals(target))) continue;
    if (await isOpenSince(deps, owner, tid, loss)) return true;
  }
  return false;
}

async function isOpenSince(
  deps: LocalNodeDeps,
  owner: KeyHash,
  tid: string,
  { sinceChange, sinceMs }: Loss,
): Promise<boolean> {
  if (deps.clock() - sinceMs > LATE_MS) return false;
  const opened = await openedIn(deps, owner, tid);
  return opened !== undefined && opened.changes < sinceChange;
}

/** Whether `after` holds nothing that `before` does not: no entry, no owned key, nothing else. */
export async function isOnlyLess(
  before: OwnershipState | undefined,
  after: OwnershipState,
  load: LoadStored,
): Promise<boolean> {
  if (before === undefined) return false;
  for (const [name, value] of after.others) {
    if (!isSame(value, before.others.get(name))) return false;
  }
  for (const [name, value] of after.named) {
    if (!isSame(value, before.named.get(name))) return false;
  }
  return (
    (await hasOnlyEntriesOf(before.owned, after.owned, load)) &&
    (await hasOnlyEntriesOf(before.tree, after.tree, load))
  );
}

async function hasOnlyEntriesOf(
  before: Cid | undefined,
  after: Cid | undefined,
  load: LoadStored,
): Promise<boolean> {
  if (after === undefined || sameCid(before, after)) return true;
  let left = 0;
  for await (const { key, value } of storedPairs(load, after)) {
    left++;
    if (before === undefined || left > MOST_LEFT) return false;
    if (!isSame(value, await entryOf(before, key, load))) return false;
  }
  return true;
}

/** Owned keys are placed by their own bytes, as entries of a tree are (A-5 §6). */
function entryOf(root: Cid, key: Uint8Array, load: LoadStored): Promise<CborValue | undefined> {
  return walkToKey(root, key, load, () => undefined);
}

function isSame(a: CborValue, b: CborValue | undefined): boolean {
  return b !== undefined && toHex(encodeCbor(a)) === toHex(encodeCbor(b));
}

function unknownWriter(): UnknownWriter {
  return new UnknownWriter('This key may not write here.');
}
