/**
 * How wide the columns of the list are. The name takes what the others leave; an edge between two
 * columns moves both. Kept as numbers, in the order of the columns.
 */

/** Those with a width of their own, in their order on screen. */
export const SIZED = ['size', 'modified', 'kind'] as const;
export type Sized = (typeof SIZED)[number];
export type Edge = 'name' | 'size' | 'modified';
/** In pixels. */
export type ColumnWidths = Readonly<Record<Sized, number>>;
/** As they are on screen, the name with them. */
export type ShownWidths = ColumnWidths & { readonly name: number };

const USUAL: ColumnWidths = { size: 108, modified: 140, kind: 108 };
const LEAST: ShownWidths = { name: 160, size: 72, modified: 96, kind: 72 };
const MOST = 480;

/** Moves the edge after a column by some pixels, seen from how wide the columns were. */
export function moveEdge(
  widths: ColumnWidths,
  edge: Edge,
  byPx: number,
  from: ShownWidths,
): ColumnWidths {
  const after = columnAfter(edge);
  const by = Math.min(room(from, after), Math.max(-room(from, edge), byPx));
  const next = { ...widths, [after]: clamp(after, from[after] - by) };
  return edge === 'name' ? next : { ...next, [edge]: clamp(edge, from[edge] + by) };
}

/** The columns beside an edge as wide as they usually are. */
export function resetEdge(widths: ColumnWidths, edge: Edge): ColumnWidths {
  const after = columnAfter(edge);
  const next = { ...widths, [after]: USUAL[after] };
  return edge === 'name' ? next : { ...next, [edge]: USUAL[edge] };
}

/** The least and the most the column before an edge can be, its neighbour giving and taking. */
export function limitsOf(edge: Edge, widths: ShownWidths): { least: number; most: number } {
  return { least: LEAST[edge], most: widths[edge] + room(widths, columnAfter(edge)) };
}

export function writeWidths(widths: ColumnWidths): string {
  return SIZED.map((column) => widths[column]).join(' ');
}

/** What a device kept may be of another build, or not ours: then the columns are as usual. */
export function readWidths(kept: string | undefined): ColumnWidths {
  const numbers = (kept ?? '').split(' ').map(Number);
  if (numbers.length !== SIZED.length || !numbers.every((width) => width > 0)) return USUAL;
  const [size, modified, kind] = numbers as [number, number, number];
  return {
    size: clamp('size', size),
    modified: clamp('modified', modified),
    kind: clamp('kind', kind),
  };
}

function columnAfter(edge: Edge): Sized {
  return edge === 'name' ? 'size' : edge === 'size' ? 'modified' : 'kind';
}

/** How much a column can give. */
function room(widths: ShownWidths, column: keyof ShownWidths): number {
  return Math.max(0, widths[column] - LEAST[column]);
}

function clamp(column: Sized, width: number): number {
  return Math.min(MOST, Math.max(LEAST[column], Math.round(width)));
}
