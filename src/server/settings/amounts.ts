/** Sizes and times as an operator writes them: `10GiB`, `500MB`, `12h`. */
import { BadSetting } from './settings.ts';

const SIZES = new Map([
  ['', 1],
  ['b', 1],
  ['kb', 1e3],
  ['mb', 1e6],
  ['gb', 1e9],
  ['tb', 1e12],
  ['kib', 2 ** 10],
  ['mib', 2 ** 20],
  ['gib', 2 ** 30],
  ['tib', 2 ** 40],
]);

const TIMES = new Map([
  ['ms', 1],
  ['s', 1000],
  ['', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

/** Bytes of `10GiB` or `500 MB`. Throws {@link BadSetting}. */
export function parseBytes(text: string): number {
  return parseAmount(text, SIZES, 'a size such as 10GiB or 500MB');
}

/** Milliseconds of `12h`; a bare number counts seconds. Throws {@link BadSetting}. */
export function parseDuration(text: string): number {
  return parseAmount(text, TIMES, 'a time such as 30s, 15m or 12h');
}

/** Bytes in the unit a person would use. */
export function showBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  let value = bytes;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${String(Math.round(value * 10) / 10)} ${units[unit] ?? ''}`;
}

function parseAmount(text: string, units: ReadonlyMap<string, number>, what: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/iu.exec(text.trim());
  const unit = units.get((match?.[2] ?? '?').toLowerCase());
  const amount = unit === undefined ? NaN : Math.round(Number(match?.[1]) * unit);
  if (!Number.isSafeInteger(amount)) throw new BadSetting(`"${text}" is not ${what}.`);
  return amount;
}
