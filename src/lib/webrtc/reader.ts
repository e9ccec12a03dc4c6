/** Reading from a stream by lengths and lines. Everything is bounded; all bytes are hostile. */
import { concat, decodeVarint } from '#lib/bytes/index.ts';
import { MalformedPeerData, StreamEnded } from './errors.ts';

const LINE_FEED = 0x0a;

export class StreamReader {
  readonly #next: () => Promise<Uint8Array | undefined>;
  #rest = new Uint8Array() as Uint8Array;

  /** `next` answers undefined at the end. */
  constructor(next: () => Promise<Uint8Array | undefined>) {
    this.#next = next;
  }

  /** What comes next, at most `maxBytes` and at least one byte; undefined at the end. */
  async some(maxBytes: number): Promise<Uint8Array | undefined> {
    if (this.#rest.length === 0 && !(await this.#more())) return undefined;
    const piece = this.#rest.subarray(0, maxBytes);
    this.#rest = this.#rest.subarray(piece.length);
    return piece;
  }

  /** So many bytes. Rejects with {@link StreamEnded} if there are less. */
  async exactly(length: number): Promise<Uint8Array> {
    while (this.#rest.length < length) await this.#need();
    const bytes = this.#rest.slice(0, length);
    this.#rest = this.#rest.subarray(length);
    return bytes;
  }

  /** Bytes with a varint before them that says how many there are. */
  async lengthPrefixed(maxBytes: number): Promise<Uint8Array> {
    let size = 1;
    while ((await this.#peek(size - 1)) >= 0x80 && size < 3) size++;
    const prefix = await this.exactly(size);
    const length = prefix[size - 1]! < 0x80 ? Number(decodeVarint(prefix).value) : Infinity;
    if (length > maxBytes) throw new MalformedPeerData('A message is too long.');
    return this.exactly(length);
  }

  /** Up to a line feed, which is not part of the answer, nor is a carriage return before it. */
  async line(maxBytes: number): Promise<Uint8Array> {
    let searched = 0;
    for (;;) {
      const end = this.#rest.indexOf(LINE_FEED, searched);
      if (end > maxBytes || (end < 0 && this.#rest.length > maxBytes)) {
        throw new MalformedPeerData('A line is too long.');
      }
      if (end >= 0) {
        const bytes = await this.exactly(end + 1);
        return bytes.subarray(0, bytes[end - 1] === 0x0d ? end - 1 : end);
      }
      searched = this.#rest.length;
      await this.#need();
    }
  }

  /** What was received and not read. */
  takeRest(): Uint8Array {
    const rest = this.#rest;
    this.#rest = new Uint8Array();
    return rest;
  }

  async #peek(index: number): Promise<number> {
    while (this.#rest.length <= index) await this.#need();
    return this.#rest[index]!;
  }

  async #need(): Promise<void> {
    if (!(await this.#more())) throw new StreamEnded('The stream ended early.');
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const piece = await this.#next();
      if (piece === undefined) return false;
      if (piece.length === 0) continue;
      this.#rest = this.#rest.length === 0 ? piece : concat(this.#rest, piece);
      return true;
    }
  }
}
