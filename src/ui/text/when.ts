/** Moments as people say them: “Yesterday, 14:05”, “3 days ago”, “March 2026”. */
import { m } from './messages.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const WEEKS_FROM_DAYS = 60;

const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'short' });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const month = new Intl.DateTimeFormat(undefined, { month: 'long', year: 'numeric' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

/** Short enough for a column: the time of today and yesterday, the day before that. */
export function formatWhen(ms: number, nowMs = Date.now()): string {
  const days = daysBetween(ms, nowMs);
  if (days === 0) return m.when_today({ time: time.format(ms) });
  if (days === 1) return m.when_yesterday({ time: time.format(ms) });
  const isThisYear = new Date(ms).getFullYear() === new Date(nowMs).getFullYear();
  return days > 0 && isThisYear ? dayOfYear.format(ms) : day.format(ms);
}

/** How long ago: “5 minutes ago”, “yesterday”, “3 days ago”, “2 months ago”. */
export function formatAgo(ms: number, nowMs = Date.now()): string {
  const passed = Math.max(0, nowMs - ms);
  if (passed < MINUTE_MS) return m.when_now();
  if (passed < HOUR_MS) return relative.format(-Math.floor(passed / MINUTE_MS), 'minute');
  const days = daysBetween(ms, nowMs);
  if (days === 0) return relative.format(-Math.floor(passed / HOUR_MS), 'hour');
  if (days < WEEKS_FROM_DAYS) return relative.format(-days, 'day');
  const months = Math.floor(days / 30.44);
  return months < 24
    ? relative.format(-months, 'month')
    : relative.format(-Math.floor(months / 12), 'year');
}

export function formatMonth(ms: number): string {
  return month.format(ms);
}

/** A number that is the same for all moments of a month. */
export function monthOf(ms: number): number {
  const date = new Date(ms);
  return date.getFullYear() * 12 + date.getMonth();
}

/** Midnights between two moments. */
function daysBetween(ms: number, nowMs: number): number {
  return Math.round((startOfDay(nowMs) - startOfDay(ms)) / DAY_MS);
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}
