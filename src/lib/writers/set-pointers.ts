/**
 * Moving pointers (A-6 §4, §5; A-10 §3): all at once, and with an answer to the question whether a
 * move that seemed to fail took effect.
 */
import { sameCid } from '#lib/codec/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { NodeUnreachable, PointerConflict, signPointer } from '#lib/protocol/index.ts';
import type { PointerUpdate, WriterData } from '#lib/protocol/index.ts';
import type { SpaceDeps } from './deps.ts';
import { fetchState } from './fetch.ts';
import type { Space } from './space.ts';
import { PointerRolledBack } from './pointer-memory.ts';

export interface Move {
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
  moves: readonly Move[],
  signal: AbortSignal,
): Promise<boolean> {
  const updates = await Promise.all(
    moves.map(async ({ space, update }) => ({
      writer: space.signer.hash,
      signed: await signPointer(space.signer, update),
    })),
  );
  const [only] = updates;
  const send = (): Promise<void> =>
    updates.length === 1 && only !== undefined
      ? deps.node.pointers.set(owner, only.writer, only.signed)
      : deps.node.pointers.setMany(owner, updates);
  try {
    await withRetries(send, deps, signal);
  } catch (error) {
    if (await haveTakenEffect(deps, owner, moves, error)) return true;
    if (error instanceof PointerConflict) return false;
    throw error;
  }
  return true;
}

/** Makes the moves the state of their spaces and of the memory. */
export async function acceptMoves(deps: SpaceDeps, moves: readonly Move[]): Promise<void> {
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
  deps: SpaceDeps,
  signal: AbortSignal,
): Promise<void> {
  const pause = deps.pause ?? sleep;
  for (let attempt = 0; ; attempt++) {
    signal.throwIfAborted();
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

/** Whether every pointer stands where the moves wanted it. If that cannot be found out, `error` stays. */
async function haveTakenEffect(
  deps: SpaceDeps,
  owner: KeyHash,
  moves: readonly Move[],
  error: unknown,
): Promise<boolean> {
  try {
    const states = await Promise.all(
      moves.map(({ space }) => fetchState(deps, owner, space.signer.hash)),
    );
    return states.every(
      ({ target, sequence }, i) =>
        sameCid(target, moves[i]!.update.updated) && sequence === moves[i]!.update.sequence,
    );
  } catch (failure) {
    if (error instanceof PointerConflict) throw failure;
    return false;
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
