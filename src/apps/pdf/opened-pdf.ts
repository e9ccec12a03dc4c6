/** Opens the file with pdf.js: a worker of its own, ranges on demand, parts from the page. */
import parts from 'virtual:viewer-parts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { FileTransport } from './file-transport.ts';
import { getDocument, PasswordResponses, PDFWorker, type PDFDocumentProxy } from './library.ts';

const RANGE_BYTES = 256 * 1024;
/** An image with more pixels is left out: decoded it would take four bytes for each. */
const IMAGE_PIXELS = 128 * 1024 * 1024;
/** Larger images are made smaller while they are decoded. */
const IMAGE_CANVAS_BYTES = 256 * 1024 * 1024;

type Page = ViewerFrame['page'];

/** The worker, from a `blob:` address; a module there fails in silence, so it is a classic script. */
export async function startWorker(page: Page, onFailure: () => void): Promise<PDFWorker> {
  const script = await page.call('asset', [parts.workers['pdf-worker']]);
  const blob = new Blob([script as Uint8Array<ArrayBuffer>], { type: 'text/javascript' });
  const url = URL.createObjectURL(blob);
  const port = new Worker(url);
  port.addEventListener('error', onFailure);
  port.addEventListener('message', () => URL.revokeObjectURL(url), { once: true });
  return PDFWorker.create({ port } as unknown as Parameters<typeof PDFWorker.create>[0]);
}

export interface OpenedPdf {
  readonly document: PDFDocumentProxy;
  readonly transport: FileTransport;
  close(): Promise<void>;
}

export interface OpenPdfOptions {
  readonly file: ViewerFrame['file'];
  readonly page: Page;
  readonly worker: PDFWorker;
  readonly sizeBytes: number;
  /** Asks for the password; again while it is wrong. */
  readonly askPassword: (isWrong: boolean, answer: (password: string) => void) => void;
  /** Bytes of the file did not come. */
  readonly onFailure: (error: unknown) => void;
}

export async function openPdf(options: OpenPdfOptions): Promise<OpenedPdf> {
  const { file, page, worker, sizeBytes, askPassword, onFailure } = options;
  const transport = new FileTransport(file, sizeBytes, onFailure);
  const task = getDocument({
    range: transport,
    worker,
    rangeChunkSize: RANGE_BYTES,
    disableAutoFetch: true,
    disableStream: true,
    BinaryDataFactory: partsFactory(page),
    useWorkerFetch: false,
    // Where the system has none of its own, the frame could not load the other by its address.
    useSystemFonts: false,
    cMapPacked: true,
    cMapUrl: `${parts.data['pdf-cmaps']}/`,
    standardFontDataUrl: `${parts.data['pdf-parts']}/`,
    wasmUrl: `${parts.data['pdf-parts']}/`,
    maxImageSize: IMAGE_PIXELS,
    canvasMaxAreaInBytes: IMAGE_CANVAS_BYTES,
    isImageDecoderSupported: 'ImageDecoder' in globalThis,
    enableXfa: false,
  });
  task.onPassword = (answer: (password: string) => void, reason: number) =>
    askPassword(reason === PasswordResponses.INCORRECT_PASSWORD, answer);
  return { document: await task.promise, transport, close: () => task.destroy() };
}

const FOLDERS: Readonly<Record<string, string>> = {
  cMapUrl: parts.data['pdf-cmaps'],
  standardFontDataUrl: parts.data['pdf-parts'],
  wasmUrl: parts.data['pdf-parts'],
};

/** Asks the page for single files of pdf.js: tables of characters, fonts, decoders. */
function partsFactory(page: Page) {
  return class {
    async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      return page.call('asset', [`${FOLDERS[kind] ?? ''}/${filename}`]);
    }
  };
}
