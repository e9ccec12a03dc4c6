/**
 * Sends the pending changes of an owner in the order in which they were made: blocks, then the pointer
 * update that needs them. Each update that took effect is recorded before the next is sent, and an
 * update whose answer was lost is recognised, so sending can be interrupted at any point.
 */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer, StorageNode } from '#lib/node/index.ts';
import {
  checkSuccession,
  openPointerUpdate,
  PointerConflict,
  pointerStateOf,
} from '#lib/protocol/index.ts';
import type { BlockToWrite, PointerState, PointerUpdate } from '#lib/protocol/index.ts';
import { PendingDamaged } from './errors.ts';
import type { JournalEntry, PendingBlocks, PendingMove } from './entries.ts';
import type { Journal } from './journal.ts';

export interface Sending {
  readonly journal: Journal;
  /** The node through its cache: written to. */
  readonly through: StorageNode;
  /** The node without a cache: its answers decide. */
  readonly direct: StorageNode;
  readonly owner: KeyHash;
  readonly signal?: AbortSignal | undefined;
  readonly onSent?: (pointers: readonly SignedPointer[]) => void;
}

/**
 * Sends everything. `diverged`: somebody else changed a pointer meanwhile, and the rest stays pending.
 * Throws what the node refuses with; refused changes stay pending.
 */
export async function sendPending(sending: Sending): Promise<'sent' | 'diverged'> {
  const { journal, owner, signal, onSent } = sending;
  for (;;) {
    signal?.throwIfAborted();
    const entries = await journal.entries(owner);
    const at = entries.findIndex(({ kind }) => kind === 'move');
    const move = entries[at];
    if (move?.kind !== 'move') return 'sent';
    const before = entries.slice(0, at);
    const standing = await standingOf(sending, move);
    if (standing === 'diverged') return 'diverged';
    if (standing === 'open' && !(await take(sending, before, move))) continue;
    await journal.advance(owner, [...before, move], move);
    onSent?.(move.pointers);
  }
}

/** False: the node's pointers have to be looked at again. */
async function take(
  sending: Sending,
  before: readonly JournalEntry[],
  move: PendingMove,
): Promise<boolean> {
  const { through, owner } = sending;
  const tid = await through.blocks.startTransaction(owner);
  try {
    for (const entry of before) {
      if (entry.kind === 'blocks') await sendBlocks(sending, entry, tid);
    }
    const [only, ...others] = move.pointers;
    if (only !== undefined && others.length === 0) {
      await through.pointers.set(owner, only.writer, only.signed);
    } else await through.pointers.setMany(owner, move.pointers);
    return true;
  } catch (error) {
    if (error instanceof PointerConflict) return false;
    throw error;
  } finally {
    // One that cannot be closed expires by itself (A-10 §6).
    await through.blocks.closeTransaction(owner, tid).catch(() => undefined);
  }
}

async function sendBlocks(
  { journal, through, owner, signal }: Sending,
  { writer, format, blocks }: PendingBlocks,
  tid: string,
): Promise<void> {
  const sent: BlockToWrite[] = [];
  for (const { cid, authorisation } of blocks) {
    const bytes = await journal.block(owner, cid, signal);
    if (bytes === undefined) throw new PendingDamaged();
    sent.push({ bytes, authorisation });
  }
  await through.blocks.put(owner, writer, sent, format, tid, signal);
}

/** Where the node stands: before a move, after it, or elsewhere. */
async function standingOf(
  { direct, owner, signal }: Sending,
  { pointers }: PendingMove,
): Promise<'open' | 'taken' | 'diverged'> {
  const standings = await Promise.all(
    pointers.map(async ({ writer, signed }) => {
      const update = await openedUpdate(writer, signed);
      const now = await direct.pointers.get(owner, writer, { signal, isFresh: true });
      // Signed by the writer or not: one that is not ours is judged by who reads it.
      const current = pointerStateOf(now);
      if (isAfter(current, update)) return 'taken';
      return canFollow(current, update) ? 'open' : 'diverged';
    }),
  );
  const [first] = standings;
  return first !== undefined && standings.every((one) => one === first) ? first : 'diverged';
}

async function openedUpdate(writer: KeyHash, signed: Uint8Array): Promise<PointerUpdate> {
  try {
    return await openPointerUpdate(writer, signed);
  } catch (error) {
    throw new PendingDamaged({ cause: error });
  }
}

function isAfter({ target, sequence }: PointerState, update: PointerUpdate): boolean {
  const isSame =
    target === undefined || update.updated === undefined
      ? target === update.updated
      : target.equals(update.updated);
  return isSame && sequence === update.sequence;
}

function canFollow(current: PointerState, update: PointerUpdate): boolean {
  try {
    checkSuccession(current, update);
    return true;
  } catch {
    return false;
  }
}
