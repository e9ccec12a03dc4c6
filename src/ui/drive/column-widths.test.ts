import { describe, expect, it } from 'vitest';
import { limitsOf, moveEdge, readWidths, resetEdge, writeWidths } from './column-widths.ts';

const USUAL = { name: 480, size: 96, modified: 148, kind: 108 };

describe('the edges between columns', () => {
  it('give a column what its neighbour loses', () => {
    expect(moveEdge(USUAL, 'size', 30, USUAL)).toEqual({ ...USUAL, size: 126, modified: 118 });
  });

  it('give the name more or less, the others staying as wide as they are', () => {
    expect(moveEdge(USUAL, 'name', 20, USUAL)).toEqual({ ...USUAL, name: 500 });
    expect(moveEdge(USUAL, 'name', -20, { ...USUAL, name: 300 })).toEqual({ ...USUAL, name: 280 });
  });

  it('stop where a column would become too narrow to read', () => {
    const wide = { ...USUAL, modified: 184, kind: 72 };
    expect(moveEdge(USUAL, 'modified', Infinity, USUAL)).toEqual(wide);
    expect(moveEdge(wide, 'modified', -Infinity, wide)).toEqual({
      ...USUAL,
      modified: 96,
      kind: 160,
    });
    expect(moveEdge(USUAL, 'name', -Infinity, USUAL).name).toBe(160);
    expect(moveEdge(USUAL, 'name', Infinity, USUAL).name).toBe(960);
  });

  it('say how far they can go', () => {
    expect(limitsOf('size', USUAL)).toEqual({ least: 72, most: 96 + 148 - 96 });
    expect(limitsOf('name', USUAL)).toEqual({ least: 160, most: 960 });
  });

  it('go back to where they usually are, the others staying', () => {
    const moved = { name: 300, size: 138, modified: 110, kind: 80 };
    expect(resetEdge(moved, 'size')).toEqual({ ...USUAL, name: 300, kind: 80 });
    expect(resetEdge(moved, 'name')).toEqual({ ...moved, name: 480 });
  });
});

describe('kept widths', () => {
  it('are read as they were written', () => {
    const widths = { name: 300, size: 138, modified: 110, kind: 90 };
    expect(readWidths(writeWidths(widths))).toEqual(widths);
  });

  it.each([undefined, '', '1 2', 'a b c', '-1 -2 -3 -4', '1 2 3', 'NaN 1 1 1'])(
    'are the usual ones when what was kept is none: %j',
    (text) => {
      expect(readWidths(text)).toEqual(USUAL);
    },
  );

  it('have bounds', () => {
    expect(readWidths('9999 9999 1 108')).toEqual({
      name: 960,
      size: 480,
      modified: 96,
      kind: 108,
    });
  });
});
