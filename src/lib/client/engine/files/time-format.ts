/**
 * Stored times (A-8 §5) as the page reads them. Seconds are any 64-bit number, written by any client;
 * a time outside of what a date can be is moved to the nearest that can, so that one odd file never
 * keeps a list from being drawn.
 */
import type { Time } from '#lib/cryptree/index.ts';

/** The last moment of a `Date`; the first is as far before 1970. */
const DATE_MAX_MS = 8.64e15;
/** Archives keep years from 1980 to 2107, in local time wherever they are made. */
const ARCHIVE_MIN_MS = Date.UTC(1980, 0, 2);
const ARCHIVE_MAX_MS = Date.UTC(2107, 11, 30);

/** Milliseconds since 1970 of a stored time. */
export function millisecondsOf({ seconds, nanos }: Time): number {
  return dateMilliseconds(Number(seconds) * 1000 + Math.floor(nanos / 1_000_000));
}

/** Milliseconds since 1970, within what a date can be. */
export function dateMilliseconds(ms: number): number {
  return within(-DATE_MAX_MS, ms, DATE_MAX_MS);
}

/** The same, within what a ZIP archive can say. */
export function archiveMillisecondsOf(time: Time): number {
  return within(ARCHIVE_MIN_MS, millisecondsOf(time), ARCHIVE_MAX_MS);
}

function within(least: number, value: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
