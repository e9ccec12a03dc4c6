/** A small picture of a page, drawn when it stays in sight for a moment. */
import type { PDFDocumentProxy } from './library.ts';

const WIDTH_PX = 120;
const HEIGHT_PX = 155;
/** Passing by is not looking. */
const DELAY_MS = 120;

/** Draws it on the canvas; what is returned stops that. */
export function drawThumbnail(
  document: PDFDocumentProxy,
  number: number,
  canvas: HTMLCanvasElement,
): () => void {
  let isOver = false;
  let cancel = (): void => undefined;
  const draw = async (): Promise<void> => {
    const page = await document.getPage(number);
    if (isOver) return;
    const { width, height } = page.getViewport({ scale: 1 });
    const scale = Math.min(WIDTH_PX / width, HEIGHT_PX / height);
    const ratio = Math.min(2, devicePixelRatio);
    const viewport = page.getViewport({ scale: scale * ratio });
    canvas.width = Math.max(1, Math.floor(viewport.width));
    canvas.height = Math.max(1, Math.floor(viewport.height));
    canvas.style.inlineSize = `${String(Math.max(1, Math.floor(width * scale)))}px`;
    const task = page.render({ canvas, viewport });
    cancel = () => task.cancel();
    await task.promise;
  };
  // A page that cannot be drawn stays white; what is wrong with it is seen where it is shown.
  const timer = setTimeout(() => void draw().catch(() => undefined), DELAY_MS);
  return () => {
    isOver = true;
    clearTimeout(timer);
    cancel();
  };
}
