/**
 * How large a picture says it is, read from its structure without decoding anything. A few
 * kilobytes can claim 30,000 × 30,000 pixels, which would be 3.6 GB once decoded; so nothing is
 * given to a decoder whose size is unknown or too large.
 *
 * The size may stand behind any amount of metadata, so segments and boxes are walked by their
 * lengths, and only what is looked at is read. Input: hostile; the number of steps is bounded.
 */
import { ByteWindow, type ReadBytes } from './byte-window.ts';

export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** Segments and boxes that are walked before giving up; real files have some dozens. */
const MOST_STEPS = 2_000;

/** The size of a PNG, JPEG, GIF, WebP, BMP, AVIF or HEIC; undefined for anything else. */
export async function pictureSize(
  read: ReadBytes,
  sizeBytes: number,
): Promise<PictureSize | undefined> {
  const file = new ByteWindow(read, sizeBytes);
  try {
    const start = await file.view(0, Math.min(32, sizeBytes));
    return (
      pngSize(start) ??
      gifSize(start) ??
      bmpSize(start) ??
      (await webpSize(start, file)) ??
      (await jpegSize(start, file)) ??
      (await containerSize(start, file))
    );
  } catch (error) {
    if (error instanceof RangeError) return undefined; // it ends before its size
    throw error;
  }
}

function pngSize(start: DataView): PictureSize | undefined {
  if (start.getUint32(0) !== 0x89504e47 || ascii(start, 12) !== 'IHDR') return undefined;
  return { width: start.getUint32(16), height: start.getUint32(20) };
}

function gifSize(start: DataView): PictureSize | undefined {
  if (ascii(start, 0) !== 'GIF8') return undefined;
  return { width: start.getUint16(6, true), height: start.getUint16(8, true) };
}

function bmpSize(start: DataView): PictureSize | undefined {
  if (ascii(start, 0).slice(0, 2) !== 'BM' || start.getUint32(14, true) < 40) return undefined;
  // A negative height means that the rows begin at the top.
  return {
    width: Math.abs(start.getInt32(18, true)),
    height: Math.abs(start.getInt32(22, true)),
  };
}

/** Walks the chunks to the first that holds a size. */
async function webpSize(start: DataView, file: ByteWindow): Promise<PictureSize | undefined> {
  if (ascii(start, 0) !== 'RIFF' || ascii(start, 8) !== 'WEBP') return undefined;
  let at = 12;
  for (let step = 0; step < MOST_STEPS; step++) {
    const chunk = await file.view(at, 18);
    const kind = ascii(chunk, 0);
    if (kind === 'VP8 ') {
      return {
        width: chunk.getUint16(14, true) & 0x3fff,
        height: chunk.getUint16(16, true) & 0x3fff,
      };
    }
    if (kind === 'VP8L') {
      const bits = chunk.getUint32(9, true);
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
    }
    if (kind === 'VP8X') return { width: uint24(chunk, 12) + 1, height: uint24(chunk, 15) + 1 };
    const length = chunk.getUint32(4, true);
    at += 8 + length + (length % 2);
  }
  return undefined;
}

/** Walks the segments to the first frame header. */
async function jpegSize(start: DataView, file: ByteWindow): Promise<PictureSize | undefined> {
  if (start.getUint16(0) !== 0xffd8) return undefined;
  let at = 2;
  for (let step = 0; step < MOST_STEPS; step++) {
    const segment = await file.view(at, 4);
    if (segment.getUint8(0) !== 0xff) return undefined;
    const marker = segment.getUint8(1);
    if (marker === 0xff) {
      at += 1; // padding
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) {
      const frame = await file.view(at, 9);
      return { width: frame.getUint16(7), height: frame.getUint16(5) };
    }
    if (marker === 0xda || marker === 0xd9) return undefined;
    at += 2 + segment.getUint16(2);
  }
  return undefined;
}

/** AVIF and HEIC list the sizes of their parts in `meta/iprp/ipco/ispe`: the largest counts. */
async function containerSize(start: DataView, file: ByteWindow): Promise<PictureSize | undefined> {
  if (ascii(start, 4) !== 'ftyp') return undefined;
  const steps = { left: MOST_STEPS };
  const meta = await findBox(file, 0, file.sizeBytes, 'meta', steps);
  // `meta` begins with a version and flags.
  const properties = meta && (await findBox(file, meta.start + 4, meta.end, 'iprp', steps));
  const list = properties && (await findBox(file, properties.start, properties.end, 'ipco', steps));
  if (list === undefined) return undefined;
  let found: PictureSize | undefined;
  for await (const { type, start: at } of boxes(file, list.start, list.end, steps)) {
    if (type !== 'ispe') continue;
    const box = await file.view(at, 12);
    const size = { width: box.getUint32(4), height: box.getUint32(8) };
    if (found === undefined || size.width * size.height > found.width * found.height) found = size;
  }
  return found;
}

interface Box {
  readonly type: string;
  /** Where its content begins, and the byte after it. */
  readonly start: number;
  readonly end: number;
}

async function findBox(
  file: ByteWindow,
  from: number,
  to: number,
  wanted: string,
  steps: { left: number },
): Promise<Box | undefined> {
  for await (const box of boxes(file, from, to, steps)) if (box.type === wanted) return box;
  return undefined;
}

/** The boxes between two places; one that claims to be shorter than its header ends the walk. */
async function* boxes(
  file: ByteWindow,
  from: number,
  to: number,
  steps: { left: number },
): AsyncGenerator<Box, void, void> {
  for (let at = from; at + 8 <= to && steps.left > 0; steps.left--) {
    const head = await file.view(at, 8);
    const isLong = head.getUint32(0) === 1;
    const size = isLong
      ? Number((await file.view(at + 8, 8)).getBigUint64(0))
      : head.getUint32(0) || to - at; // 0: up to the end
    const start = at + (isLong ? 16 : 8);
    if (at + size < start) return;
    yield { type: ascii(head, 4), start, end: Math.min(to, at + size) };
    at += size;
  }
}

function ascii(view: DataView, at: number): string {
  const code = view.getUint32(at);
  return String.fromCharCode(code >>> 24, (code >> 16) & 255, (code >> 8) & 255, code & 255);
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
}
