/**
 * The contents of `multipart/form-data` (RFC 7578), whatever the parts are called. Only older
 * clients send it (B-1 §2.1). Input: hostile.
 */
import { utf8 } from '#lib/bytes/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';

const BLANK_LINE = utf8('\r\n\r\n');
const LINE_BREAK_BYTES = 2;

/** At most so many parts, views of `body`; what follows is not looked at. Throws `MalformedRequest`. */
export function multipartParts(
  body: Uint8Array,
  contentType: string,
  maxParts: number,
): Uint8Array[] {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/u.exec(contentType);
  if (boundary === null) throw new MalformedRequest('The upload names no boundary.');
  // A line of its own, so that a body full of its beginnings costs no more than another.
  const delimiter = utf8(`\r\n--${boundary[1] ?? boundary[2] ?? ''}`);
  const first = delimiter.subarray(LINE_BREAK_BYTES);
  const parts: Uint8Array[] = [];
  let at = startsWith(body, first) ? first.length : indexOf(body, delimiter, 0) + delimiter.length;
  while (parts.length < maxParts && !isEnd(body, at)) {
    const start = indexOf(body, BLANK_LINE, at) + BLANK_LINE.length;
    const next = indexOf(body, delimiter, start);
    parts.push(body.subarray(start, next));
    at = next + delimiter.length;
  }
  return parts;
}

function startsWith(body: Uint8Array, wanted: Uint8Array): boolean {
  return body[0] === wanted[0] && matchesAt(body, wanted, 0);
}

function isEnd(body: Uint8Array, at: number): boolean {
  return body[at] === 0x2d && body[at + 1] === 0x2d;
}

function indexOf(body: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] ?? 0;
  for (let at = body.indexOf(first, from); at >= 0; at = body.indexOf(first, at + 1)) {
    if (matchesAt(body, wanted, at)) return at;
  }
  throw malformed();
}

/** Compares in place: a `subarray` for each candidate would be slow for hostile bodies. */
function matchesAt(body: Uint8Array, wanted: Uint8Array, at: number): boolean {
  for (let i = 1; i < wanted.length; i++) {
    if (body[at + i] !== wanted[i]) return false;
  }
  return true;
}

function malformed(): MalformedRequest {
  return new MalformedRequest('The parts of the upload cannot be told apart.');
}
