/** The opened file by ranges: reads of a few bytes are answered from blocks that were read before. */
import type { fileCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';
import type { ZipBytes } from '#lib/zip/index.ts';

const BLOCK_BYTES = 512 * 1024;
const BLOCKS = 16;

export class FileBytes implements ZipBytes {
  readonly sizeBytes: number;
  readonly #file: Caller<typeof fileCalls>;
  /** By number; the one used longest ago comes first. */
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(file: Caller<typeof fileCalls>, sizeBytes: number) {
    this.#file = file;
    this.sizeBytes = sizeBytes;
  }

  /** Bytes from start to end, end not included; fewer at the end of the file. */
  async read(start: number, end: number): Promise<Uint8Array> {
    const to = Math.min(end, this.sizeBytes);
    const bytes = new Uint8Array(Math.max(0, to - start));
    for (let at = start; at < to;) {
      const block = Math.floor(at / BLOCK_BYTES);
      const from = at - block * BLOCK_BYTES;
      const piece = (await this.#block(block)).subarray(from, from + to - at);
      // The engine answers reads in full; anything else would never end.
      if (piece.length === 0) throw new RangeError('The file is shorter than it was.');
      bytes.set(piece, at - start);
      at += piece.length;
    }
    return bytes;
  }

  #block(number: number): Promise<Uint8Array> {
    const start = number * BLOCK_BYTES;
    const block =
      this.#blocks.get(number) ??
      this.#file.call('read', [start, Math.min(this.sizeBytes, start + BLOCK_BYTES)]);
    this.#blocks.delete(number);
    this.#blocks.set(number, block);
    block.catch(() => this.#blocks.delete(number));
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size > BLOCKS && oldest !== undefined) this.#blocks.delete(oldest);
    return block;
  }
}
