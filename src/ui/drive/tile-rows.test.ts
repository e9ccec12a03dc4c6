import { describe, expect, it } from 'vitest';
import type { Entry } from '#lib/client/index.ts';
import { rowOf, stepRows, toTileRows } from './tile-rows.ts';

/** Entries named by their group and number: `a1`. */
const entries = (...names: string[]): Entry[] =>
  names.map((name) => ({
    id: name,
    name,
    kind: 'file',
    mimeType: '',
    createdMs: undefined,
    hidden: false,
  }));
const byLetter = ({ name }: Entry) => (name.startsWith('-') ? undefined : name[0]);
const shown = (rows: ReturnType<typeof toTileRows>) =>
  rows.map((row) => ('heading' in row ? row.heading : row.entries.map(({ name }) => name)));

const MIXED = toTileRows(entries('-1', 'a1', 'a2', 'a3', 'b1', 'b2'), 2, byLetter);

describe('rows of tiles', () => {
  it('are of equal length without groups', () => {
    expect(shown(toTileRows(entries('x', 'y', 'z'), 2))).toEqual([['x', 'y'], ['z']]);
    expect(toTileRows([], 3)).toEqual([]);
  });

  it('begin anew under the heading of each group', () => {
    expect(shown(MIXED)).toEqual([['-1'], 'a', ['a1', 'a2'], ['a3'], 'b', ['b1', 'b2']]);
  });

  it('are found by the place of an entry', () => {
    expect([0, 1, 2, 3, 4, 5].map((at) => rowOf(MIXED, at))).toEqual([0, 2, 2, 3, 5, 5]);
  });

  it('are stepped through in the column one is in', () => {
    expect(stepRows(MIXED, 0, 1)).toBe(1);
    expect(stepRows(MIXED, 2, 1)).toBe(3); // a3 has nothing beside it
    expect(stepRows(MIXED, 3, 1)).toBe(4);
    expect(stepRows(MIXED, 5, -1)).toBe(3);
    expect(stepRows(MIXED, 4, 1)).toBe(5);
    expect(stepRows(MIXED, 2, -9)).toBe(0);
  });
});
