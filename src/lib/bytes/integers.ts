/** Unsigned LEB128 varints (A-1 §3) and fixed-width integers. */
import { MalformedBytes } from './errors.ts';

const MAX_U64 = (1n << 64n) - 1n;
const MAX_VARINT_BYTES = 10;

/** Shortest LEB128 form of 0 … 2^64−1. Throws `RangeError` for anything else. */
export function encodeVarint(n: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = toU64(n);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

/**
 * Reads one varint at `offset`; `next` is the offset after it. The value is a number when that is
 * exact, else a bigint. Throws {@link MalformedBytes} for truncated, over-long and non-minimal input.
 */
export function decodeVarint(
  bytes: Uint8Array,
  offset = 0,
): { value: number | bigint; next: number } {
  let low = 0; // the first 49 bits, exact in a number
  for (let i = 0; i < MAX_VARINT_BYTES; i++) {
    const byte = bytes[offset + i];
    if (byte === undefined) throw new MalformedBytes('A varint ends early.');
    if (i < 7) low += (byte & 0x7f) * 2 ** (7 * i);
    if (byte >= 0x80) continue;
    if (byte === 0 && i > 0) throw new MalformedBytes('A varint is longer than it needs to be.');
    if (i === MAX_VARINT_BYTES - 1 && byte > 1) break;
    const next = offset + i + 1;
    return { value: i < 7 ? low : bigVarint(bytes.subarray(offset, next)), next };
  }
  throw new MalformedBytes('A varint is larger than 64 bits.');
}

function bigVarint(bytes: Uint8Array): number | bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) {
    value = (value << 7n) | BigInt((bytes[i] as number) & 0x7f);
  }
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

/** Eight bytes, least significant first. */
export function u64le(n: number | bigint): Uint8Array {
  return u64(n, true);
}

/** Eight bytes, most significant first. */
export function u64be(n: number | bigint): Uint8Array {
  return u64(n, false);
}

/** Four bytes, least significant first. */
export function u32le(n: number): Uint8Array {
  if (!Number.isInteger(n) || n < 0 || n > 0xffffffff) throw new RangeError('not a 32-bit number');
  return Uint8Array.of(n & 0xff, (n >>> 8) & 0xff, (n >>> 16) & 0xff, n >>> 24);
}

function u64(n: number | bigint, littleEndian: boolean): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, toU64(n), littleEndian);
  return bytes;
}

function toU64(n: number | bigint): bigint {
  if (typeof n === 'number' && !Number.isSafeInteger(n)) throw new RangeError('not an integer');
  const big = BigInt(n);
  if (big < 0n || big > MAX_U64) throw new RangeError('not an unsigned 64-bit number');
  return big;
}
