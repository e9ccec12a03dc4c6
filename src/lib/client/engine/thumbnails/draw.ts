/** Drawing a thumbnail: at most 400 pixels wide or high and 100 KiB, WebP or else JPEG (A-8 §12). */
import { THUMBNAIL_MAX_BYTES, type Thumbnail } from '#lib/cryptree/index.ts';

export const THUMBNAIL_PIXELS = 400;
const QUALITIES = [0.8, 0.6];
const SMALLEST_PIXELS = 50;

/** Width and height that fit the largest side, never larger than the picture. */
export function fitted(
  width: number,
  height: number,
  largest: number,
): { width: number; height: number } {
  const scale = Math.min(1, largest / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(width * scale)),
    height: Math.max(1, Math.round(height * scale)),
  };
}

/** Draws a decoded picture small enough to be kept; undefined if that cannot be done. */
export async function drawThumbnail(
  picture: CanvasImageSource & { readonly width: number; readonly height: number },
): Promise<Thumbnail | undefined> {
  for (let largest = THUMBNAIL_PIXELS; largest >= SMALLEST_PIXELS; largest /= 2) {
    const { width, height } = fitted(picture.width, picture.height, largest);
    const canvas = new OffscreenCanvas(width, height);
    const context = canvas.getContext('2d');
    if (context === null) return undefined;
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture, 0, 0, width, height);
    for (const quality of QUALITIES) {
      const blob = await encode(canvas, quality);
      if (blob.size <= THUMBNAIL_MAX_BYTES) {
        return { mimeType: blob.type, bytes: new Uint8Array(await blob.arrayBuffer()) };
      }
    }
  }
  return undefined;
}

/** A browser that cannot write WebP gives PNG instead; JPEG is smaller then. */
async function encode(canvas: OffscreenCanvas, quality: number): Promise<Blob> {
  const webp = await canvas.convertToBlob({ type: 'image/webp', quality });
  return webp.type === 'image/webp' ? webp : canvas.convertToBlob({ type: 'image/jpeg', quality });
}
