/**
 * `Range` request headers (RFC 9110 §14): one byte range of a file of known size.
 *
 * The header is hostile input. What is not a single well-formed byte range is ignored, as the RFC
 * asks, and the whole file is answered; a well-formed range without a byte in the file is 416.
 */

export type RangeAnswer =
  | { readonly kind: 'whole' }
  /** Bytes `start` to `end`, `end` not included. */
  | { readonly kind: 'part'; readonly start: number; readonly end: number }
  | { readonly kind: 'unsatisfiable' };

const SINGLE_RANGE = /^bytes=(\d{0,16})-(\d{0,16})$/;

/** What a `Range` header asks of a file of `sizeBytes` bytes. */
export function parseRange(header: string | null, sizeBytes: number): RangeAnswer {
  const match = header === null ? null : SINGLE_RANGE.exec(header.trim());
  const [, first = '', last = ''] = match ?? [];
  if (first === '' && last === '') return { kind: 'whole' };
  if (first === '') return suffix(Number(last), sizeBytes);
  const start = Number(first);
  const end = last === '' ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== '' && Number(last) < start) return { kind: 'whole' };
  if (start >= sizeBytes) return { kind: 'unsatisfiable' };
  return { kind: 'part', start, end };
}

function suffix(length: number, sizeBytes: number): RangeAnswer {
  if (length === 0 || sizeBytes === 0) return { kind: 'unsatisfiable' };
  return { kind: 'part', start: Math.max(0, sizeBytes - length), end: sizeBytes };
}
