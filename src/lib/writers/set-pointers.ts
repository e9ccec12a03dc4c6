/**
 * Moving pointers (A-6 §4, §5; A-10 §3): all at once, and with an answer to the question whether a
 * move that seemed to fail took effect.
 */
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePointers, SignedPointer } from '#lib/node/index.ts';
import { NodeUnreachable, PointerConflict, signPointer } from '#lib/protocol/index.ts';
import type { PointerUpdate, WriterData } from '#lib/protocol/index.ts';
import type { SpaceDeps } from './deps.ts';
import type { Space } from './space.ts';
import { PointerRolledBack } from './pointer-memory.ts';

export interface PointerMove {
  readonly space: Space;
  readonly update: PointerUpdate;
  /** The state under the new target; undefined: deleted. */
  readonly data: WriterData | undefined;
}

const PAUSES_MS = [1000, 2000];

/**
 * Sets the pointers together. Answers false if one of them is not what its move replaces any more;
 * then none was set. A move that got through although its answer was lost counts as made.
 */
export async function makeMoves(
  deps: SpaceDeps,
  owner: KeyHash,
  moves: readonly PointerMove[],
  signal: AbortSignal,
): Promise<boolean> {
  const updates = await Promise.all(
    moves.map(async ({ space, update }) => ({
      writer: space.signer.hash,
      signed: await signPointer(space.signer, update),
    })),
  );
  const [only] = updates;
  const { pointers } = deps.node;
  const send = (): Promise<void> =>
    updates.length === 1 && only !== undefined
      ? pointers.set(owner, only.writer, only.signed)
      : pointers.setMany(owner, updates);
  try {
    await sendPointers(deps, owner, updates, send, signal);
    return true;
  } catch (error) {
    if (error instanceof PointerConflict) return false;
    throw error;
  }
}

/**
 * Sends signed updates, which take effect together or not at all. This is the one place where they
 * are sent again: when no answer comes, up to three times. Whether an update that seemed to fail
 * took effect is settled by reading back: the pointers stand as they were to, or not (B-7 §5.3).
 */
export async function sendPointers(
  deps: Pick<SpaceDeps, 'node' | 'pause'>,
  owner: KeyHash,
  updates: readonly SignedPointer[],
  send: () => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  try {
    await withRetries(send, deps, signal);
  } catch (error) {
    if (!(await stand(deps.node.pointers, owner, updates, error))) throw error;
  }
}

/** Makes the moves the state of their spaces and of the memory. */
export async function acceptMoves(deps: SpaceDeps, moves: readonly PointerMove[]): Promise<void> {
  for (const { space, update, data } of moves) {
    const writer = space.signer.hash;
    const state = { writer, target: update.updated, sequence: update.sequence, data };
    space.base = state;
    try {
      await deps.pointerMemory.see(writer, state);
    } catch (error) {
      // Somebody built on our state, and it was read here, before we came to remember our own.
      if (!(error instanceof PointerRolledBack)) throw error;
    }
  }
}

async function withRetries(
  send: () => Promise<void>,
  deps: Pick<SpaceDeps, 'pause'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pause = deps.pause ?? sleep;
  for (let attempt = 0; ; attempt++) {
    signal?.throwIfAborted();
    try {
      await send();
      return;
    } catch (error) {
      const pauseMs = PAUSES_MS[attempt];
      // What the node refuses by name it refuses again. Sending the same signed update twice is
      // safe: it can take effect only once.
      const isRefusal = error instanceof PyrgosError && !(error instanceof NodeUnreachable);
      if (isRefusal || pauseMs === undefined) throw error;
      await pause(pauseMs);
    }
  }
}

/** Whether every pointer stands as it was to. If that cannot be found out, `error` stays. */
async function stand(
  pointers: NodePointers,
  owner: KeyHash,
  updates: readonly SignedPointer[],
  error: unknown,
): Promise<boolean> {
  try {
    const now = await Promise.all(
      updates.map(({ writer }) => pointers.get(owner, writer, { isFresh: true })),
    );
    return updates.every(({ signed }, i) => {
      const stored = now[i];
      return stored !== undefined && equalBytes(stored, signed);
    });
  } catch (failure) {
    if (error instanceof PointerConflict) throw failure;
    return false;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
