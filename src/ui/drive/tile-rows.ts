/** Entries as rows of tiles, under headings where they are in groups. */
import type { Entry } from '#lib/client/index.ts';

export type TileRow =
  | { readonly heading: string }
  | {
      readonly entries: readonly Entry[];
      /** Place of the first of them in the order on screen. */
      readonly start: number;
      /** What they are under; the top has none. */
      readonly under: string | undefined;
    };

const TILE_PX = 200;
const NARROW_TILE_PX = 150;

/** How many tiles stand side by side in an area of this width. */
export function tilesPerRow(widthPx: number): number {
  return Math.max(2, Math.floor(widthPx / (widthPx < 600 ? NARROW_TILE_PX : TILE_PX)));
}

/** The entries in rows; where `groupOf` changes, a heading and a new row begin. */
export function toTileRows(
  entries: readonly Entry[],
  perRow: number,
  groupOf: (entry: Entry) => string | undefined = () => undefined,
): TileRow[] {
  const rows: TileRow[] = [];
  let group: string | undefined;
  for (let start = 0; start < entries.length;) {
    const under = groupOf(entries[start]!);
    if (under !== undefined && under !== group) rows.push({ heading: under });
    group = under;
    let end = start + 1;
    while (end < entries.length && end < start + perRow && groupOf(entries[end]!) === under) end++;
    rows.push({ entries: entries.slice(start, end), start, under });
    start = end;
  }
  return rows;
}

/** Which of the rows holds an entry, by its place in the order. */
export function rowOf(rows: readonly TileRow[], at: number): number {
  let low = 0;
  let high = rows.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (startFrom(rows, middle) <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The place of the entry so many rows below (or above) another, in its column as far as it goes. */
export function stepRows(rows: readonly TileRow[], at: number, by: number): number {
  const tiles = rows.filter((row) => 'entries' in row);
  const now = tiles.findIndex(({ start, entries }) => at < start + entries.length);
  const row = tiles[now];
  if (row === undefined) return at;
  const next = tiles[Math.min(tiles.length - 1, Math.max(0, now + by))]!;
  if (next === row) return by < 0 ? row.start : row.start + row.entries.length - 1;
  return next.start + Math.min(at - row.start, next.entries.length - 1);
}

/** A heading stands before the tiles after it. */
function startFrom(rows: readonly TileRow[], at: number): number {
  const row = rows[at];
  if (row === undefined) return Infinity;
  return 'entries' in row ? row.start : startFrom(rows, at + 1);
}
