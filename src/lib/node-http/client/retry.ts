/** How often a request is sent again, and when (B-1 §1.1). */
import type { Random } from '#lib/bytes/index.ts';

export interface Attempts {
  readonly count: number;
}

export const ONCE: Attempts = { count: 1 };
export const BLOCK_ATTEMPTS: Attempts = { count: 7 };
export const POINTER_ATTEMPTS: Attempts = { count: 3 };

const FIRST_PAUSE_MS = 1_000;

/** The pause after attempt `attempt` (from 1): it doubles, and up to a half is added by chance. */
export function retryPauseMs(attempt: number, random: Random): number {
  const pauseMs = FIRST_PAUSE_MS * 2 ** (attempt - 1);
  return pauseMs + ((random(1)[0] ?? 0) / 255) * (pauseMs / 2);
}
