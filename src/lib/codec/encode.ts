/**
 * The canonical encoder (A-1 §1.2): shortest lengths, definite lengths, map keys in the order of
 * §1.3. One pass measures and checks the value, a second writes into memory of exactly that size.
 *
 * Refuses, with {@link MalformedCbor}, what has no canonical form: unpaired surrogates, integers
 * beyond 64 bits or not exact, nesting beyond the cap.
 */
import { Cid } from './cid.ts';
import { compareKeys, MalformedCbor, MAX_DEPTH, MAX_I64, MIN_I64 } from './value.ts';
import type { CborMap, CborValue } from './value.ts';

/** Canonical bytes of `value`. */
export function encodeCbor(value: CborValue): Uint8Array {
  const bytes = new Uint8Array(sizeOf(value, 0));
  new Writer(bytes).value(value);
  return bytes;
}

/**
 * The same bytes in pieces: byte strings from {@link APART_BYTES} on stand for themselves and are
 * not copied. For what is handed on at once.
 */
export function encodeCborPieces(value: CborValue): Uint8Array[] {
  const bytes = new Uint8Array(sizeOf(value, 0) - sizeApart(value));
  const writer = new Writer(bytes, APART_BYTES);
  writer.value(value);
  return writer.pieces();
}

const APART_BYTES = 16 * 1024;

function sizeApart(value: CborValue): number {
  if (value instanceof Uint8Array) return value.length < APART_BYTES ? 0 : value.length;
  const isMany = Array.isArray(value) || value instanceof Map;
  if (!isMany) return 0;
  let size = 0;
  for (const item of (value as readonly CborValue[] | CborMap).values()) size += sizeApart(item);
  return size;
}

/** Tag 42, then the head of the byte string, then the `00` that stands for "raw binary" (A-1 §2). */
const TAG_42_BYTES = 2;

function sizeOf(value: CborValue, depth: number): number {
  if (depth > MAX_DEPTH) throw new MalformedCbor('The value is nested too deeply to be written.');
  if (typeof value === 'string') return sizeOfString(utf8Length(value));
  if (typeof value === 'number' || typeof value === 'bigint') return sizeOfInteger(value);
  if (typeof value === 'boolean' || value === null) return 1;
  if (value instanceof Uint8Array) return sizeOfString(value.length);
  if (value instanceof Cid) return TAG_42_BYTES + sizeOfString(value.bytes.length + 1);
  if (Array.isArray(value)) return sizeOfList(value as readonly CborValue[], depth);
  if (value instanceof Map) return sizeOfMap(value as CborMap, depth);
  throw new MalformedCbor('The value has a type that CBOR does not carry.');
}

function sizeOfList(list: readonly CborValue[], depth: number): number {
  let size = headSize(list.length);
  for (const item of list) size += sizeOf(item, depth + 1);
  return size;
}

function sizeOfMap(map: CborMap, depth: number): number {
  let size = headSize(map.size);
  for (const [key, item] of map) size += sizeOfString(utf8Length(key)) + sizeOf(item, depth + 1);
  return size;
}

function sizeOfString(length: number): number {
  return headSize(length) + length;
}

function sizeOfInteger(n: number | bigint): number {
  if (typeof n === 'number') {
    if (!Number.isSafeInteger(n)) throw new MalformedCbor('A number is not an exact integer.');
    return headSize(n < 0 ? -1 - n : n);
  }
  if (n > MAX_I64 || n < MIN_I64) throw new MalformedCbor('An integer is larger than 64 bits.');
  return headSize(Number(n < 0n ? -1n - n : n));
}

/** Rounding beyond 2^53 cannot cross a border between sizes. */
function headSize(argument: number): number {
  if (argument < 24) return 1;
  if (argument < 0x100) return 2;
  if (argument < 0x10000) return 3;
  return argument < 0x100000000 ? 5 : 9;
}

function utf8Length(text: string): number {
  let length = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    if (unit < 0x800) length += 1;
    else if (unit < 0xd800 || unit > 0xdfff) length += 2;
    else if (unit < 0xdc00 && isLowSurrogate(text.charCodeAt(i + 1))) {
      length += 2; // four bytes for two units
      i++;
    } else throw new MalformedCbor('A text holds half of a character.');
  }
  return length;
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

const textEncoder = new TextEncoder();

/** Writes a value that {@link sizeOf} accepted, so nothing is checked again. */
class Writer {
  readonly #bytes: Uint8Array;
  readonly #apartBytes: number;
  readonly #pieces: Uint8Array[] = [];
  #offset = 0;
  /** Where the piece begins that is being written. */
  #start = 0;

  constructor(bytes: Uint8Array, apartBytes = Infinity) {
    this.#bytes = bytes;
    this.#apartBytes = apartBytes;
  }

  pieces(): Uint8Array[] {
    return [...this.#pieces, this.#bytes.subarray(this.#start, this.#offset)];
  }

  value(value: CborValue): void {
    if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#head(2, value.length).#string(value);
    else if (typeof value === 'number' || typeof value === 'bigint') this.#integer(value);
    else if (value === null) this.#byte(0xf6);
    else if (typeof value === 'boolean') this.#byte(value ? 0xf5 : 0xf4);
    else if (value instanceof Cid) this.#link(value);
    else if (Array.isArray(value)) this.#list(value as readonly CborValue[]);
    else this.#map(value as CborMap);
  }

  #list(list: readonly CborValue[]): void {
    this.#head(4, list.length);
    for (const item of list) this.value(item);
  }

  #map(map: CborMap): void {
    this.#head(5, map.size);
    for (const [key, item] of inKeyOrder(map)) {
      this.#text(key);
      this.value(item);
    }
  }

  #link(cid: Cid): void {
    this.#byte(0xd8);
    this.#byte(0x2a);
    this.#head(2, cid.bytes.length + 1);
    this.#byte(0x00);
    this.#raw(cid.bytes);
  }

  #integer(n: number | bigint): void {
    if (n < 0) this.#head(1, typeof n === 'number' ? -1 - n : -1n - n);
    else this.#head(0, n);
  }

  #text(text: string): void {
    const length = utf8Length(text);
    this.#head(3, length);
    if (length === text.length && length < 64) {
      for (let i = 0; i < length; i++) this.#bytes[this.#offset++] = text.charCodeAt(i);
      return;
    }
    textEncoder.encodeInto(text, this.#bytes.subarray(this.#offset));
    this.#offset += length;
  }

  #head(major: number, argument: number | bigint): this {
    const type = major << 5;
    if (argument < 24) return this.#byte(type | Number(argument));
    if (argument < 0x100) return this.#byte(type | 24).#bigEndian(Number(argument), 1);
    if (argument < 0x10000) return this.#byte(type | 25).#bigEndian(Number(argument), 2);
    if (argument < 0x100000000) return this.#byte(type | 26).#bigEndian(Number(argument), 4);
    const big = BigInt(argument);
    this.#byte(type | 27).#bigEndian(Number(big >> 32n), 4);
    return this.#bigEndian(Number(big & 0xffffffffn), 4);
  }

  #bigEndian(n: number, size: number): this {
    for (let shift = 8 * (size - 1); shift >= 0; shift -= 8) this.#byte((n >>> shift) & 0xff);
    return this;
  }

  #byte(byte: number): this {
    this.#bytes[this.#offset++] = byte;
    return this;
  }

  #string(bytes: Uint8Array): void {
    if (bytes.length < this.#apartBytes) {
      this.#raw(bytes);
      return;
    }
    this.#pieces.push(this.#bytes.subarray(this.#start, this.#offset), bytes);
    this.#start = this.#offset;
  }

  #raw(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#offset);
    this.#offset += bytes.length;
  }
}

function inKeyOrder(map: CborMap): Iterable<readonly [string, CborValue]> {
  let previous: string | undefined;
  for (const key of map.keys()) {
    if (previous !== undefined && compareKeys(previous, key) > 0) {
      return [...map].sort(([a], [b]) => compareKeys(a, b));
    }
    previous = key;
  }
  return map;
}
