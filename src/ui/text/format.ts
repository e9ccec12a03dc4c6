/** Sizes, speeds, times and dates as a person reads them, in the language of the browser. */
import { m } from './messages.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte', 'petabyte'] as const;

const sizeFormats = UNITS.map(
  (unit, step) =>
    new Intl.NumberFormat(undefined, {
      style: 'unit',
      unit,
      unitDisplay: step === 0 ? 'long' : 'short',
      maximumFractionDigits: step < 2 ? 0 : 1,
    }),
);
const wholeNumber = new Intl.NumberFormat();
const wholePercent = new Intl.NumberFormat(undefined, { style: 'percent' });
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });

/** A size in decimal units, as disks and networks are sold: 1,500,000 → `1.5 MB`. */
export function formatBytes(bytes: number): string {
  let step = 0;
  let value = bytes;
  while (value >= 999.5 && step < UNITS.length - 1) {
    value /= 1000;
    step += 1;
  }
  return sizeFormats[step]!.format(value);
}

/** `20.5 MB of 10 GB used`, without the limit where none is known. */
export function formatUsed(usedBytes: number, limitBytes: number | undefined): string {
  const used = formatBytes(usedBytes);
  if (limitBytes === undefined) return m.storage_used_alone({ used });
  return m.storage_used({ used, total: formatBytes(limitBytes) });
}

/** A size as a person reads it, and to the byte: `735 kB (735,072 bytes)`. */
export function formatExactBytes(bytes: number): string {
  const exact = m.exact_bytes({ count: bytes, shown: wholeNumber.format(bytes) });
  return bytes < 1000 ? exact : m.size_exact({ rounded: formatBytes(bytes), exact });
}

export function formatNumber(value: number): string {
  return wholeNumber.format(value);
}

/** A share from 0 to 1, rounded down so that 100 % means done. */
export function formatShare(share: number): string {
  return wholePercent.format(Math.floor(Math.min(1, Math.max(0, share)) * 100) / 100);
}

export function formatSpeed(bytesPerSecond: number): string {
  return m.per_second({ size: formatBytes(bytesPerSecond) });
}

export function formatDay(ms: number): string {
  return day.format(ms);
}

export function formatMoment(ms: number): string {
  return moment.format(ms);
}

/** Time left, coarse on purpose: a number that changes every second is noise. */
export function formatTimeLeft(seconds: number): string {
  if (seconds < 5) return m.left_moments();
  if (seconds < 60) return m.left_seconds({ count: Math.ceil(seconds / 5) * 5 });
  if (seconds < 3600) return m.left_minutes({ count: Math.ceil(seconds / 60) });
  return m.left_hours({ count: Math.ceil(seconds / 3600) });
}

/** A position in a film: `4:07`, `1:02:33`. */
export function formatClock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  if (parts[0] === 0) parts.shift();
  return parts
    .map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0')))
    .join(':');
}

/** A factor as whole percent: 1.5 → `150 %`. */
export function formatPercent(factor: number): string {
  return wholePercent.format(factor);
}
