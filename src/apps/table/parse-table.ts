/** Rows and cells of a text of separated values (RFC 4180, and what programs write instead). */
export const DELIMITERS = [',', ';', '\t', '|'] as const;
export type Delimiter = (typeof DELIMITERS)[number];

const SAMPLE_UNITS = 64 * 1024;
const SAMPLE_ROWS = 50;

/** The delimiter that gives the same number of cells, more than one, in most rows of a sample. */
export function delimiterOf(text: string): Delimiter {
  const sample = text.slice(0, SAMPLE_UNITS);
  let best: Delimiter = ',';
  let most = 0;
  for (const delimiter of DELIMITERS) {
    const counts = parseTable(sample, delimiter, SAMPLE_ROWS).map(({ length }) => length);
    const usual = counts[Math.floor(counts.length / 2)] ?? 1;
    const alike = counts.filter((count) => count === usual).length;
    const score = usual < 2 ? 0 : (alike / counts.length) * 100 + Math.min(usual, 50) / 100;
    if (score > most) [best, most] = [delimiter, score];
  }
  return best;
}

/** @param mostRows the rest is left out */
export function parseTable(text: string, delimiter: string, mostRows = Infinity): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length && rows.length < mostRows) {
    const [cell, end] =
      text[at] === '"' ? quotedCell(text, at, delimiter) : plainCell(text, at, delimiter);
    row.push(cell);
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      if (at < text.length) continue;
      row.push('');
    }
    if (text[at] === '\r') at += 1;
    if (text[at] === '\n') at += 1;
    rows.push(row);
    row = [];
  }
  return rows;
}

type Cell = [text: string, end: number];

function plainCell(text: string, start: number, delimiter: string): Cell {
  let at = start;
  for (; at < text.length; at++) {
    const unit = text[at];
    if (unit === delimiter || unit === '\n' || unit === '\r') break;
  }
  return [text.slice(start, at), at];
}

/** What follows the second quote belongs to the cell as well: damaged, but not lost. */
function quotedCell(text: string, start: number, delimiter: string): Cell {
  let cell = '';
  let at = start + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return [cell + text.slice(at), text.length];
    cell += text.slice(at, quote);
    at = quote + 1;
    if (text[at] !== '"') break;
    cell += '"';
    at += 1;
  }
  const [rest, end] = plainCell(text, at, delimiter);
  return [cell + rest, end];
}

/** A first row of words above numbers, or of words alone, names the columns. */
export function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const [first, second] = rows;
  if (first === undefined || second === undefined) return false;
  return (
    first.every((cell) => cell.trim() !== '' && !isNumber(cell)) &&
    new Set(first).size === first.length
  );
}

export function isNumber(cell: string): boolean {
  return /^[-+]?(?:\d[\d'’  ]*)?[.,]?\d+(?:[eE][-+]?\d+)?\s*%?$/u.test(cell.trim());
}
