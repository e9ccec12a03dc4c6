/**
 * A frame of a video as its thumbnail, or the cover picture inside a song. mediabunny reads only the parts of the file it needs (index
 * and one group of pictures), the browser's own decoder does the rest. Loaded when the first video
 * is stored.
 */
import type { ByteSource } from '#lib/drive/index.ts';
import type { Thumbnail } from '#lib/cryptree/index.ts';
import { drawThumbnail, THUMBNAIL_PIXELS } from './draw.ts';
import { drawPicture } from './picture.ts';

/** Beginnings are often black; a tenth into the film, at most this far, rarely is. */
const LATEST_FRAME_SECONDS = 20;
const LARGEST_SIDE_PIXELS = 8192;

/** Undefined when the video cannot be read or decoded here. */
export async function videoThumbnail(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (typeof VideoDecoder === 'undefined') return undefined;
  const { CanvasSink, CustomSource, Input, MATROSKA, MP4, QTFF, WEBM } = await import('mediabunny');
  using input = new Input({
    formats: [MP4, QTFF, WEBM, MATROSKA],
    source: new CustomSource(rangesOf(source, signal)),
  });
  const track = await input.getPrimaryVideoTrack();
  if (track === null || !(await track.canDecode())) return undefined;
  const [width, height] = [await track.getDisplayWidth(), await track.getDisplayHeight()];
  if (Math.max(width, height) > LARGEST_SIDE_PIXELS) return undefined;
  const duration = (await track.getDurationFromMetadata()) ?? 0;
  const start = await track.getFirstTimestamp();
  const side = width >= height ? { width: Math.min(width, THUMBNAIL_PIXELS) } : undefined;
  const sink = new CanvasSink(track, side ?? { height: Math.min(height, THUMBNAIL_PIXELS) });
  const wanted = start + Math.min(duration / 10, LATEST_FRAME_SECONDS);
  signal?.throwIfAborted();
  const frame = (await sink.getCanvas(wanted)) ?? (await sink.getCanvas(start));
  return frame === null ? undefined : drawThumbnail(frame.canvas as OffscreenCanvas);
}

/** The first picture in a song's tags; undefined when there is none. */
export async function coverThumbnail(
  source: ByteSource,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  const { CustomSource, Input, MP3 } = await import('mediabunny');
  using input = new Input({
    formats: [MP3],
    source: new CustomSource(rangesOf(source, signal)),
  });
  const { images } = await input.getMetadataTags();
  const cover = images?.find(({ kind }) => kind === 'coverFront') ?? images?.[0];
  return cover === undefined ? undefined : drawPicture(cover.data);
}

function rangesOf(source: ByteSource, signal?: AbortSignal) {
  return {
    getSize: () => source.sizeBytes,
    read: (start: number, end: number) => source.read(start, end, signal),
    prefetchProfile: 'fileSystem',
    handleUnhandledError: () => undefined,
  } as const;
}
