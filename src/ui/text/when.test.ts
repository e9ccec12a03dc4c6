import { describe, expect, it } from 'vitest';
import { formatAgo, formatWhen, monthOf } from './when.ts';

const NOW = new Date(2026, 2, 15, 10, 30).getTime();
const at = (...parts: [number, number, number, number?, number?]) => new Date(...parts).getTime();

describe('when something was', () => {
  it('is a time today and yesterday, a day of this year, or a date', () => {
    expect(formatWhen(at(2026, 2, 15, 9, 5), NOW)).toMatch(/^Today, 9:05/u);
    expect(formatWhen(at(2026, 2, 14, 23, 59), NOW)).toMatch(/^Yesterday, 11:59/u);
    expect(formatWhen(at(2026, 0, 3), NOW)).toBe('Jan 3');
    expect(formatWhen(at(2025, 11, 31), NOW)).toBe('Dec 31, 2025');
    expect(formatWhen(at(1969, 11, 31), NOW)).toBe('Dec 31, 1969');
    expect(formatWhen(at(2026, 2, 16), NOW)).toBe('Mar 16, 2026');
  });

  it('is long ago in the largest unit that says enough', () => {
    expect(formatAgo(NOW - 5_000, NOW)).toBe('just now');
    expect(formatAgo(NOW - 7 * 60_000, NOW)).toBe('7 minutes ago');
    expect(formatAgo(at(2026, 2, 14, 22), NOW)).toBe('yesterday');
    expect(formatAgo(at(2026, 2, 12), NOW)).toBe('3 days ago');
    expect(formatAgo(at(2025, 2, 12), NOW)).toBe('12 months ago');
  });
});

it('monthOf is one number a month', () => {
  expect(monthOf(at(2026, 2, 1))).toBe(monthOf(at(2026, 2, 31, 23)));
  expect(monthOf(at(2026, 3, 1))).toBe(monthOf(at(2026, 2, 31)) + 1);
});
