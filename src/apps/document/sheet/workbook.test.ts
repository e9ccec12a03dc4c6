import { describe, expect, it } from 'vitest';
import { CELLS_MAX, cellPlace, columnName, SheetCells } from './workbook.ts';

describe('places of cells', () => {
  it('names columns as spreadsheets do', () => {
    expect([0, 25, 26, 51, 52, 701, 702, 16_383].map(columnName)).toEqual([
      'A',
      'Z',
      'AA',
      'AZ',
      'BA',
      'ZZ',
      'AAA',
      'XFD',
    ]);
  });

  it('reads them back', () => {
    expect(cellPlace('A1')).toEqual([0, 0]);
    expect(cellPlace('$AB$12')).toEqual([11, 27]);
    expect(cellPlace('XFD1048576')).toEqual([1_048_575, 16_383]);
  });

  it.each(['', 'A0', 'A', '1', 'XFE1', 'A1048577', 'AAAA1', 'a1', 'A1B'])(
    'refuses “%s”',
    (name) => {
      expect(cellPlace(name)).toBeUndefined();
    },
  );
});

describe('SheetCells', () => {
  const cell = { text: 'x', isNumber: false, isBold: false };

  it('ends at the last cell with something in it', () => {
    const cells = new SheetCells();
    cells.set(4, 2, cell);
    cells.set(9, 9, { ...cell, text: '' });
    expect([cells.rowCount, cells.columnCount]).toEqual([5, 3]);
  });

  it('takes no more cells than it may', () => {
    const cells = new SheetCells();
    cells.cells = CELLS_MAX;
    cells.set(0, 0, cell);
    expect(cells.rows.size).toBe(0);
  });
});
