/** Numbers and names as a terminal shows them. Names come from elsewhere: hostile. */

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1234567` → `1.2 MB`; decimal units, as other clients of the protocol show them. */
export function showBytes(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${UNITS[unit] ?? ''}`;
}

// eslint-disable-next-line no-control-regex -- these are what is to be shown as harmless text
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/gu;

/** A name without anything that moves the cursor, rings the bell or reverses the reading. */
export function showName(name: string): string {
  return name.replace(UNSAFE, escaped);
}

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Signs that terminals draw two columns wide. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}|.*\ufe0f)/u;

/** The beginning of a text that fits into this many terminal columns, cut between characters. */
export function fitColumns(text: string, columns: number): string {
  let left = columns;
  let fitting = '';
  for (const { segment } of graphemes.segment(text)) {
    left -= WIDE.test(segment) ? 2 : 1;
    if (left < 0) break;
    fitting += segment;
  }
  return fitting;
}

/** One line of JSON that is harmless on a terminal, too, and means the same. */
export function jsonLine(value: unknown): string {
  // None of these stands outside a string in what `stringify` makes.
  return `${JSON.stringify(value).replace(UNSAFE, escaped)}\n`;
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** `2026-11-23 14:05` in local time. */
export function showTime(ms: number): string {
  const date = new Date(ms);
  if (Number.isNaN(date.getTime())) return '                ';
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
