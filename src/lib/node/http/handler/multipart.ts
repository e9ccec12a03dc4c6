/**
 * The contents of `multipart/form-data` (RFC 7578), whatever the parts are called. Only older
 * clients send it (B-1 §2.1). Input: hostile.
 */
import { equalBytes, utf8 } from '#lib/bytes/index.ts';
import { MalformedRequest } from '../../errors.ts';

const BLANK_LINE = utf8('\r\n\r\n');

/** Throws `MalformedRequest`. The parts are views of `body`. */
export function multipartParts(body: Uint8Array, contentType: string): Uint8Array[] {
  const boundary = /boundary=(?:"([^"]{1,70})"|([^;\s]{1,70}))/u.exec(contentType);
  if (boundary === null) throw new MalformedRequest('The upload names no boundary.');
  const delimiter = utf8(`--${boundary[1] ?? boundary[2] ?? ''}`);
  const parts: Uint8Array[] = [];
  let at = indexOf(body, delimiter, 0) + delimiter.length;
  while (!isEnd(body, at)) {
    const start = indexOf(body, BLANK_LINE, at) + BLANK_LINE.length;
    const next = indexOf(body, delimiter, start);
    if (next < start + 2) throw malformed();
    // The line break before a delimiter belongs to it.
    parts.push(body.subarray(start, next - 2));
    at = next + delimiter.length;
  }
  return parts;
}

function isEnd(body: Uint8Array, at: number): boolean {
  return body[at] === 0x2d && body[at + 1] === 0x2d;
}

function indexOf(body: Uint8Array, wanted: Uint8Array, from: number): number {
  const first = wanted[0] ?? 0;
  for (let at = body.indexOf(first, from); at >= 0; at = body.indexOf(first, at + 1)) {
    if (equalBytes(body.subarray(at, at + wanted.length), wanted)) return at;
  }
  throw malformed();
}

function malformed(): MalformedRequest {
  return new MalformedRequest('The parts of the upload cannot be told apart.');
}
