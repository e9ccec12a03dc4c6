/**
 * Progress and time left that never run backwards. A retry may send bytes again and a slow minute
 * may stretch the estimate, but a bar that shrinks or a clock that gains hours is worse than one
 * that waits: what is shown keeps its best value until the truth catches up.
 */
import type { Transfer } from '#lib/client/index.ts';

export interface Shown {
  readonly doneBytes: number;
  readonly secondsLeft: number | undefined;
}

/** A wait this much longer than what is shown is news, and said. */
const NEWS = 3;

export class Steady {
  readonly #shown = new Map<string, Shown & { readonly atMs: number; readonly state: string }>();

  /** What to show for a transfer now. */
  show(transfer: Transfer, nowMs: number): Shown {
    const before = this.#shown.get(transfer.id);
    const doneBytes = Math.max(transfer.doneBytes, before?.doneBytes ?? 0);
    const same = before?.state === transfer.state ? before : undefined;
    const secondsLeft = steadyTime(transfer.secondsLeft, same?.secondsLeft, () =>
      same === undefined ? 0 : (nowMs - same.atMs) / 1000,
    );
    const shown = { doneBytes, secondsLeft };
    this.#shown.set(transfer.id, { ...shown, atMs: nowMs, state: transfer.state });
    return shown;
  }
}

function steadyTime(
  told: number | undefined,
  before: number | undefined,
  elapsedSeconds: () => number,
): number | undefined {
  if (told === undefined || before === undefined) return told;
  const expected = Math.max(1, before - elapsedSeconds());
  return told > expected * NEWS ? told : Math.min(told, expected);
}
