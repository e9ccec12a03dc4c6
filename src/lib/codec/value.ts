/** The data model of A-1 §1.1 and the one error of the codec. */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from './cid.ts';

/**
 * Integers are numbers when that is exact and bigints otherwise; both are encoded. Bytes are read
 * only: decoded ones may share memory with the input.
 */
export type CborValue =
  number | bigint | string | boolean | null | Uint8Array | Cid | readonly CborValue[] | CborMap;

export type CborMap = ReadonlyMap<string, CborValue>;

/** Nesting that is read or written. Real data stay below 10. */
export const MAX_DEPTH = 512;

export const MAX_I64 = (1n << 63n) - 1n;
export const MIN_I64 = -(1n << 63n);

/** CBOR that cannot be read, a value that cannot be written, or a field of another type than it should be. */
export class MalformedCbor extends PyrgosError {
  override readonly name: string = 'MalformedCbor';
  override readonly kind = 'damaged';
}

/** Key order of maps (A-1 §1.3): fewer UTF-16 units first, then unit by unit. Not a UTF-8 order. */
export function compareKeys(a: string, b: string): number {
  return a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);
}

/** A map in canonical order; entries whose value is undefined are left out. Throws if a key repeats. */
export function cborMap(entries: Iterable<readonly [string, CborValue | undefined]>): CborMap {
  const present = [...entries].filter((entry) => entry[1] !== undefined);
  present.sort(([a], [b]) => compareKeys(a, b));
  const map = new Map(present as [string, CborValue][]);
  if (map.size !== present.length) throw new MalformedCbor('A map has the same key twice.');
  return map;
}
