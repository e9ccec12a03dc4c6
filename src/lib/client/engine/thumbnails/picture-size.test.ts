import { describe, expect, it } from 'vitest';
import { fitted } from './draw.ts';
import { pictureSize } from './picture-size.ts';
import { isSane } from './picture.ts';

const base64 = (text: string) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

describe('the size a picture claims', () => {
  it.each([
    [
      'png',
      base64(
        'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      ),
      { width: 1, height: 1 },
    ],
    [
      'gif',
      base64('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'),
      { width: 1, height: 1 },
    ],
    [
      'lossless webp',
      base64('UklGRiIAAABXRUJQVlA4TBEAAAAvAAAAAAfQ//73v/+BiOh/AAA='),
      { width: 1, height: 1 },
    ],
    [
      'extended webp',
      hex('52494646 00000000 57454250 56503858 0a000000 00000000 8f0100 2b0100'),
      { width: 400, height: 300 },
    ],
    [
      'jpeg behind metadata',
      hex('ffd8 ffe1 0006 00000000 ffdb 0004 0000 ffc2 0011 08 0c80 1900 03 000000'),
      { width: 6400, height: 3200 },
    ],
    [
      'bmp with rows from the top',
      hex('424d 00000000 00000000 36000000 28000000 20030000 a8fdffff 0100 1800'),
      { width: 800, height: 600 },
    ],
    [
      'avif, the largest part',
      hex(
        '0000001c 66747970 61766966 00000000 61766966 6d696631 6d696166' +
          '00000014 69737065 00000000 00000078 00000050' +
          '00000014 69737065 00000000 00000fa0 00000bb8',
      ),
      { width: 4000, height: 3000 },
    ],
  ])('is read from a %s', (_what, start, size) => {
    expect(pictureSize(start)).toEqual(size);
  });

  it('is unknown for other bytes and for cut headers', () => {
    expect(pictureSize(new Uint8Array(0))).toBeUndefined();
    expect(pictureSize(new TextEncoder().encode('just some text, long enough'))).toBeUndefined();
    expect(pictureSize(hex('ffd8 ffe1 ffff'))).toBeUndefined();
    expect(pictureSize(hex('89504e470d0a1a0a0000000d49484452'))).toBeUndefined();
  });

  it('never fails on random bytes behind a known beginning', () => {
    for (const magic of [
      '89504e47',
      '47494638',
      '52494646',
      '424d',
      'ffd8ff',
      '0000001c66747970',
    ]) {
      for (let i = 0; i < 200; i++) {
        const tail = crypto.getRandomValues(new Uint8Array(i));
        expect(() => pictureSize(new Uint8Array([...hex(magic), ...tail]))).not.toThrow();
      }
    }
  });
});

describe('pictures that are decoded', () => {
  it('are of a known and sane size', () => {
    expect(isSane({ width: 6000, height: 8000 })).toBe(true);
    expect(isSane({ width: 30_000, height: 30_000 })).toBe(false);
    expect(isSane({ width: 1, height: 65_535 })).toBe(false);
    expect(isSane({ width: 0, height: 5 })).toBe(false);
    expect(isSane(undefined)).toBe(false);
  });

  it('are made to fit without ever growing', () => {
    expect(fitted(4000, 3000, 400)).toEqual({ width: 400, height: 300 });
    expect(fitted(10, 4000, 400)).toEqual({ width: 1, height: 400 });
    expect(fitted(50, 20, 400)).toEqual({ width: 50, height: 20 });
  });
});
