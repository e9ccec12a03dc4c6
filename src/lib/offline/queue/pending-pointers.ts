/**
 * Pointers of a node that may be away. A pending pointer is the writer's current one on this device;
 * the rules of succession are those of every node (A-6 §4, B-6 §3).
 */
import { equalBytes } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePointers, SignedPointer } from '#lib/node/index.ts';
import {
  checkSuccession,
  isAway,
  openPointerUpdate,
  PointerConflict,
  PointerRefused,
  pointerStateOf,
} from '#lib/protocol/index.ts';
import type { Journal, NewMove } from './journal.ts';
import type { OpenTransactions } from './open-transactions.ts';

export interface PendingPointersDeps {
  readonly through: NodePointers;
  readonly journal: Journal;
  readonly transactions: OpenTransactions;
  /** Called when a pointer becomes pending. */
  readonly onPending: (owner: KeyHash, updates: readonly SignedPointer[]) => void;
}

export function pendingPointers(deps: PendingPointersDeps): NodePointers {
  const { through, journal, transactions } = deps;
  const set = async (
    owner: KeyHash,
    updates: readonly SignedPointer[],
    send: () => Promise<void>,
  ): Promise<void> => {
    const mustWait = (await journal.isInUse(owner)) || transactions.hasLocal(owner);
    if (!mustWait) {
      try {
        await send();
        return;
      } catch (error) {
        if (!isAway(error)) throw error;
      }
    }
    await keep(deps, owner, updates);
  };
  return {
    get: async (owner, writer, options) =>
      (await journal.pointer(owner, writer)) ?? through.get(owner, writer, options),
    set: (owner, writer, signed) =>
      set(owner, [{ writer, signed }], () => through.set(owner, writer, signed)),
    setMany: (owner, updates) => set(owner, updates, () => through.setMany(owner, updates)),
  };
}

async function keep(
  { through, journal, transactions, onPending }: PendingPointersDeps,
  owner: KeyHash,
  updates: readonly SignedPointer[],
): Promise<void> {
  // The server may drop the blocks it acknowledged before the pointer gets there.
  await transactions.bringAllHome(owner);
  await transactions.bringBack(owner);
  const moves: NewMove[] = [];
  for (const { writer, signed } of updates) {
    const before = await journal.pointer(owner, writer);
    const base = before === undefined ? await through.get(owner, writer) : undefined;
    const update = await openPointerUpdate(writer, signed);
    const current = pointerStateOf(before ?? base);
    // The node took it, and only the answer was lost.
    if (before === undefined && isSame(base, signed)) continue;
    checkSuccession(current, update);
    if (
      update.updated !== undefined &&
      (await journal.block(owner, update.updated)) === undefined
    ) {
      throw new PointerRefused('target', 'The state a pointer names is not stored here.');
    }
    moves.push({ writer, signed, before, base });
  }
  if (moves.length === 0) return;
  if (!(await journal.addMove(owner, moves))) {
    const [first] = moves;
    const now = pointerStateOf(first && (await journal.pointer(owner, first.writer)));
    throw new PointerConflict(now.target, now.sequence);
  }
  transactions.moved(owner);
  onPending(owner, updates);
}

function isSame(a: Uint8Array | undefined, b: Uint8Array): boolean {
  return a !== undefined && equalBytes(a, b);
}
