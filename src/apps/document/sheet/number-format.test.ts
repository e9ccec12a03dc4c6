import { describe, expect, it } from 'vitest';
import { builtInFormat, formatNumber } from './number-format.ts';

describe('formatNumber', () => {
  it.each([
    [1234.5, 'General', '1234.5'],
    [0.1 + 0.2, 'General', '0.3'],
    [1e20, 'General', '1.00000e+20'],
    [1234.5, '0', '1235'],
    [1234.567, '#,##0.00', '1,234.57'],
    [2, '0.0##', '2.0'],
    [2.3456, '0.0##', '2.346'],
    [0.125, '0%', '13%'],
    [0.125, '0.00%', '12.50%'],
    [12_345, '0.00E+00', '1.23E+4'],
    [-3, '0.00;(0.00)', '-3.00'],
    [-3, '0.00', '-3.00'],
    [0, '0;-0;"none"', '0'],
    [5, '"€" #,##0.00', '€ 5.00'],
    [5, '#,##0.00 [$€-407]', '5.00 €'],
    [5, '[Red]0 "pieces"', '5 pieces'],
  ])('writes %d as %s: %s', (value, format, text) => {
    expect(formatNumber(value, format)).toBe(text);
  });

  it.each([
    [46_357, 'yyyy-mm-dd', '2026-12-01'],
    [46_357.75, 'd mmm yyyy h:mm', '1 Dec 2026 18:00'],
    [46_357.75, 'dddd, mmmm d', 'Tuesday, December 1'],
    [0.75, 'h:mm AM/PM', '6:00 PM'],
    [0.5 + 61 / 86_400, 'hh:mm:ss', '12:01:01'],
    [1.5, '[h]:mm', '36:00'],
    [61 / 86_400, 'mm:ss', '01:01'],
    [46_357, 'dd/mm/yy', '01/12/26'],
    [61, 'yyyy-mm-dd', '1900-03-01'],
  ])('writes day %d as %s: %s', (value, format, text) => {
    expect(formatNumber(value, format)).toBe(text);
  });

  it('counts days from 1904 where a workbook does', () => {
    expect(formatNumber(0, 'yyyy-mm-dd', true)).toBe('1904-01-01');
  });

  it('writes a day beyond all calendars as a number', () => {
    expect(formatNumber(1e12, 'yyyy-mm-dd')).toBe('1000000000000');
  });

  it('knows the formats that have numbers, and no property of objects', () => {
    expect(builtInFormat(10)).toBe('0.00%');
    expect(builtInFormat(999)).toBe('General');
    expect(builtInFormat(Number('constructor'))).toBe('General');
  });
});
