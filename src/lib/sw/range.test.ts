import { describe, expect, test } from 'vitest';
import { parseRange } from './range.ts';

const SIZE = 1000;

describe('a Range header', () => {
  test.each([
    ['bytes=0-', 0, 1000],
    ['bytes=0-0', 0, 1],
    ['bytes=0-999', 0, 1000],
    ['bytes=0-1000', 0, 1000],
    ['bytes=999-', 999, 1000],
    ['bytes=999-999', 999, 1000],
    ['bytes=500-99999999', 500, 1000],
    ['bytes=-1', 999, 1000],
    ['bytes=-1000', 0, 1000],
    ['bytes=-5000', 0, 1000],
    [' bytes=10-19 ', 10, 20],
  ])('%s asks for bytes %i to %i', (header, start, end) => {
    expect(parseRange(header, SIZE)).toEqual({ kind: 'part', start, end });
  });

  test.each(['bytes=1000-', 'bytes=1000-1001', 'bytes=-0', 'bytes=9999999999999999-'])(
    '%s lies past the end',
    (header) => {
      expect(parseRange(header, SIZE)).toEqual({ kind: 'unsatisfiable' });
    },
  );

  test.each([
    null,
    '',
    'bytes=-',
    'bytes=',
    'bytes=5-4',
    'bytes=0-1,5-6',
    'bytes=a-b',
    'bytes=1-2-3',
    'bytes=-1-2',
    'bytes=0x1-2',
    'bytes=1.5-2',
    'items=0-1',
    'bytes 0-1',
    'bytes=99999999999999999-',
  ])('%s is ignored', (header) => {
    expect(parseRange(header, SIZE)).toEqual({ kind: 'whole' });
  });

  test('has nothing to ask of an empty file', () => {
    expect(parseRange('bytes=0-', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange('bytes=-1', 0)).toEqual({ kind: 'unsatisfiable' });
    expect(parseRange(null, 0)).toEqual({ kind: 'whole' });
  });
});
