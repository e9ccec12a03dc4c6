import { describe, expect, it } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import { fitted } from './draw.ts';
import { pictureSize } from './picture-size.ts';
import { isSane } from './picture.ts';

const base64 = (text: string) => Uint8Array.from(atob(text), (unit) => unit.charCodeAt(0));
const hex = (text: string) =>
  Uint8Array.from(text.replaceAll(' ', '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

const sizeOf = (bytes: Uint8Array) =>
  pictureSize((start, end) => bytes.subarray(start, end), bytes.length);
/** A box of an ISO file. */
function box(type: string, ...content: (Uint8Array | string)[]): Uint8Array {
  const parts = content.map((part) => (typeof part === 'string' ? hex(part) : part));
  const length = 8 + parts.reduce((sum, part) => sum + part.length, 0);
  const head = new Uint8Array(8);
  new DataView(head.buffer).setUint32(0, length);
  head.set(new TextEncoder().encode(type), 4);
  return concat(head, ...parts);
}
const ispe = (width: string, height: string) => box('ispe', '00000000', width, height);
const FTYP = box('ftyp', '61766966 00000000 61766966 6d696631');
const metaOf = (...properties: Uint8Array[]) =>
  box('meta', '00000000', box('hdlr', '00'), box('iprp', box('ipco', ...properties)));
const FRAME = hex('ffc2 0011 08 0c80 1900 03 000000');

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
      concat(FTYP, metaOf(ispe('00000078', '00000050'), ispe('00000fa0', '00000bb8'))),
      { width: 4000, height: 3000 },
    ],
  ])('is read from a %s', async (_what, start, size) => {
    expect(await sizeOf(start)).toEqual(size);
  });

  it('is found behind any amount of metadata, reading little of it', async () => {
    const segment = concat(hex('ffed ffff'), new Uint8Array(65_533));
    const jpeg = concat(hex('ffd8'), ...Array.from({ length: 16 }, () => segment), FRAME);
    let readBytes = 0;
    const size = await pictureSize((start, end) => {
      readBytes += end - start;
      return jpeg.subarray(start, end);
    }, jpeg.length);
    expect(size).toEqual({ width: 6400, height: 3200 });
    expect(jpeg.length).toBeGreaterThan(1_000_000);
    expect(readBytes).toBeLessThan(jpeg.length / 3);
    const large = ispe('00000fa0', '00000bb8');
    const behindPicture = concat(FTYP, box('mdat', new Uint8Array(900_000)), metaOf(large));
    expect(await sizeOf(behindPicture)).toEqual({ width: 4000, height: 3000 });
    const xmp = concat(hex('584d5020 40420f00'), new Uint8Array(1_000_000));
    const webp = concat(hex('52494646 00000000 57454250'), xmp);
    const lossless = hex('5650384c 11000000 2f0000000007d0fffef7bf');
    expect(await sizeOf(concat(webp, lossless))).toEqual({ width: 1, height: 1 });
  });

  it('is not looked for in the data of a picture', async () => {
    const inData = concat(FTYP, box('mdat', ispe('00000fa0', '00000bb8')));
    expect(await sizeOf(inData)).toBeUndefined();
  });

  it('is given up after a bounded number of parts, however many there are', async () => {
    const tiny = concat(...Array.from({ length: 40_000 }, () => hex('ffed 0002')));
    let reads = 0;
    const jpeg = concat(hex('ffd8'), tiny, FRAME);
    const count = async (start: number, end: number) => {
      reads += 1;
      return jpeg.subarray(start, end);
    };
    expect(await pictureSize(count, jpeg.length)).toBeUndefined();
    expect(reads).toBeLessThanOrEqual(64);
    const loop = concat(FTYP, hex('00000001 6d657461 0000000000000000'), new Uint8Array(64));
    expect(await sizeOf(loop)).toBeUndefined();
  });

  it('is unknown for other bytes and for cut headers', async () => {
    expect(await sizeOf(new Uint8Array(0))).toBeUndefined();
    expect(await sizeOf(new TextEncoder().encode('just some text, long enough'))).toBeUndefined();
    expect(await sizeOf(hex('ffd8 ffe1 ffff'))).toBeUndefined();
    expect(await sizeOf(hex('89504e470d0a1a0a0000000d49484452'))).toBeUndefined();
  });

  it('never fails on random bytes behind a known beginning', async () => {
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
        await expect(sizeOf(new Uint8Array([...hex(magic), ...tail]))).resolves.not.toThrow();
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
