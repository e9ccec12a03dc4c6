/**
 * The bytes of the opened file, range by range as pdf.js asks for them. A checksum of every piece that
 * came is kept, so that what is saved can be compared with what was read.
 */
import { READ_LIMIT_BYTES } from '#lib/frames/index.ts';
import type { ViewerFrame } from '../shared/viewer-frame.ts';
import { checksum } from './checksum.ts';
import { PDFDataRangeTransport } from './library.ts';

/** A piece of the file as it was read. */
export interface ReadPiece {
  readonly start: number;
  readonly end: number;
  readonly sum: number;
}

export class FileTransport extends PDFDataRangeTransport {
  readonly pieces: ReadPiece[] = [];
  /** Bytes that came so far. */
  readBytes = 0;
  readonly #file: ViewerFrame['file'];
  readonly #onFailure: (error: unknown) => void;
  readonly #abort = new AbortController();

  constructor(file: ViewerFrame['file'], sizeBytes: number, onFailure: (error: unknown) => void) {
    super(sizeBytes, null);
    this.#file = file;
    this.#onFailure = onFailure;
  }

  override requestDataRange(begin: number, end: number): void {
    this.#read(begin, end).then(
      (bytes) => {
        if (!this.#abort.signal.aborted) this.onDataRange(begin, bytes);
      },
      (error: unknown) => {
        if (!this.#abort.signal.aborted) this.#onFailure(error);
      },
    );
  }

  override abort(): void {
    this.#abort.abort();
  }

  /** One buffer of its own, which moves to the worker. */
  async #read(begin: number, end: number): Promise<Uint8Array> {
    const { signal } = this.#abort;
    let whole: Uint8Array | undefined;
    for (let start = begin; start < end; start += READ_LIMIT_BYTES) {
      const stop = Math.min(end, start + READ_LIMIT_BYTES);
      const piece = await this.#file.call('read', [start, stop], { signal });
      if (piece.length !== stop - start) throw new RangeError('The file is shorter than it was.');
      this.pieces.push({ start, end: stop, sum: checksum(piece) });
      this.readBytes += piece.length;
      if (stop - start === end - begin) return piece;
      whole ??= new Uint8Array(end - begin);
      whole.set(piece, start - begin);
    }
    return whole ?? new Uint8Array();
  }
}
