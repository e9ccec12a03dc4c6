/**
 * Small pictures of files, made in the engine while they are stored (A-8 §12). One at a time, with
 * a time limit, and only of what says beforehand that it is of a sane size: a hostile picture costs
 * its own thumbnail and nothing else.
 */
import type { DriveDeps, ByteSource } from '#lib/drive/index.ts';
import type { Thumbnail } from '#lib/cryptree/index.ts';
import { decideViewer, START_BYTES } from '#lib/content/index.ts';
import { pictureSize } from './picture-size.ts';
import { drawPicture, isSane } from './picture.ts';
import { coverThumbnail, videoThumbnail } from './media-picture.ts';

const LARGEST_PICTURE_BYTES = 48 * 1024 * 1024;
const SMALLEST_BYTES = 41; // longer than 40 bytes (A-8 §12)
const TIME_LIMIT_MS = 10_000;

/** Makes thumbnails where this realm can draw; elsewhere there are none. */
export function createThumbnailer(): NonNullable<DriveDeps['thumbnailer']> {
  let before: Promise<unknown> = Promise.resolve();
  return (source, label, signal) => {
    const make = (): Promise<Thumbnail | undefined> => makeThumbnail(source, label, signal);
    const mine = before.then(make, make);
    before = mine.catch(() => undefined);
    return mine;
  };
}

async function makeThumbnail(
  source: ByteSource,
  label: string,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (source.sizeBytes < SMALLEST_BYTES || typeof OffscreenCanvas === 'undefined') return undefined;
  const limit = AbortSignal.timeout(TIME_LIMIT_MS);
  const both = signal === undefined ? limit : AbortSignal.any([signal, limit]);
  const make = async (): Promise<Thumbnail | undefined> => {
    const start = await source.read(0, Math.min(START_BYTES, source.sizeBytes), both);
    return makerFor(typeOf(source, label, start))(source, both);
  };
  return Promise.race([make(), whenAborted(limit)]);
}

type Maker = (source: ByteSource, signal: AbortSignal) => Promise<Thumbnail | undefined>;

/** What it is by its bytes: a label may call a picture a film, or a text a picture. */
function typeOf({ sizeBytes }: ByteSource, label: string, start: Uint8Array): string {
  const { viewer, mimeType } = decideViewer({ name: '', label, start, sizeBytes });
  return viewer === undefined ? '' : mimeType;
}

/** Which way there is to a picture of this type (A-8 §12). */
function makerFor(mimeType: string): Maker {
  if (mimeType.startsWith('image/') && mimeType !== 'image/svg+xml') return pictureThumbnail;
  if (mimeType.startsWith('video/')) return videoThumbnail;
  if (mimeType.startsWith('audio/mpeg')) return coverThumbnail;
  return () => Promise.resolve(undefined);
}

async function pictureThumbnail(
  source: ByteSource,
  signal: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (source.sizeBytes > LARGEST_PICTURE_BYTES) return undefined;
  const read = (start: number, end: number): Promise<Uint8Array> => source.read(start, end, signal);
  if (!isSane(await pictureSize(read, source.sizeBytes))) return undefined;
  return drawPicture(await read(0, source.sizeBytes));
}

function whenAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
}
