/**
 * Times of change between the drive and a disk. The drive has seconds of any size and nanoseconds
 * (A-8 §6); a disk keeps a range of its own, and moves what lies outside to the end of it.
 */
import type { BigIntStats } from 'node:fs';
import type { Handle } from '#lib/drive/index.ts';

type Time = Handle['properties']['modified'];

/** What a `Date` can say, on either side of 1970. */
const MAX_SECONDS = 8_640_000_000_000;
/** The coarsest file system still in use keeps two seconds. */
const COARSEST_SECONDS = 2;

/** The form for Node's `utimes`: it takes a negative number for the present time, but not a `Date`. */
export function toDiskTime({ seconds, nanos }: Time): number | Date {
  const clamped = Math.min(MAX_SECONDS, Math.max(-MAX_SECONDS, Number(seconds)));
  if (clamped >= 0) return clamped + nanos / 1e9;
  return new Date(clamped * 1000 + Math.floor(nanos / 1e6));
}

export function fromDiskTime({ mtimeNs }: Pick<BigIntStats, 'mtimeNs'>): Time {
  const nanos = BigInt.asUintN(64, ((mtimeNs % SECOND_NS) + SECOND_NS) % SECOND_NS);
  return { seconds: Number((mtimeNs - nanos) / SECOND_NS), nanos: Number(nanos) };
}

const SECOND_NS = 1_000_000_000n;

/** Whether a disk that shows `found` has kept the time it was given. */
export function isSameTime(wanted: Time, found: Pick<BigIntStats, 'mtimeNs'>): boolean {
  const difference = Number(wanted.seconds) - Number(found.mtimeNs / SECOND_NS);
  return Math.abs(difference) <= COARSEST_SECONDS;
}

/** `1960-01-02`, or the year where no calendar reaches. */
export function showDay(seconds: number | bigint): string {
  const number = Number(seconds);
  if (Math.abs(number) > MAX_SECONDS) {
    return number < 0 ? 'long before all years' : 'after all years';
  }
  return new Date(number * 1000).toISOString().replace(/T.*/u, '');
}
