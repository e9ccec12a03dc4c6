/**
 * CBOR as authenticators write it (CTAP2 canonical CBOR; WebAuthn §6.5): integer keys, no tags. Only
 * what attestation objects and COSE keys hold. Input: hostile; bounded by its length and depth.
 */
import { fromUtf8, MalformedBytes } from '#lib/bytes/index.ts';
import { MalformedCbor } from '#lib/codec/index.ts';

export type CtapValue =
  number | string | boolean | null | Uint8Array | readonly CtapValue[] | CtapMap;
export type CtapMap = ReadonlyMap<number | string, CtapValue>;

const MAX_DEPTH = 8;

/** The first item, and the offset after it. Throws `MalformedCbor`. */
export function decodeCtap(bytes: Uint8Array): { value: CtapValue; next: number } {
  const reader = new Reader(bytes);
  try {
    return { value: reader.item(0), next: reader.offset };
  } catch (error) {
    if (error instanceof MalformedBytes) throw new MalformedCbor(error.message, { cause: error });
    throw error;
  }
}

class Reader {
  offset = 0;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    // Node's Buffer is a Uint8Array whose `slice` does not copy: work on the plain kind.
    this.#bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  item(depth: number): CtapValue {
    if (depth > MAX_DEPTH) throw new MalformedCbor('CBOR is nested too deeply.');
    const initial = this.#take(1)[0] ?? 0;
    const major = initial >> 5;
    if (major === 7) return simple(initial & 0x1f);
    const argument = this.#argument(initial & 0x1f);
    switch (major) {
      case 0:
        return argument;
      case 1:
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return fromUtf8(this.#take(argument));
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      default:
        throw new MalformedCbor('CBOR of an authenticator has a tag.');
    }
  }

  #list(count: number, depth: number): CtapValue[] {
    const list: CtapValue[] = [];
    for (let i = 0; i < count; i++) list.push(this.item(depth + 1));
    return list;
  }

  #map(count: number, depth: number): CtapMap {
    const map = new Map<number | string, CtapValue>();
    for (let i = 0; i < count; i++) {
      const key = this.item(depth + 1);
      const isKey = typeof key === 'number' || typeof key === 'string';
      if (!isKey || map.has(key)) {
        throw new MalformedCbor('A map of an authenticator is malformed.');
      }
      map.set(key, this.item(depth + 1));
    }
    return map;
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info > 26) throw new MalformedCbor('CBOR of an authenticator has too large a number.');
    return this.#take(1 << (info - 24)).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  #take(length: number): Uint8Array {
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new MalformedCbor('CBOR ends early.');
    const view = this.#bytes.slice(this.offset, end);
    this.offset = end;
    return view;
  }
}

function simple(info: number): boolean | null {
  if (info === 20) return false;
  if (info === 21) return true;
  if (info === 22) return null;
  throw new MalformedCbor('CBOR of an authenticator has an unknown simple value.');
}
