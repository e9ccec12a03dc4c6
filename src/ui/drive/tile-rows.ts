import type { Entry } from '#lib/client/index.ts';

const TILE_PX = 184;
const NARROW_TILE_PX = 150;

/** How many tiles stand side by side in an area of this width. */
export function tilesPerRow(widthPx: number): number {
  return Math.max(2, Math.floor(widthPx / (widthPx < 600 ? NARROW_TILE_PX : TILE_PX)));
}

/** The entries in rows of equal length. */
export function toTileRows(entries: readonly Entry[], perRow: number): Entry[][] {
  const rows: Entry[][] = [];
  for (let at = 0; at < entries.length; at += perRow) rows.push(entries.slice(at, at + perRow));
  return rows;
}
