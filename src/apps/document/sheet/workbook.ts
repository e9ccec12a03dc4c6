/** A workbook as it is shown: sheets of texts. */

/** Of a sheet, at most; what lies beyond is not shown, and the screen says so. */
export const ROWS_MAX = 1_048_576;
export const COLUMNS_MAX = 16_384;
/** Cells with something in them, of a workbook. */
export const CELLS_MAX = 2_000_000;

export interface Cell {
  readonly text: string;
  /** Numbers and dates stand at the end of their cell. */
  readonly isNumber: boolean;
  readonly isBold: boolean;
}

export interface Sheet {
  readonly name: string;
  /** By row, then by column; both count from 0, and lack what is empty. */
  readonly rows: ReadonlyMap<number, ReadonlyMap<number, Cell>>;
  readonly rowCount: number;
  readonly columnCount: number;
  /** In pixels, where they are not as wide as usual. */
  readonly widths: ReadonlyMap<number, number>;
}

/** Reads a sheet when it is first shown. Throws DamagedDocument, DocumentTooLarge. */
export interface Workbook {
  readonly names: readonly string[];
  sheet(at: number): Promise<Sheet>;
}

/** `A`, `Z`, `AA`: the name of a column that counts from 0. */
export function columnName(column: number): string {
  let name = '';
  for (let at = column + 1; at > 0; at = Math.floor((at - 1) / 26)) {
    name = String.fromCharCode(65 + ((at - 1) % 26)) + name;
  }
  return name;
}

/** Row and column of `B12`, from 0; undefined for what is no place of a sheet. */
export function cellPlace(name: string): readonly [row: number, column: number] | undefined {
  const [, letters = '', digits = ''] = /^\$?([A-Z]{1,3})\$?([1-9]\d{0,6})$/u.exec(name) ?? [];
  if (letters === '') return undefined;
  const column = [...letters].reduce((sum, each) => sum * 26 + each.charCodeAt(0) - 64, 0) - 1;
  const row = Number(digits) - 1;
  return row < ROWS_MAX && column < COLUMNS_MAX ? [row, column] : undefined;
}

/** Collects the cells of a sheet within the bounds. */
export class SheetCells {
  readonly rows = new Map<number, Map<number, Cell>>();
  rowCount = 0;
  columnCount = 0;
  cells = 0;

  set(row: number, column: number, cell: Cell): void {
    if (cell.text === '' || this.cells >= CELLS_MAX) return;
    this.cells++;
    let cells = this.rows.get(row);
    if (cells === undefined) this.rows.set(row, (cells = new Map()));
    cells.set(column, cell);
    this.rowCount = Math.max(this.rowCount, row + 1);
    this.columnCount = Math.max(this.columnCount, column + 1);
  }
}
