/** How often a pointer moved (A-6 §3). */

/** A number when that is exact. Sequences grow by one a commit, so a bigint is only ever foreign. */
export type Sequence = number | bigint;

/** The update after one with this sequence (A-6 §3). */
export function nextSequence(previous: Sequence | undefined): Sequence {
  const next = BigInt(previous ?? 0) + 1n;
  return next <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(next) : next;
}
