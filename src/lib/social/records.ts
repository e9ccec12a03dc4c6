/** Reading this room's records: hostile input of friends, and our own files that may be damaged. */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { decodeCbor, decodeCborPrefix, encodeCbor, type CborValue } from '#lib/codec/index.ts';
import { MalformedSocialRecord } from './errors.ts';

/** Largest record that is read at once; a friend decides the size of his. */
export const RECORD_MAX_BYTES = 16 * 1024 * 1024;

/** Runs a parser; what it meets is one kind of error, whatever the format. */
export function readingRecord<T>(what: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new MalformedSocialRecord(`${what} cannot be read.`, { cause: error });
  }
}

/** Items written one after the other without frame or header (C-2 §2.1). */
export function itemsOf<T>(what: string, bytes: Uint8Array, parse: (value: CborValue) => T): T[] {
  return readingRecord(what, () => {
    const items: T[] = [];
    for (let at = 0; at < bytes.length;) {
      const { value, next } = decodeCborPrefix(bytes, at);
      items.push(parse(value));
      at = next;
    }
    return items;
  });
}

export function itemsToBytes(values: readonly CborValue[]): Uint8Array {
  return concat(...values.map((value) => encodeCbor(value)));
}

/** One record; as lenient as the clients that wrote it. */
export function decodeRecord(bytes: Uint8Array): CborValue {
  return decodeCbor(bytes, bytes.length);
}
