/** Workbooks of Excel (ECMA-376 part 1 §18): values as they are stored, written as their formats say. */
import type { DocumentArchive } from '../archive/document-archive.ts';
import { DamagedDocument } from '../archive/errors.ts';
import { relationsOf } from '../archive/relations.ts';
import { allBelow, attributeOf, childOf, childrenOf, countOf, parseXml } from '../archive/xml.ts';
import { builtInFormat, formatNumber } from './number-format.ts';
import {
  cellPlace,
  COLUMNS_MAX,
  SheetCells,
  type Cell,
  type Sheet,
  type Workbook,
} from './workbook.ts';

const SHEETS_MAX = 500;
/** Of a character, and beside it. */
const CHARACTER_PX = 7;
const WIDTH_MAX_PX = 600;
const WIDTHS_MAX = 2_000;

interface Style {
  readonly format: string;
  readonly isBold: boolean;
}

interface Shared {
  readonly strings: readonly string[];
  readonly styles: readonly Style[];
  readonly is1904: boolean;
}

/** Throws DamagedDocument, DocumentTooLarge. */
export async function readOpenXmlWorkbook(
  archive: DocumentArchive,
  path: string,
): Promise<Workbook> {
  const root = parseXml(await archive.text(path));
  const relations = await relationsOf(archive, path);
  const partOf = async (type: string): Promise<Element | undefined> => {
    const found = [...relations.values()].find((each) => each.type === type);
    if (found === undefined || !archive.has(found.target)) return undefined;
    return parseXml(await archive.text(found.target));
  };
  const isOn = attributeOf(childOf(root, 'workbookPr'), 'date1904') ?? '0';
  const shared: Shared = {
    strings: childrenOf(await partOf('sharedStrings'), 'si').map(richText),
    styles: stylesOf(await partOf('styles')),
    is1904: isOn === '1' || isOn === 'true',
  };
  const sheets = childrenOf(childOf(root, 'sheets'), 'sheet')
    .slice(0, SHEETS_MAX)
    .flatMap((sheet) => {
      const id = [...sheet.attributes].find(({ name }) => name.endsWith(':id'))?.value ?? '';
      const target = relations.get(id);
      const isShown =
        attributeOf(sheet, 'state') === undefined || attributeOf(sheet, 'state') === 'visible';
      if (target?.type !== 'worksheet' || !isShown || !archive.has(target.target)) return [];
      return [{ name: attributeOf(sheet, 'name') ?? '', path: target.target }];
    });
  if (sheets.length === 0) throw new DamagedDocument('The workbook has no sheets.');
  return {
    names: sheets.map(({ name }) => name),
    async sheet(at) {
      const found = sheets[at];
      if (found === undefined) throw new DamagedDocument('The workbook lacks a sheet.');
      return readSheet(found.name, parseXml(await archive.text(found.path)), shared);
    },
  };
}

/** Texts of a string; how a syllable is read (`rPh`) is none of it. */
function richText(element: Element): string {
  const own = childrenOf(element, 't');
  const runs = childrenOf(element, 'r').flatMap((run) => childrenOf(run, 't'));
  return [...own, ...runs].map(({ textContent }) => textContent).join('');
}

function stylesOf(root: Element | undefined): Style[] {
  const formats = new Map(
    childrenOf(childOf(root, 'numFmts'), 'numFmt').map((each) => [
      attributeOf(each, 'numFmtId') ?? '',
      attributeOf(each, 'formatCode') ?? 'General',
    ]),
  );
  const isBold = childrenOf(childOf(root, 'fonts'), 'font').map((font) => {
    const bold = childOf(font, 'b');
    return bold !== undefined && !['0', 'false'].includes(attributeOf(bold, 'val') ?? '1');
  });
  return childrenOf(childOf(root, 'cellXfs'), 'xf').map((style) => {
    const id = attributeOf(style, 'numFmtId') ?? '0';
    return {
      format: formats.get(id) ?? builtInFormat(Number(id)),
      isBold: isBold[countOf(style, 'fontId', 0, isBold.length)] ?? false,
    };
  });
}

function readSheet(name: string, root: Element, shared: Shared): Sheet {
  const cells = new SheetCells();
  let row = -1;
  for (const element of childrenOf(childOf(root, 'sheetData'), 'row')) {
    row = countOf(element, 'r', row + 2, Number.MAX_SAFE_INTEGER) - 1;
    let column = -1;
    for (const each of childrenOf(element, 'c')) {
      const place = cellPlace(attributeOf(each, 'r') ?? '');
      column = place?.[1] ?? column + 1;
      if (column >= COLUMNS_MAX) continue;
      cells.set(place?.[0] ?? row, column, cellOf(each, shared));
    }
  }
  const { rows, rowCount, columnCount } = cells;
  return { name, rows, rowCount, columnCount, widths: widthsOf(root) };
}

function cellOf(element: Element, { strings, styles, is1904 }: Shared): Cell {
  const style = styles[countOf(element, 's', 0, styles.length)];
  const isBold = style?.isBold ?? false;
  const value = childOf(element, 'v')?.textContent ?? '';
  const text = (words: string): Cell => ({ text: words, isNumber: false, isBold });
  switch (attributeOf(element, 't') ?? 'n') {
    case 's':
      return text(strings[Number(value)] ?? '');
    case 'inlineStr': {
      const inline = childOf(element, 'is');
      return text(inline === undefined ? '' : richText(inline));
    }
    case 'b':
      return text(value === '1' ? 'TRUE' : 'FALSE');
    case 'n': {
      const number = Number(value);
      if (value === '' || !Number.isFinite(number)) return text(value);
      const format = style?.format ?? 'General';
      return { text: formatNumber(number, format, is1904), isNumber: true, isBold };
    }
    default:
      return text(value);
  }
}

function widthsOf(root: Element): ReadonlyMap<number, number> {
  const widths = new Map<number, number>();
  for (const element of allBelow(childOf(root, 'cols'), 'col')) {
    const width = Number(attributeOf(element, 'width'));
    const first = countOf(element, 'min', 1, COLUMNS_MAX);
    const last = Math.min(countOf(element, 'max', first, COLUMNS_MAX), first + WIDTHS_MAX);
    if (!(width > 0)) continue;
    const pixels = Math.min(WIDTH_MAX_PX, Math.round(width * CHARACTER_PX + 12));
    for (let column = first; column <= last; column++) widths.set(column - 1, pixels);
  }
  return widths;
}
