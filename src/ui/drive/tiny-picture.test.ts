import { describe, expect, it } from 'vitest';
import { bitmapUrl } from './tiny-picture.ts';

const RED = [255, 0, 0, 255];
const GREEN = [0, 255, 0, 255];
const BLUE = [0, 0, 255, 255];
const WHITE = [255, 255, 255, 255];

/** Written by hand after the format's description: two by two pixels, 24 bits, top row first. */
const TWO_BY_TWO =
  '424d' +
  '46000000' +
  '00000000' +
  '36000000' +
  '28000000' +
  '02000000' +
  'feffffff' +
  '0100' +
  '1800' +
  '00000000' +
  '00000000' +
  '00000000' +
  '00000000' +
  '00000000' +
  '00000000' +
  '0000ff' +
  '00ff00' +
  '0000' +
  'ff0000' +
  'ffffff' +
  '0000';

describe('a tiny picture', () => {
  it('is a bitmap of its pixels, rows padded to four bytes', () => {
    const url = bitmapUrl([...RED, ...GREEN, ...BLUE, ...WHITE], 2, 2)!;
    const [type, data] = url.split(',');
    expect(type).toBe('data:image/bmp;base64');
    expect(Buffer.from(data!, 'base64').toString('hex')).toBe(TWO_BY_TWO);
  });

  it('is none when a pixel can be seen through', () => {
    expect(bitmapUrl([...RED, 0, 0, 0, 128], 2, 1)).toBeUndefined();
  });
});
