/**
 * How large a picture says it is, read from its first bytes without decoding anything. A few
 * kilobytes can claim 30,000 × 30,000 pixels, which would be 3.6 GB once decoded; so nothing is
 * given to a decoder whose size is unknown or too large. Input: hostile.
 */

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Bytes that hold the size in nearly all files; metadata before it may be long. */
export const HEADER_BYTES = 256 * 1024;

/** The size of a PNG, JPEG, GIF, WebP, BMP, AVIF or HEIC; undefined for anything else. */
export function pictureSize(start: Uint8Array): PictureSize | undefined {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  try {
    return (
      pngSize(view) ??
      gifSize(view) ??
      webpSize(view) ??
      bmpSize(view) ??
      jpegSize(view) ??
      containerSize(view)
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends before its size
    throw error;
  }
}

function pngSize(view: DataView): PictureSize | undefined {
  if (view.getUint32(0) !== 0x89504e47 || ascii(view, 12) !== 'IHDR') return undefined;
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

function gifSize(view: DataView): PictureSize | undefined {
  if (ascii(view, 0) !== 'GIF8') return undefined;
  return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
}

function webpSize(view: DataView): PictureSize | undefined {
  if (ascii(view, 0) !== 'RIFF' || ascii(view, 8) !== 'WEBP') return undefined;
  const kind = ascii(view, 12);
  if (kind === 'VP8 ') {
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8X') return undefined;
  return { width: uint24(view, 24) + 1, height: uint24(view, 27) + 1 };
}

function bmpSize(view: DataView): PictureSize | undefined {
  if (ascii(view, 0).slice(0, 2) !== 'BM' || view.getUint32(14, true) < 40) return undefined;
  // A negative height means that the rows begin at the top.
  return {
    width: Math.abs(view.getInt32(18, true)),
    height: Math.abs(view.getInt32(22, true)),
  };
}

/** Walks the segments to the first frame header. */
function jpegSize(view: DataView): PictureSize | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  for (;;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // padding
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + view.getUint16(at + 2);
  }
}

/** AVIF and HEIC list the sizes of their parts in `ispe` boxes: the largest counts. */
function containerSize(view: DataView): PictureSize | undefined {
  if (ascii(view, 4) !== 'ftyp') return undefined;
  let found: PictureSize | undefined;
  for (let at = 8; at + 16 <= view.byteLength; at++) {
    if (view.getUint32(at) !== 0x69737065) continue; // "ispe"
    const size = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (found === undefined || size.width * size.height > found.width * found.height) found = size;
  }
  return found;
}

function ascii(view: DataView, at: number): string {
  const code = view.getUint32(at);
  return String.fromCharCode(code >>> 24, (code >> 16) & 255, (code >> 8) & 255, code & 255);
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
