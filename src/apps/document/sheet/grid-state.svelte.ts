/** Which part of a sheet is in sight. Only that part exists as elements. */
import { ROWS_MAX, COLUMNS_MAX, type Sheet } from './workbook.ts';

export const ROW_PX = 28;
const COLUMN_PX = 96;
const MARGIN = 4;
/** Browsers draw nothing beyond some millions of pixels. */
const HEIGHT_MAX_PX = 15_000_000;

export class GridState {
  sheet = $state.raw<Sheet>();
  top = $state(0);
  left = $state(0);
  width = $state(0);
  height = $state(0);

  /** A few more than are used: an edge says that the sheet ends. */
  readonly rowCount = $derived(
    Math.min(
      ROWS_MAX,
      Math.floor(HEIGHT_MAX_PX / ROW_PX),
      Math.max(30, (this.sheet?.rowCount ?? 0) + 5),
    ),
  );
  readonly columnCount = $derived(
    Math.min(COLUMNS_MAX, Math.max(12, (this.sheet?.columnCount ?? 0) + 2)),
  );
  /** Whether there are rows that cannot be reached. */
  readonly isCut = $derived((this.sheet?.rowCount ?? 0) > this.rowCount);
  /** Where each column begins, and where the last one ends. */
  readonly starts = $derived.by(() => {
    const starts = [0];
    for (let column = 0; column < this.columnCount; column++) {
      starts.push((starts[column] ?? 0) + (this.sheet?.widths.get(column) ?? COLUMN_PX));
    }
    return starts;
  });
  readonly fullWidth = $derived(this.starts[this.columnCount] ?? 0);
  readonly fullHeight = $derived(this.rowCount * ROW_PX);

  readonly rows = $derived.by(() => {
    const first = Math.max(0, Math.floor(this.top / ROW_PX) - MARGIN);
    const last = Math.min(this.rowCount, Math.ceil((this.top + this.height) / ROW_PX) + MARGIN);
    return range(first, last);
  });
  readonly columns = $derived.by(() => {
    const first = Math.max(0, this.starts.findIndex((start) => start > this.left) - 2);
    const end = this.starts.findIndex((start) => start > this.left + this.width);
    return range(first, Math.min(this.columnCount, end < 0 ? this.columnCount : end + 1));
  });

  startOf(column: number): number {
    return this.starts[column] ?? 0;
  }

  widthOf(column: number): number {
    return this.startOf(column + 1) - this.startOf(column);
  }
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first) }, (_, i) => first + i);
}
