import { describe, expect, it } from 'vitest';
import { compareNames, mergeSorted } from './natural-order.ts';

describe('compareNames', () => {
  it('counts numbers inside names', () => {
    const names = ['Report 10', 'report 9', 'Report 1', 'Apple'];
    expect(names.sort(compareNames)).toEqual(['Apple', 'Report 1', 'report 9', 'Report 10']);
  });

  it('gives names that look alike one fixed order', () => {
    expect(compareNames('A', 'a')).toBe(-1);
    expect(compareNames('a', 'A')).toBe(1);
  });
});

describe('mergeSorted', () => {
  it('equals sorting everything', () => {
    const compare = (a: number, b: number) => a - b;
    expect(mergeSorted([1, 4, 9], [2, 4, 10], compare)).toEqual([1, 2, 4, 4, 9, 10]);
    expect(mergeSorted([], [3], compare)).toEqual([3]);
  });
});
