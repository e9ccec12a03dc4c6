/** Printing: pages become pictures in this document, which the browser prints. */
import { AnnotationMode, type PDFDocumentProxy } from './library.ts';

const DOTS_PER_INCH = 150;
const POINTS_PER_INCH = 72;
/** Pages of one printing: their pictures are in memory together. */
export const PRINT_PAGES = 100;
const PICTURE_PIXELS = 8 * 1024 * 1024;

export interface PrintedPage {
  readonly url: string;
  readonly width: number;
  readonly height: number;
}

export class PrintState {
  isOpen = $state(false);
  /** Pages that are drawn; undefined while nothing is prepared. */
  done = $state<number>();
  total = $state(0);
  pages = $state.raw<readonly PrintedPage[]>([]);
  readonly #document: () => PDFDocumentProxy | undefined;
  #abort: AbortController | undefined;

  constructor(document: () => PDFDocumentProxy | undefined) {
    this.#document = document;
  }

  open(): void {
    this.isOpen = true;
  }

  /** Stops what is under way; false when nothing was open. */
  close(): boolean {
    if (!this.isOpen) return false;
    this.#abort?.abort();
    this.#clear();
    this.isOpen = false;
    return true;
  }

  /** Prints pages from first to last, both included. */
  async run(first: number, last: number): Promise<void> {
    const document = this.#document();
    if (document === undefined || this.done !== undefined) return;
    const { signal } = (this.#abort = new AbortController());
    this.total = Math.min(last - first + 1, PRINT_PAGES);
    this.done = 0;
    const drawn: PrintedPage[] = [];
    try {
      for (let at = 0; at < this.total && !signal.aborted; at++) {
        drawn.push(await drawPage(document, first + at));
        this.done = at + 1;
      }
      if (signal.aborted) return;
      this.pages = drawn;
      await ready();
      globalThis.print();
      this.isOpen = false;
    } finally {
      for (const { url } of drawn) URL.revokeObjectURL(url);
      this.#clear();
    }
  }

  #clear(): void {
    this.done = undefined;
    this.pages = [];
  }
}

async function drawPage(document: PDFDocumentProxy, number: number): Promise<PrintedPage> {
  const page = await document.getPage(number);
  const size = page.getViewport({ scale: 1 });
  const wanted = DOTS_PER_INCH / POINTS_PER_INCH;
  const most = Math.sqrt(PICTURE_PIXELS / (size.width * size.height));
  const viewport = page.getViewport({ scale: Math.min(wanted, most) });
  const canvas = globalThis.document.createElement('canvas');
  canvas.width = Math.max(1, Math.floor(viewport.width));
  canvas.height = Math.max(1, Math.floor(viewport.height));
  await page.render({
    canvas,
    viewport,
    intent: 'print',
    annotationMode: AnnotationMode.ENABLE_STORAGE,
    printAnnotationStorage: document.annotationStorage.print,
  } as unknown as Parameters<typeof page.render>[0]).promise;
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
  canvas.width = canvas.height = 0;
  if (blob === null) throw new RangeError('The page is too large to print.');
  return { url: URL.createObjectURL(blob), width: size.width, height: size.height };
}

/** The pictures stand in the document and are decoded. */
async function ready(): Promise<void> {
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const pictures = [...globalThis.document.querySelectorAll<HTMLImageElement>('.printed img')];
  await Promise.all(pictures.map((picture) => picture.decode()));
}
