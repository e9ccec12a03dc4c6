/**
 * The decoder (A-1 §1.4). Its input is hostile: whatever the bytes, it answers a value or throws
 * {@link MalformedCbor}, in time and memory bounded by the length of the input, and by the number of
 * values its caller expects at most: small values take a hundred times their length in memory.
 *
 * Two strictnesses, as the protocol wants it: a value may be followed by padding and need not be
 * canonical; a whole dag-cbor block must be canonical to the last byte, since peers hash its
 * re-encoding (§1.5). Byte strings longer than {@link COPY_MAX_BYTES} are views of the input;
 * shorter ones are copies, so that a cached key does not keep a whole block alive.
 */
import { fromUtf8, MalformedBytes } from '#lib/bytes/index.ts';
import { Cid, MalformedCid } from './cid.ts';
import { CBOR_MAX_VALUES, CID_TEXT_MAX_UNITS } from './limits.ts';
import { compareKeys, MalformedCbor, MAX_DEPTH } from './value.ts';
import type { CborMap, CborValue } from './value.ts';

const COPY_MAX_BYTES = 1024;

/** The first item of `bytes`; what follows it is ignored (padding, A-3). */
export function decodeCbor(bytes: Uint8Array, maxValues = CBOR_MAX_VALUES): CborValue {
  return new Reader(bytes, 0, maxValues).top();
}

/** The item at `offset`, and the offset after it. */
export function decodeCborPrefix(
  bytes: Uint8Array,
  offset = 0,
): { value: CborValue; next: number } {
  const reader = new Reader(bytes, offset, CBOR_MAX_VALUES);
  const value = reader.top();
  return { value, next: reader.offset };
}

/** A whole dag-cbor block: canonical, and nothing after it. */
export function decodeBlock(bytes: Uint8Array, maxValues = CBOR_MAX_VALUES): CborValue {
  const reader = new Reader(bytes, 0, maxValues);
  const value = reader.top();
  if (reader.offset !== bytes.length) throw new MalformedCbor('A block has bytes after its end.');
  if (!reader.canonical) throw new MalformedCbor('A block is not in canonical form.');
  return value;
}

class Reader {
  readonly #bytes: Uint8Array;
  offset: number;
  /** Turns false at the first sign of an encoding that {@link encodeCbor} would not have made. */
  canonical = true;

  #valuesLeft: number;

  constructor(bytes: Uint8Array, offset: number, maxValues: number) {
    // Node's Buffer is a Uint8Array whose `slice` does not copy: work on the plain kind.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    this.offset = offset;
    this.#valuesLeft = maxValues;
  }

  top(): CborValue {
    try {
      return this.#item(0);
    } catch (error) {
      if (error instanceof MalformedCid || error instanceof MalformedBytes) {
        throw new MalformedCbor(error.message, { cause: error });
      }
      throw error;
    }
  }

  #item(depth: number): CborValue {
    if (--this.#valuesLeft < 0) throw new MalformedCbor('CBOR has too many values.');
    if (depth > MAX_DEPTH) throw new MalformedCbor('CBOR is nested too deeply.');
    const initial = this.#byte();
    const major = initial >> 5;
    const info = initial & 0x1f;
    switch (major) {
      case 0:
        return this.#argument(info);
      case 1:
        return negative(this.#argument(info));
      case 2:
        return this.#byteString(info);
      case 3:
        return this.#text(info);
      case 4:
        return this.#list(info, depth);
      case 5:
        return this.#map(info, depth);
      case 6:
        return this.#link(info);
      default:
        return simple(info);
    }
  }

  #list(info: number, depth: number): CborValue[] {
    const count = this.#length(info);
    const list: CborValue[] = [];
    for (let i = 0; i < count; i++) list.push(this.#item(depth + 1));
    return list;
  }

  #map(info: number, depth: number): CborMap {
    const count = this.#length(info);
    const map = new Map<string, CborValue>();
    let previous: string | undefined;
    for (let i = 0; i < count; i++) {
      const initial = this.#byte();
      if (initial >> 5 !== 3) throw new MalformedCbor('A map has a key that is not text.');
      const key = this.#text(initial & 0x1f);
      if (map.has(key)) throw new MalformedCbor('A map has the same key twice.');
      if (previous !== undefined && compareKeys(previous, key) > 0) this.canonical = false;
      previous = key;
      map.set(key, this.#item(depth + 1));
    }
    return map;
  }

  #link(info: number): Cid {
    if (this.#argument(info) !== 42) throw new MalformedCbor('CBOR has a tag other than 42.');
    const initial = this.#byte();
    if (initial >> 5 === 3) {
      this.canonical = false; // links in text form are a legacy of readers only (A-1 §2)
      return Cid.parse(this.#text(initial & 0x1f), CID_TEXT_MAX_UNITS);
    }
    if (initial >> 5 !== 2) throw new MalformedCbor('A link is not a byte string.');
    const content = this.#view(this.#length(initial & 0x1f));
    if (content[0] !== 0x00) throw new MalformedCbor('A link does not begin with 00.');
    return Cid.fromBytes(content.subarray(1));
  }

  #byteString(info: number): Uint8Array {
    const view = this.#view(this.#length(info));
    return view.length > COPY_MAX_BYTES ? view : view.slice();
  }

  #text(info: number): string {
    const view = this.#view(this.#length(info));
    if (view.length > 32) return fromUtf8(view);
    let text = '';
    for (const byte of view) {
      if (byte >= 0x80) return fromUtf8(view);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** A length or count; every element takes at least a byte, so more than the input is a lie. */
  #length(info: number): number {
    const length = this.#argument(info);
    if (typeof length === 'bigint' || length > this.#bytes.length) {
      throw new MalformedCbor('CBOR announces more than there is.');
    }
    return length;
  }

  /** 0 … 2^63−1. */
  #argument(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) throw new MalformedCbor('CBOR has a reserved or indefinite length.');
    const size = 1 << (info - 24);
    const view = this.#view(size);
    let high = 0;
    let low = 0;
    for (let i = 0; i < size; i++) {
      high = ((high << 8) | (low >>> 24)) >>> 0;
      low = ((low << 8) | (view[i] as number)) >>> 0;
    }
    if (high >= 0x80000000) throw new MalformedCbor('CBOR has an integer beyond 63 bits.');
    if (size === 8 ? high === 0 : low < (size === 1 ? 24 : size === 2 ? 0x100 : 0x10000)) {
      this.canonical = false;
    }
    if (high < 0x200000) return high * 0x100000000 + low;
    return (BigInt(high) << 32n) | BigInt(low);
  }

  #byte(): number {
    const byte = this.#bytes[this.offset];
    if (byte === undefined) throw new MalformedCbor('CBOR ends early.');
    this.offset++;
    return byte;
  }

  #view(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new MalformedCbor('CBOR ends early.');
    const view = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return view;
  }
}

function negative(argument: number | bigint): number | bigint {
  // −1 − (2^53 − 1) is the one argument that is exact while its result is not a safe integer.
  if (argument === Number.MAX_SAFE_INTEGER) return -1n - BigInt(argument);
  return typeof argument === 'number' ? -1 - argument : -1n - argument;
}

function simple(info: number): boolean | null {
  if (info === 20) return false;
  if (info === 21) return true;
  if (info === 22) return null;
  throw new MalformedCbor('CBOR has a float, an undefined or an unknown simple value.');
}
