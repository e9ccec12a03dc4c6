/**
 * Reading here and there in a file: neighbouring looks share one read, and the whole is bounded, so
 * that a file of a million tiny parts is not read through for its size.
 */

/** Bytes [start, end) of a file. */
export type ReadBytes = (start: number, end: number) => Uint8Array | Promise<Uint8Array>;

const WINDOW_BYTES = 16 * 1024;
/** Then the search is given up. */
const MOST_READS = 64;

export class ByteWindow {
  readonly sizeBytes: number;
  readonly #read: ReadBytes;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #reads = 0;

  constructor(read: ReadBytes, sizeBytes: number) {
    this.#read = read;
    this.sizeBytes = sizeBytes;
  }

  /** These bytes. Throws a RangeError past the end of the file, or when too much was read. */
  async view(at: number, length: number): Promise<DataView> {
    if (at + length > this.sizeBytes) throw new RangeError('The file ends before.');
    const isHere = at >= this.#start && at + length <= this.#start + this.#bytes.length;
    if (!isHere) {
      this.#reads += 1;
      if (this.#reads > MOST_READS) throw new RangeError('The file has too many parts.');
      this.#bytes = await this.#read(at, Math.min(this.sizeBytes, at + WINDOW_BYTES));
      this.#start = at;
    }
    const { buffer, byteOffset } = this.#bytes;
    return new DataView(buffer, byteOffset + at - this.#start, length);
  }
}
