/** Decoding a picture that is in memory, if it says beforehand that it is of a sane size. */
import type { Thumbnail } from '#lib/cryptree/index.ts';
import { drawThumbnail } from './draw.ts';
import { pictureSize, type PictureSize } from './picture-size.ts';

/** 200 MB once decoded. */
const LARGEST_PICTURE_PIXELS = 50_000_000;
const LARGEST_SIDE_PIXELS = 16_384;

/** Whether a picture of this size may be decoded. */
export function isSane(size: PictureSize | undefined): boolean {
  if (size === undefined) return false;
  const { width, height } = size;
  const isFlat = width < 1 || height < 1;
  const isHuge = Math.max(width, height) > LARGEST_SIDE_PIXELS;
  return !isFlat && !isHuge && width * height <= LARGEST_PICTURE_PIXELS;
}

/** Draws the thumbnail of an encoded picture; undefined when it is not to be decoded. */
export async function drawPicture(bytes: Uint8Array): Promise<Thumbnail | undefined> {
  const size = await pictureSize((start, end) => bytes.subarray(start, end), bytes.length);
  if (!isSane(size)) return undefined;
  const picture = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  try {
    return await drawThumbnail(picture);
  } finally {
    picture.close();
  }
}
