/**
 * HTTP/1.1 on a stream, from the side that asks (RFC 9112): one request, one answer. Strict: an answer
 * says the length of its body or comes in chunks, and what is malformed or too long is refused. The
 * answer is hostile.
 */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { MalformedPeerData, StreamEnded } from './errors.ts';
import type { StreamReader } from './reader.ts';

const MAX_HEAD_BYTES = 64 * 1024;
const MAX_HEADERS = 128;
const MAX_CHUNK_LINE_BYTES = 256;
/** Informational answers before the one that counts. */
const MAX_INFORMATIONAL = 4;
const PIECE_BYTES = 64 * 1024;

const STATUS_LINE = /^HTTP\/1\.[01] ([1-5]\d\d)(?: [\t\P{Cc}]*)?$/u;
const HEADER = /^([!#$%&'*+.^`|~\w-]+):[\t ]*((?:[\t\P{Cc}]*[^\p{Cc} ])?)[\t ]*$/u;
/** Headers that belong to the connection, or that the writer sets itself. */
const NOT_SENT = new Set(['connection', 'content-length', 'expect', 'host', 'transfer-encoding']);

export interface AnswerHead {
  readonly status: number;
  readonly headers: Headers;
  /** Bytes; `chunked` if it comes in chunks. */
  readonly length: number | 'chunked';
}

/** The head of a request whose body has `length` bytes. `host` is the peer id of the node. */
export function requestHead(request: Request, host: string, length: number): Uint8Array {
  const { method, url, headers } = request;
  const { pathname, search } = new URL(url);
  const lines = [`${method} ${pathname}${search} HTTP/1.1`, `Host: ${host}`];
  for (const [name, value] of headers) {
    if (!NOT_SENT.has(name)) lines.push(`${name}: ${value}`);
  }
  lines.push(`Content-Length: ${length}`, 'Connection: close');
  return utf8(`${lines.join('\r\n')}\r\n\r\n`);
}

/** Reads the head of the answer. Rejects with {@link MalformedPeerData} or `StreamEnded`. */
export async function readHead(reader: StreamReader, method: string): Promise<AnswerHead> {
  let left = MAX_HEAD_BYTES;
  const line = async (): Promise<string> => {
    const bytes = await reader.line(left);
    left -= bytes.length + 1;
    if (left < 0) throw malformed();
    return latin1(bytes);
  };
  for (let i = 0; i <= MAX_INFORMATIONAL; i++) {
    const [, code] = STATUS_LINE.exec(await line()) ?? [];
    if (code === undefined) throw malformed();
    const headers = await readHeaders(line);
    const status = Number(code);
    if (status >= 200) return { status, headers, length: lengthOf(headers, status, method) };
    if (status === 101) throw malformed();
  }
  throw malformed();
}

/** The body piece by piece. Throws as {@link readHead}. */
export async function* readBody(
  reader: StreamReader,
  length: AnswerHead['length'],
): AsyncGenerator<Uint8Array> {
  if (length !== 'chunked') {
    yield* pieces(reader, length);
    return;
  }
  for (;;) {
    const [, size] = /^([\da-f]{1,8})[ \t]*(?:;.*)?$/iu.exec(await chunkLine(reader)) ?? [];
    if (size === undefined) throw malformed();
    const bytes = Number.parseInt(size, 16);
    if (bytes === 0) break;
    yield* pieces(reader, bytes);
    if ((await chunkLine(reader)) !== '') throw malformed();
  }
  let left = MAX_HEAD_BYTES;
  await readHeaders(async () => {
    const bytes = await reader.line(left);
    left -= bytes.length + 1;
    return latin1(bytes);
  });
}

async function* pieces(reader: StreamReader, length: number): AsyncGenerator<Uint8Array> {
  for (let left = length; left > 0;) {
    const piece = await reader.some(Math.min(left, PIECE_BYTES));
    if (piece === undefined) throw new StreamEnded('The answer of the node ended early.');
    left -= piece.length;
    yield piece;
  }
}

async function readHeaders(line: () => Promise<string>): Promise<Headers> {
  const headers = new Headers();
  for (let i = 0; i <= MAX_HEADERS; i++) {
    const text = await line();
    if (text === '') return headers;
    const [, name, value] = HEADER.exec(text) ?? [];
    if (name === undefined || value === undefined) throw malformed();
    if (/^(?:content-length|transfer-encoding)$/iu.test(name) && headers.has(name)) {
      throw malformed();
    }
    headers.append(name, value);
  }
  throw malformed();
}

function lengthOf(headers: Headers, status: number, method: string): AnswerHead['length'] {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  const isWithoutBody = status === 204 || status === 304 || method === 'HEAD';
  if (isWithoutBody) return 0;
  if (coding !== null && (length !== null || coding.toLowerCase() !== 'chunked')) throw malformed();
  if (coding !== null) return 'chunked';
  if (length === null || !/^\d{1,15}$/u.test(length)) throw malformed();
  return Number(length);
}

async function chunkLine(reader: StreamReader): Promise<string> {
  return latin1(await reader.line(MAX_CHUNK_LINE_BYTES));
}

/** ASCII as it is; other bytes by their number, as the platform has headers. */
function latin1(bytes: Uint8Array): string {
  try {
    if (bytes.every((byte) => byte < 0x80)) return fromUtf8(bytes);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
  }
  return String.fromCharCode(...bytes.subarray(0, MAX_HEAD_BYTES));
}

function malformed(): MalformedPeerData {
  return new MalformedPeerData('The node answered with something that is not HTTP.');
}
