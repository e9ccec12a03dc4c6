import { describe, expect, test } from 'vitest';
import { archiveMillisecondsOf, millisecondsOf } from './time-format.ts';

const at = (seconds: number | bigint, nanos = 0) => ({ seconds, nanos });
/** What the reference writes where there is no time. */
const LEAST = at(-31_557_014_135_596_800n);

describe('a stored time', () => {
  test.each([
    [at(0), 0],
    [at(1_700_000_000, 123_999_999), 1_700_000_000_123],
    [at(-1, 500_000_000), -500],
  ])('%j is %i ms', (time, ms) => {
    expect(millisecondsOf(time)).toBe(ms);
  });

  test.each([LEAST, at(2n ** 63n - 1n), at(-(2n ** 63n)), at(8_640_000_000_001), at(2 ** 53 - 1)])(
    'of any writer can be shown, and packed into an archive',
    (time) => {
      const shown = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
      expect(() => shown.format(millisecondsOf(time))).not.toThrow();
      const year = new Date(archiveMillisecondsOf(time)).getFullYear();
      expect(year).toBe(time.seconds < 0 ? 1980 : 2107);
    },
  );

  test.each([
    [Date.UTC(1970, 0, 1), 1980],
    [Date.UTC(1999, 5, 1), 1999],
    [Date.UTC(2026, 5, 1), 2026],
    [Date.UTC(2200, 5, 1), 2107],
  ])('%i ms is of the year %i in an archive, which knows no other', (ms, year) => {
    expect(new Date(archiveMillisecondsOf(at(ms / 1000))).getFullYear()).toBe(year);
  });
});
