/**
 * Keys as bytes whose order is the order of the keys. Databases compare text by code point or by a
 * locale; keys sort by UTF-16 code unit. So each code unit is written by itself the way UTF-8 writes
 * a number (a surrogate takes three bytes): ASCII stays as it is, and `memcmp` gives the order.
 */

/** The bytes of a key, or of the beginning of one. */
export function keyToBytes(key: string): Uint8Array {
  return isAscii(key) ? Buffer.from(key, 'latin1') : unitsToBytes(key);
}

/** The key whose bytes these are, as {@link keyToBytes} wrote them. */
export function keyFromBytes(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  return isAscii(text) ? text : unitsFromBytes(bytes);
}

export interface KeyRange {
  /** The first bytes a key may have; not empty. */
  readonly from: Uint8Array;
  /** Keys sort before this. */
  readonly before: Uint8Array;
}

/** Keys that start with `prefix` and sort after `after`. */
export function keyRange(prefix: string, after: string | undefined): KeyRange {
  const start = keyToBytes(prefix);
  const before = withByte(start, 0xff); // no key holds this byte
  if (after !== undefined && after >= prefix) {
    return { from: withByte(keyToBytes(after), 0), before }; // nothing sorts between the two
  }
  return { from: start.length === 0 ? new Uint8Array(1) : start, before };
}

function withByte(bytes: Uint8Array, last: number): Uint8Array {
  const longer = new Uint8Array(bytes.length + 1);
  longer.set(bytes);
  longer[bytes.length] = last;
  return longer;
}

/** True for nearly every key there is; the engines see it at a glance. */
function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- NUL is a character like any other here
  return /^[\u0000-\u007f]*$/.test(text);
}

function unitsToBytes(key: string): Uint8Array {
  const bytes = new Uint8Array(key.length * 3);
  let end = 0;
  for (let i = 0; i < key.length; i++) {
    const unit = key.charCodeAt(i);
    if (unit < 0x80) {
      bytes[end++] = unit;
    } else {
      if (unit < 0x800) {
        bytes[end++] = 0xc0 | (unit >> 6);
      } else {
        bytes[end++] = 0xe0 | (unit >> 12);
        bytes[end++] = 0x80 | ((unit >> 6) & 0x3f);
      }
      bytes[end++] = 0x80 | (unit & 0x3f);
    }
  }
  return bytes.subarray(0, end);
}

function unitsFromBytes(bytes: Uint8Array): string {
  let key = '';
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i++] ?? 0;
    const next = () => (bytes[i++] ?? 0) & 0x3f;
    if (first < 0x80) key += String.fromCharCode(first);
    else if (first < 0xe0) key += String.fromCharCode(((first & 0x1f) << 6) | next());
    else key += String.fromCharCode(((first & 0x0f) << 12) | (next() << 6) | next());
  }
  return key;
}
