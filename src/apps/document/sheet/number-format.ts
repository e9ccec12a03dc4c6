/**
 * Numbers as a workbook wants them written (ECMA-376 part 1 §18.8.30, §18.8.31): decimals, thousands,
 * per cent, currencies, scientific, dates and times. What a format has besides is left out.
 */

/** Formats that have a number instead of a text. */
const BUILT_IN: Readonly<Record<number, string>> = {
  1: '0',
  2: '0.00',
  3: '#,##0',
  4: '#,##0.00',
  9: '0%',
  10: '0.00%',
  11: '0.00E+00',
  14: 'yyyy-mm-dd',
  15: 'd-mmm-yy',
  16: 'd-mmm',
  17: 'mmm-yy',
  18: 'h:mm AM/PM',
  19: 'h:mm:ss AM/PM',
  20: 'h:mm',
  21: 'h:mm:ss',
  22: 'yyyy-mm-dd h:mm',
  37: '#,##0',
  38: '#,##0',
  39: '#,##0.00',
  40: '#,##0.00',
  45: 'mm:ss',
  46: '[h]:mm:ss',
  47: 'mm:ss.0',
};
const FORMAT_MAX = 255;
const DAY_MS = 86_400_000;
/** 30 December 1899, so that 1 March 1900 is day 61 as in Excel; the days before are off by one. */
const EPOCH_MS = Date.UTC(1899, 11, 30);
const EPOCH_1904_DAYS = 1_462;

export function builtInFormat(id: number): string {
  return Object.hasOwn(BUILT_IN, id) ? (BUILT_IN[id] ?? 'General') : 'General';
}

/** @param is1904 whether days count from 1904, as in workbooks of older Macs */
export function formatNumber(value: number, format: string, is1904 = false): string {
  const section = sectionFor(value, format.slice(0, FORMAT_MAX));
  const bare = section.replaceAll(/"[^"]*"|\\.|_.|\*./gu, '');
  if (/general/iu.test(bare) || !/[0#?a-z]/iu.test(bare)) return plain(value);
  const isDate = /[dmyhs]/iu.test(bare.replaceAll(/\[[^\]]*\]/gu, ''));
  if (isDate) return formatDate(value + (is1904 ? EPOCH_1904_DAYS : 0), section);
  return formatDecimal(value, section, bare);
}

/** Positive; negative; zero. */
function sectionFor(value: number, format: string): string {
  const [positive = '', negative, zero] = format.split(';');
  if (value < 0 && negative !== undefined) return `-${negative.replaceAll(/[-()]/gu, '')}`;
  return value === 0 && zero !== undefined && zero !== '' ? zero : positive;
}

function plain(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size >= 1e15 || size < 1e-9)) return value.toExponential(5);
  return String(Number(value.toPrecision(12)));
}

function formatDecimal(value: number, section: string, bare: string): string {
  const scale = bare.includes('%') ? 100 : 1;
  const decimals = Math.min(15, /\.([0#?]*)/u.exec(bare)?.[1]?.length ?? 0);
  const size = Math.abs(value * scale);
  const number = /E[+-]/iu.test(bare)
    ? size.toExponential(decimals).replace('e', 'E')
    : new Intl.NumberFormat('en', {
        minimumFractionDigits: Math.min(15, /\.(0*)/u.exec(bare)?.[1]?.length ?? 0),
        maximumFractionDigits: decimals,
        useGrouping: /[0#],[0#]/u.test(bare),
      }).format(size);
  const [before, after] = surroundings(section);
  return `${value < 0 ? '-' : ''}${before}${number}${after}`;
}

/** Currencies, per cent and words before and after the digits. */
function surroundings(section: string): readonly [string, string] {
  const words = section
    .replace(/^-/u, '')
    .replaceAll(/\[\$([^\]-]*)[^\]]*\]/gu, '$1')
    .replaceAll(/\[[^\]]*\]|_.|\*./gu, '')
    .replaceAll(/"([^"]*)"|\\(.)/gu, '$1$2');
  const digits = /[0#?][0#?,.]*(?:E[+-]?[0#?]+)?/iu.exec(words);
  if (digits === null) return ['', ''];
  return [words.slice(0, digits.index), words.slice(digits.index + digits[0].length)];
}

const MONTHS =
  'January February March April May June July August September October November December';
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday';

function formatDate(days: number, section: string): string {
  const date = new Date(EPOCH_MS + Math.round(days * DAY_MS));
  if (Number.isNaN(date.getTime())) return plain(days);
  const isHalfDay = /AM\/PM|A\/P/iu.test(section);
  let isAfterHours = false;
  const tokens = /"[^"]*"|\\.|\[h+\]|\[[^\]]*\]|AM\/PM|A\/P|y+|m+|d+|h+|s+(?:\.0+)?|_.|\*.|./giu;
  return section.replaceAll(tokens, (token, at: number) => {
    const kind = token[0]?.toLowerCase() ?? '';
    if (/^\[h+\]$/iu.test(token)) {
      isAfterHours = true;
      return String(Math.floor(Math.abs(days) * 24));
    }
    if (kind === '[' || kind === '_' || kind === '*') return '';
    if (kind === '"') return token.slice(1, -1);
    if (kind === '\\') return token.slice(1);
    if (/^A/iu.test(token)) return date.getUTCHours() < 12 ? 'AM' : 'PM';
    if (kind === 'h') isAfterHours = true;
    const isMinute =
      kind === 'm' &&
      token.length < 3 &&
      (isAfterHours || /^[^a-z]*s/iu.test(section.slice(at + token.length)));
    if (isMinute) {
      isAfterHours = false;
      return padded(date.getUTCMinutes(), token.length);
    }
    return datePart(date, kind, token, isHalfDay);
  });
}

function datePart(date: Date, kind: string, token: string, isHalfDay: boolean): string {
  const { length } = token;
  const named = (names: string, at: number): string => {
    const name = names.split(' ')[at] ?? '';
    return length === 3 ? name.slice(0, 3) : name;
  };
  switch (kind) {
    case 'y':
      return length < 3 ? padded(date.getUTCFullYear() % 100, 2) : String(date.getUTCFullYear());
    case 'm':
      return length < 3
        ? padded(date.getUTCMonth() + 1, length)
        : named(MONTHS, date.getUTCMonth());
    case 'd':
      return length < 3 ? padded(date.getUTCDate(), length) : named(DAYS, date.getUTCDay());
    case 'h': {
      const hours = date.getUTCHours();
      return padded(isHalfDay ? ((hours + 11) % 12) + 1 : hours, length);
    }
    case 's':
      return padded(date.getUTCSeconds(), Math.min(2, token.split('.')[0]?.length ?? 1));
    default:
      return token;
  }
}

function padded(value: number, length: number): string {
  return String(value).padStart(length, '0');
}
