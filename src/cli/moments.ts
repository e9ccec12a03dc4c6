/** Moments in the future as they are typed. */
import { Misused } from './errors.ts';

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Without a zone a time is local, and a day is meant to its end. */
const DAY = /^\d{4}-\d\d-\d\d$/u;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)?$/u;
const AFTER = /^([1-9]\d{0,5})([mhd])$/u;

/** `2027-01-31`, `2027-01-31T18:00`, `30d`, `12h`, `45m`: milliseconds since 1970. Throws `Misused`. */
export function momentOf(text: string, nowMs = Date.now()): number {
  const ms = DAY.test(text) ? endOf(text) : TIME.test(text) ? Date.parse(text) : after(text, nowMs);
  if (Number.isNaN(ms)) {
    throw new Misused('A moment is written 2027-01-31, 2027-01-31T18:00, 30d, 12h or 45m.');
  }
  if (ms <= nowMs) throw new Misused(`${text} is over already.`);
  return ms;
}

/** Days that no month has are none. */
function endOf(day: string): number {
  return Number.isNaN(Date.parse(day)) ? NaN : Date.parse(`${day}T23:59:59`);
}

function after(text: string, nowMs: number): number {
  const [, amount = '', unit = ''] = AFTER.exec(text) ?? [];
  return nowMs + Number(amount) * (UNIT_MS.get(unit) ?? NaN);
}
