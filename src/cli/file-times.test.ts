import { describe, expect, it } from 'vitest';
import { fromDiskTime, isSameTime, showDay, toDiskTime } from './file-times.ts';

describe('times of change', () => {
  it.each([
    [0n, 0, 0],
    [1_500_000_000n, 1, 500_000_000],
    [-1n, -1, 999_999_999],
    [-1_500_000_000n, -2, 500_000_000],
    [-315_000_000_250_000_000n, -315_000_001, 750_000_000],
    [253_402_300_799_123_456_789n, 253_402_300_799, 123_456_789],
  ])('%i nanoseconds on a disk are %i s and %i ns in the drive', (mtimeNs, seconds, nanos) => {
    expect(fromDiskTime({ mtimeNs })).toEqual({ seconds, nanos });
  });

  it('are given to the disk as what it does not take for the present', () => {
    expect(toDiskTime({ seconds: 10, nanos: 250_000_000 })).toBe(10.25);
    expect(toDiskTime({ seconds: -1, nanos: 500_000_000 })).toEqual(new Date(-500));
    expect(toDiskTime({ seconds: -315_000_001, nanos: 0 })).toEqual(new Date(-315_000_001_000));
  });

  it('that no calendar has become the nearest one', () => {
    const placeholder = { seconds: -31_557_014_135_596_800n, nanos: 0 };
    expect(toDiskTime(placeholder)).toEqual(new Date(-8_640_000_000_000_000));
    expect(toDiskTime({ seconds: 2n ** 62n, nanos: 0 })).toBe(8_640_000_000_000);
    expect(showDay(placeholder.seconds)).toBe('long before all years');
    expect(showDay(2n ** 62n)).toBe('after all years');
    expect(showDay(-315_000_000)).toBe('1960-01-08');
  });

  it('that a disk moved to the end of its range are seen to be others', () => {
    const farAway = { seconds: 253_402_300_799, nanos: 0 };
    expect(isSameTime(farAway, { mtimeNs: 15_032_385_535_000_000_000n })).toBe(false);
    expect(isSameTime({ seconds: 11, nanos: 0 }, { mtimeNs: 10_000_000_000n })).toBe(true);
  });
});
