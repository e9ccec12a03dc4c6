/**
 * Reads a stream of pieces of any length as one row of bytes, holding one piece and what was asked
 * for. Lengths that come out of the stream are compared with a limit before anything is reserved.
 */
import { decodeVarint, MalformedBytes } from '#lib/bytes/index.ts';
import { MalformedArchive, TruncatedArchive } from './errors.ts';

/** A varint of this many bytes says more than any length here may be. */
const MAX_LENGTH_VARINT_BYTES = 5;

export class ByteReader {
  readonly #pieces: AsyncIterator<Uint8Array>;
  #piece: Uint8Array = new Uint8Array(0);
  #takenBytes = 0;

  constructor(pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** How far into the stream the next byte is. */
  get takenBytes(): number {
    return this.#takenBytes;
  }

  /** Exactly `length` bytes, a copy. Throws {@link TruncatedArchive}. */
  async take(length: number): Promise<Uint8Array> {
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      if (!(await this.#hasMore())) throw new TruncatedArchive();
      const part = this.#piece.subarray(0, length - filled);
      taken.set(part, filled);
      this.#piece = this.#piece.subarray(part.length);
      filled += part.length;
      this.#takenBytes += part.length;
    }
    return taken;
  }

  /** A length of at most `maxBytes`; undefined where the stream ends before it. */
  async takeLength(maxBytes: number, what: string): Promise<number | undefined> {
    if (!(await this.#hasMore())) return undefined;
    const bytes: number[] = [];
    do {
      if (bytes.length === MAX_LENGTH_VARINT_BYTES) throw tooLong(what);
      bytes.push((await this.take(1))[0]!);
    } while (bytes.at(-1)! >= 0x80);
    const length = parseLength(Uint8Array.from(bytes));
    if (length > maxBytes) throw tooLong(what);
    return length;
  }

  /** Lets go of the stream before its end. */
  async close(): Promise<void> {
    await this.#pieces.return?.();
  }

  async #hasMore(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#pieces.next();
      if (next.done === true) return false;
      this.#piece = next.value;
    }
    return true;
  }
}

function tooLong(what: string): MalformedArchive {
  return new MalformedArchive(`${what} is said to be longer than it may be.`);
}

function parseLength(bytes: Uint8Array): number {
  try {
    return Number(decodeVarint(bytes).value);
  } catch (error) {
    if (!(error instanceof MalformedBytes)) throw error;
    throw new MalformedArchive('A length in the block file is malformed.', { cause: error });
  }
}
