/**
 * The framed binary bodies of `/peergos/v0/core/…` and the follow requests (B-1, notation): a byte
 * string or text after its length, big-endian integers, one byte for true or false. A text's length
 * is counted in characters; only ASCII texts are sent, so that is its length in bytes too.
 * Input comes from the network: hostile. Readers throw {@link MalformedRequest}.
 */
import { concat, fromUtf8, utf8 } from '#lib/bytes/index.ts';
import { MalformedRequest, parseRequest } from '#lib/protocol/index.ts';

/** `F(bytes)`; a text as its UTF-8. */
export function framed(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? utf8(content) : content;
  return concat(int32(bytes.length), bytes);
}

/** `i32` */
export function int32(n: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, n);
  return bytes;
}

/** `i64` of an integer that a number holds exactly. */
export function int64(n: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(n));
  return bytes;
}

/** `bool8` */
export function bool8(value: boolean): Uint8Array {
  return Uint8Array.of(value ? 1 : 0);
}

/** Takes a framed body apart from front to back. Byte strings are views of it. */
export class FrameReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** `F(bytes)` of at most `maxBytes`; `what` names it in the error. */
  framed(maxBytes: number, what: string): Uint8Array {
    const length = this.int32();
    if (length < 0 || length > maxBytes) {
      throw new MalformedRequest(`${what} has a length of ${length}, more than ${maxBytes}.`);
    }
    return this.#take(length);
  }

  text(maxBytes: number, what: string): string {
    const bytes = this.framed(maxBytes, what);
    return parseRequest(what, () => fromUtf8(bytes));
  }

  int32(): number {
    return this.#view(4).getInt32(0);
  }

  int64(): number {
    const value = Number(this.#view(8).getBigInt64(0));
    if (!Number.isSafeInteger(value)) throw new MalformedRequest('A number is too large.');
    return value;
  }

  bool8(): boolean {
    const value = this.#take(1)[0];
    if (value !== 0 && value !== 1) throw new MalformedRequest('A byte is neither 0 nor 1.');
    return value === 1;
  }

  #view(length: number): DataView {
    const { buffer, byteOffset } = this.#take(length);
    return new DataView(buffer, byteOffset, length);
  }

  #take(length: number): Uint8Array {
    const end = this.#offset + length;
    if (end > this.#bytes.length) throw new MalformedRequest('The body ends early.');
    const taken = this.#bytes.subarray(this.#offset, end);
    this.#offset = end;
    return taken;
  }
}
