/**
 * A picture of a few pixels, for the moment before the real one is there: stretched over a tile it
 * is a soft placeholder. It is a bitmap inside an address, a few hundred characters long, and lives in
 * memory only: nothing readable of a drive is written down on the device.
 */

/** Pixels of the longer side. */
const SIDE = 6;
const HEADER_BYTES = 54;
const OPAQUE = 250;

/** Its address; undefined when the picture cannot be decoded or one could see through it. */
export async function tinyPicture(
  picture: Blob,
  width: number,
  height: number,
): Promise<string | undefined> {
  const scale = SIDE / Math.max(width, height);
  const [resizeWidth, resizeHeight] = [width, height].map((length) =>
    Math.max(1, Math.round(length * scale)),
  ) as [number, number];
  const options = { resizeWidth, resizeHeight, resizeQuality: 'medium' } as const;
  const bitmap = await createImageBitmap(picture, options).catch(() => undefined);
  if (bitmap === undefined) return undefined;
  const canvas = new OffscreenCanvas(resizeWidth, resizeHeight);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  context?.drawImage(bitmap, 0, 0);
  bitmap.close();
  const pixels = context?.getImageData(0, 0, resizeWidth, resizeHeight).data;
  return pixels && bitmapUrl(pixels, resizeWidth, resizeHeight);
}

/** RGBA pixels as a BMP; undefined when one of them can be seen through. */
export function bitmapUrl(
  pixels: ArrayLike<number>,
  width: number,
  height: number,
): string | undefined {
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8Array(HEADER_BYTES + rowBytes * height);
  const header = new DataView(bytes.buffer);
  bytes.set([0x42, 0x4d]); // BM
  header.setUint32(2, bytes.length, true);
  header.setUint32(10, HEADER_BYTES, true);
  header.setUint32(14, 40, true); // length of what describes the picture
  header.setInt32(18, width, true);
  header.setInt32(22, -height, true); // from top to bottom
  header.setUint16(26, 1, true); // planes
  header.setUint16(28, 24, true); // bits a pixel
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (y * width + x) * 4;
      if (pixels[from + 3]! < OPAQUE) return undefined;
      const to = HEADER_BYTES + y * rowBytes + x * 3;
      for (let channel = 0; channel < 3; channel++) {
        bytes[to + channel] = pixels[from + 2 - channel]!; // blue, green, red
      }
    }
  }
  return `data:image/bmp;base64,${btoa(String.fromCharCode(...bytes))}`;
}
