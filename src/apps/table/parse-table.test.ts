import { describe, expect, it } from 'vitest';
import { delimiterOf, hasHeader, isNumber, parseTable } from './parse-table.ts';

describe('separated values', () => {
  it.each([
    [
      'a,b\n1,2\n',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    [
      'a,b\r\n1,2',
      [
        ['a', 'b'],
        ['1', '2'],
      ],
    ],
    ['"a ""b""","c\nd",\n', [['a "b"', 'c\nd', '']]],
    [
      'a,,\n,\n',
      [
        ['a', '', ''],
        ['', ''],
      ],
    ],
    ['a\n\nb\n', [['a'], [''], ['b']]],
    ['"open', [['open']]],
    ['"a"b,c\n', [['ab', 'c']]],
    ['a"b,c', [['a"b', 'c']]],
    ['a,', [['a', '']]],
    ['', []],
  ])('of %j are cells', (text, rows) => {
    expect(parseTable(text, ',')).toEqual(rows);
  });

  it.each([
    ['name;price\na;1,5\nb;2,5\n', ';'],
    ['name,price\n"a;b",1\n', ','],
    ['a\tb\n1,2\t3\n', '\t'],
    ['a|b|c\n1|2|3\n', '|'],
    ['one column\nof words\n', ','],
    ['', ','],
  ])('of %j are separated by %j', (text, delimiter) => {
    expect(delimiterOf(text)).toBe(delimiter);
  });

  it('have a header when the first row is of different words', () => {
    expect(
      hasHeader([
        ['name', 'price'],
        ['a', '1'],
      ]),
    ).toBe(true);
    expect(
      hasHeader([
        ['a', '2'],
        ['b', '1'],
      ]),
    ).toBe(false);
    expect(
      hasHeader([
        ['a', 'a'],
        ['b', '1'],
      ]),
    ).toBe(false);
    expect(hasHeader([['name', 'price']])).toBe(false);
  });

  it('know numbers as people write them', () => {
    for (const cell of ['1', '-1.5', '1,5', '1 000,5', "1'000", '.5', '12 %', '1e9']) {
      expect(isNumber(cell), cell).toBe(true);
    }
    for (const cell of ['', 'a', '1a', '1.2.3', '2026-12-01', '-']) {
      expect(isNumber(cell), cell).toBe(false);
    }
  });
});
