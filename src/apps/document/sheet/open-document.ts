/** Tables of OpenDocument spreadsheets (OpenDocument 1.3 part 3 §9): cells as they were last shown. */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument } from '../archive/errors.ts';
import { attributeOf, childOf, childrenOf, countOf, parseXml } from '../archive/xml.ts';
import {
  COLUMNS_MAX,
  ROWS_MAX,
  SheetCells,
  type Cell,
  type Sheet,
  type Workbook,
} from './workbook.ts';

/** A cell with something in it is repeated so often at most; empty ones are only counted. */
const REPEAT_MAX = 1_000;
const DEPTH_MAX = 8;

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readOpenDocumentWorkbook(archive: DocumentArchive): Promise<Workbook> {
  const content = parseXml(await archive.text('content.xml'));
  const tables = childrenOf(childOf(content, 'body', 'spreadsheet'), 'table');
  if (tables.length === 0) throw new DamagedDocument('The workbook has no sheets.');
  return {
    names: tables.map((table) => attributeOf(table, 'name') ?? ''),
    async sheet(at) {
      const table = tables[at];
      if (table === undefined) throw new DamagedDocument('The workbook lacks a sheet.');
      return readTable(table);
    },
  };
}

function readTable(table: Element): Sheet {
  const cells = new SheetCells();
  let row = 0;
  for (const element of rowsOf(table, 0)) {
    const repeated = countOf(element, 'number-rows-repeated', 1, ROWS_MAX);
    if (row >= ROWS_MAX) break;
    const found = cellsOf(element);
    const times = found.length === 0 ? 0 : Math.min(repeated, REPEAT_MAX);
    for (let i = 0; i < times; i++) {
      for (const [column, cell] of found) cells.set(row + i, column, cell);
    }
    row += repeated;
  }
  const { rows, rowCount, columnCount } = cells;
  return { name: attributeOf(table, 'name') ?? '', rows, rowCount, columnCount, widths: new Map() };
}

/** Rows stand in groups and headers, too. */
function rowsOf(parent: Element, depth: number): Element[] {
  if (depth > DEPTH_MAX) return [];
  return childrenOf(parent).flatMap((child) => {
    if (child.localName === 'table-row') return [child];
    return /^table-(?:row-group|header-rows|rows)$/u.test(child.localName)
      ? rowsOf(child, depth + 1)
      : [];
  });
}

function cellsOf(row: Element): (readonly [number, Cell])[] {
  const cells: (readonly [number, Cell])[] = [];
  let column = 0;
  for (const element of childrenOf(row)) {
    if (!/^(?:covered-)?table-cell$/u.test(element.localName) || column >= COLUMNS_MAX) continue;
    const repeated = countOf(element, 'number-columns-repeated', 1, COLUMNS_MAX);
    const text = childrenOf(element, 'p')
      .map(({ textContent }) => textContent)
      .join('\n');
    const isNumber = /^(?:float|currency|percentage|date|time)$/u.test(
      attributeOf(element, 'value-type') ?? '',
    );
    const times = text === '' ? 0 : Math.min(repeated, REPEAT_MAX);
    for (let i = 0; i < times; i++) cells.push([column + i, { text, isNumber, isBold: false }]);
    column += repeated;
  }
  return cells;
}
