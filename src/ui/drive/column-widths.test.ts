import { describe, expect, it } from 'vitest';
import { limitsOf, moveEdge, readWidths, resetEdge, writeWidths } from './column-widths.ts';

const USUAL = { size: 108, modified: 140, kind: 108 };
const SHOWN = { name: 500, ...USUAL };

describe('the edges between columns', () => {
  it('give a column what its neighbour loses', () => {
    expect(moveEdge(USUAL, 'size', 30, SHOWN)).toEqual({ size: 138, modified: 110, kind: 108 });
  });

  it('give the name what the size loses', () => {
    expect(moveEdge(USUAL, 'name', 20, SHOWN)).toEqual({ size: 88, modified: 140, kind: 108 });
  });

  it('stop where a column would become too narrow to read', () => {
    const wide = { size: 108, modified: 176, kind: 72 };
    expect(moveEdge(USUAL, 'modified', Infinity, SHOWN)).toEqual(wide);
    const narrow = { size: 108, modified: 96, kind: 152 };
    expect(moveEdge(wide, 'modified', -Infinity, { name: 500, ...wide })).toEqual(narrow);
    expect(moveEdge(USUAL, 'name', -Infinity, { ...SHOWN, name: 200 }).size).toBe(148);
  });

  it('say how far they can go', () => {
    expect(limitsOf('size', SHOWN)).toEqual({ least: 72, most: 108 + 140 - 96 });
  });

  it('go back to where they usually are, the others staying', () => {
    const moved = { size: 138, modified: 110, kind: 80 };
    expect(resetEdge(moved, 'size')).toEqual({ ...USUAL, kind: 80 });
    expect(resetEdge(moved, 'name')).toEqual({ ...moved, size: 108 });
  });
});

describe('kept widths', () => {
  it('are read as they were written', () => {
    const widths = { size: 138, modified: 110, kind: 90 };
    expect(readWidths(writeWidths(widths))).toEqual(widths);
  });

  it.each([undefined, '', '1 2', 'a b c', '-1 -2 -3', '1 2 3 4', 'NaN 1 1'])(
    'are the usual ones when what was kept is none: %j',
    (text) => {
      expect(readWidths(text)).toEqual(USUAL);
    },
  );

  it('have bounds', () => {
    expect(readWidths('9999 1 108')).toEqual({ size: 480, modified: 96, kind: 108 });
  });
});
