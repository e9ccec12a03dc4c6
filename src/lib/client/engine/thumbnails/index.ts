/**
 * Small pictures of files, made in the engine while they are stored (A-8 §12). One at a time, with
 * a time limit, and only of what says beforehand that it is of a sane size: a hostile picture costs
 * its own thumbnail and nothing else.
 */
import type { DriveDeps, ByteSource } from '#lib/drive/index.ts';
import type { Thumbnail } from '#lib/cryptree/index.ts';
import { drawThumbnail } from './draw.ts';
import { HEADER_BYTES, pictureSize, type PictureSize } from './picture-size.ts';
import { videoThumbnail } from './video-frame.ts';

/** 200 MB once decoded. */
const LARGEST_PICTURE_PIXELS = 50_000_000;
const LARGEST_SIDE_PIXELS = 16_384;
const LARGEST_PICTURE_BYTES = 48 * 1024 * 1024;
const SMALLEST_BYTES = 41; // longer than 40 bytes (A-8 §12)
const TIME_LIMIT_MS = 10_000;

/** Makes thumbnails where this realm can draw; elsewhere there are none. */
export function createThumbnailer(): NonNullable<DriveDeps['thumbnailer']> {
  let before: Promise<unknown> = Promise.resolve();
  return (source, mimeType, signal) => {
    const make = (): Promise<Thumbnail | undefined> => makeThumbnail(source, mimeType, signal);
    const mine = before.then(make, make);
    before = mine.catch(() => undefined);
    return mine;
  };
}

/** Whether a picture of this size may be decoded. */
export function isSane(size: PictureSize | undefined): boolean {
  if (size === undefined) return false;
  const { width, height } = size;
  const isFlat = width < 1 || height < 1;
  const isHuge = Math.max(width, height) > LARGEST_SIDE_PIXELS;
  return !isFlat && !isHuge && width * height <= LARGEST_PICTURE_PIXELS;
}

async function makeThumbnail(
  source: ByteSource,
  mimeType: string,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (source.sizeBytes < SMALLEST_BYTES || typeof OffscreenCanvas === 'undefined') return undefined;
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const making = mimeType.startsWith('image')
    ? pictureThumbnail(source, mimeType, both)
    : mimeType.startsWith('video')
      ? videoThumbnail(source, both)
      : Promise.resolve(undefined);
  return Promise.race([making, whenAborted(limit)]);
}

async function pictureThumbnail(
  source: ByteSource,
  mimeType: string,
  signal: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (mimeType === 'image/svg+xml' || source.sizeBytes > LARGEST_PICTURE_BYTES) return undefined;
  const header = await source.read(0, Math.min(HEADER_BYTES, source.sizeBytes), signal);
  if (!isSane(pictureSize(header))) return undefined;
  const bytes =
    header.length === source.sizeBytes ? header : await source.read(0, source.sizeBytes, signal);
  const picture = await createImageBitmap(new Blob([bytes as Uint8Array<ArrayBuffer>]));
  try {
    return await drawThumbnail(picture);
  } finally {
    picture.close();
  }
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
