/**
 * How wide the columns of the list are. The name has its width as far as there is room, and gives
 * way first; an edge between two others moves both. Kept as numbers, in the order of the columns.
 */

/** In their order on screen. */
export const SIZED = ['name', 'size', 'modified', 'kind'] as const;
export type Sized = (typeof SIZED)[number];
export type Edge = 'name' | 'size' | 'modified';
/** In pixels. */
export type ColumnWidths = Readonly<Record<Sized, number>>;

/** The name: about 60 letters. */
const USUAL: ColumnWidths = { name: 480, size: 96, modified: 148, kind: 108 };
const LEAST: ColumnWidths = { name: 160, size: 72, modified: 96, kind: 72 };
const MOST: ColumnWidths = { name: 960, size: 480, modified: 480, kind: 480 };

/** Moves the edge after a column by some pixels, seen from how wide the columns were on screen. */
export function moveEdge(
  widths: ColumnWidths,
  edge: Edge,
  byPx: number,
  from: ColumnWidths,
): ColumnWidths {
  if (edge === 'name') return { ...widths, name: clamp('name', from.name + byPx) };
  const after = columnAfter(edge);
  const by = Math.min(room(from, after), Math.max(-room(from, edge), byPx));
  return {
    ...widths,
    [after]: clamp(after, from[after] - by),
    [edge]: clamp(edge, from[edge] + by),
  };
}

/** The columns an edge moves as wide as they usually are. */
export function resetEdge(widths: ColumnWidths, edge: Edge): ColumnWidths {
  if (edge === 'name') return { ...widths, name: USUAL.name };
  const after = columnAfter(edge);
  return { ...widths, [after]: USUAL[after], [edge]: USUAL[edge] };
}

/** The least and the most the column before an edge can be, its neighbour giving and taking. */
export function limitsOf(edge: Edge, widths: ColumnWidths): { least: number; most: number } {
  if (edge === 'name') return { least: LEAST.name, most: MOST.name };
  return { least: LEAST[edge], most: widths[edge] + room(widths, columnAfter(edge)) };
}

export function writeWidths(widths: ColumnWidths): string {
  return SIZED.map((column) => widths[column]).join(' ');
}

/** What a device kept may be of another build, or not ours: then the columns are as usual. */
export function readWidths(kept: string | undefined): ColumnWidths {
  const numbers = (kept ?? '').split(' ').map(Number);
  if (numbers.length !== SIZED.length || !numbers.every((width) => width > 0)) return USUAL;
  const [name, size, modified, kind] = numbers as [number, number, number, number];
  return {
    name: clamp('name', name),
    size: clamp('size', size),
    modified: clamp('modified', modified),
    kind: clamp('kind', kind),
  };
}

function columnAfter(edge: Exclude<Edge, 'name'>): Sized {
  return edge === 'size' ? 'modified' : 'kind';
}

/** How much a column can give. */
function room(widths: ColumnWidths, column: Sized): number {
  return Math.max(0, widths[column] - LEAST[column]);
}

function clamp(column: Sized, width: number): number {
  return Math.min(MOST[column], Math.max(LEAST[column], Math.round(width)));
}
