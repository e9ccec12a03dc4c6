/**
 * Photos of people. Those of others are hostile bytes: only pictures of points are taken, by their
 * bytes and of a sane size, and what leaves here was drawn anew, small and square. Where this realm
 * cannot draw, the bytes that were found good are given as they are.
 */
import { mediaTypeOf } from '#lib/content/index.ts';
import { ProfileRefused } from '#lib/social/index.ts';
import { isSane } from '../thumbnails/picture.ts';
import { pictureSize } from '../thumbnails/picture-size.ts';

/** As large as it is shown anywhere, on a screen of two points a pixel. */
const SHOWN_PIXELS = 256;
/** What other clients write (C-6 §6.1). */
const OWN_PIXELS = 400;
/** A photo of somebody else; 64 MB once decoded. */
const LARGEST_SIDE_PIXELS = 4096;
const LARGEST_OWN_BYTES = 48 * 1024 * 1024;
const QUALITY = 0.85;

/** Never SVG, which is a document. */
const TYPES: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'image/avif',
]);

/** Somebody's photo as the screens show it; undefined where it is no picture that is shown. */
export async function shownPhoto(bytes: Uint8Array): Promise<Blob | undefined> {
  const picture = await pictureOf(bytes, LARGEST_SIDE_PIXELS);
  if (picture === undefined || !canDraw()) return picture;
  return drawSquare(picture, SHOWN_PIXELS, 'image/webp').catch(() => undefined);
}

/** The bytes of the own photo made of any picture, with nothing else that is in its file. @throws ProfileRefused */
export async function ownPhoto(file: Blob): Promise<Uint8Array> {
  if (file.size > LARGEST_OWN_BYTES) throw new ProfileRefused('This picture is too large.');
  const picture = await pictureOf(new Uint8Array(await file.arrayBuffer()));
  const photo = picture && (await squareOrNothing(picture));
  if (photo === undefined) {
    throw new ProfileRefused('This file is no picture that can be opened here.');
  }
  return new Uint8Array(await photo.arrayBuffer());
}

async function squareOrNothing(picture: Blob): Promise<Blob | undefined> {
  if (!canDraw()) return picture;
  return drawSquare(picture, OWN_PIXELS, 'image/png').catch(() => undefined);
}

/** The bytes with the type they have, if that is one of a picture and it says that it is not huge. */
async function pictureOf(bytes: Uint8Array, largestSide = Infinity): Promise<Blob | undefined> {
  const type = mediaTypeOf(bytes, bytes.length);
  if (type === undefined || !TYPES.has(type)) return undefined;
  const size = await pictureSize((start, end) => bytes.subarray(start, end), bytes.length);
  if (size === undefined || !isSane(size)) return undefined;
  if (Math.max(size.width, size.height) > largestSide) return undefined;
  return new Blob([bytes as Uint8Array<ArrayBuffer>], { type });
}

function canDraw(): boolean {
  return typeof OffscreenCanvas !== 'undefined';
}

/** The middle of a picture, scaled down to a square. Rejects where it cannot be decoded. */
async function drawSquare(picture: Blob, largest: number, type: string): Promise<Blob | undefined> {
  const decoded = await createImageBitmap(picture);
  try {
    const { width, height } = decoded;
    const side = Math.min(width, height);
    const drawn = Math.min(side, largest);
    const canvas = new OffscreenCanvas(drawn, drawn);
    const context = canvas.getContext('2d');
    if (context === null) return undefined;
    context.imageSmoothingQuality = 'high';
    const [left, top] = [(width - side) / 2, (height - side) / 2];
    context.drawImage(decoded, left, top, side, side, 0, 0, drawn, drawn);
    return await canvas.convertToBlob({ type, quality: QUALITY });
  } finally {
    decoded.close();
  }
}
