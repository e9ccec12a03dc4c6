/** Pictures as the pixels a code reader takes. */
import { createCodeReader, type Frame } from '#lib/client/index.ts';

/** A code of a safety number has 45 squares a side: it is read from a third of such a frame. */
const FRAME_PX = 800;
/** First with what is fine, then with less noise. */
const STILL_PX = [1600, 640];

/** Draws frames, one after the other, onto one canvas. */
export class FrameMaker {
  readonly #context = document.createElement('canvas').getContext('2d', {
    willReadFrequently: true,
  });

  /** The picture as it is now, not larger than `mostPx` either way. */
  make(
    source: CanvasImageSource,
    size: { width: number; height: number },
    mostPx = FRAME_PX,
  ): Frame {
    const context = this.#context;
    if (context === null) throw new Error('There is no canvas.');
    const scale = Math.min(1, mostPx / Math.max(size.width, size.height));
    const width = Math.max(1, Math.round(size.width * scale));
    const height = Math.max(1, Math.round(size.height * scale));
    Object.assign(context.canvas, { width, height });
    context.drawImage(source, 0, 0, width, height);
    const { data } = context.getImageData(0, 0, width, height);
    return { pixels: new Uint8Array(data.buffer), width, height };
  }
}

/** The text of a code in a picture that was chosen; none where the file is no picture. */
export async function codeInPicture(file: Blob): Promise<string | undefined> {
  const picture = await createImageBitmap(file).catch(() => undefined);
  if (picture === undefined) return undefined;
  const reader = createCodeReader();
  const frames = new FrameMaker();
  try {
    for (const px of STILL_PX) {
      const found = await reader.read(frames.make(picture, picture, px), true);
      if (found !== undefined) return found;
    }
    return undefined;
  } finally {
    reader.close();
    picture.close();
  }
}
