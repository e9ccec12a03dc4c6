/**
 * Responses (B-1 §1.1, §2). Stored bytes are somebody's: nothing here may ever be taken for a page
 * or script of the node's origin, and only blocks, named by their hash, may be kept by caches.
 */
import { encodeCborPieces } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { bool8 } from '../wire/framing.ts';
import { encodeTrailer, REFUSAL_HEADER } from '../wire/parse-refusal.ts';

/** What a text repeats of the request may be long; clients take headers of some kilobytes only. */
const TEXT_MAX_UNITS = 500;
const BYTES = 'application/octet-stream';

const contents = new WeakMap<Response, readonly Uint8Array[]>();

/** The pieces an answer of this handler consists of, for a server that sends it without the stream. */
export function contentOf(response: Response): readonly Uint8Array[] | undefined {
  return contents.get(response);
}

export function bytesAnswer(bytes: Uint8Array): Response {
  return answer([bytes], BYTES);
}

export function cborAnswer(value: CborValue): Response {
  return answer(encodeCborPieces(value), BYTES);
}

export function boolAnswer(value: boolean): Response {
  return answer([bool8(value)], BYTES);
}

export function textAnswer(text: string): Response {
  return answer(text, 'text/plain; charset=utf-8');
}

export function jsonAnswer(text: string): Response {
  return answer(text, 'application/json');
}

/** What a CID names never changes: the answer may be cached for a year, or need not be sent again. */
export function cached(response: Response, cid: Cid, request: Request): Response {
  const etag = `"${cid.toString()}"`;
  const isKnown = request.headers.get('if-none-match')?.includes(etag) === true;
  const answered = isKnown ? new Response(null, { status: 304 }) : response;
  answered.headers.set('ETag', etag);
  answered.headers.set('Cache-Control', 'public, max-age=31622400 immutable');
  return answered;
}

/** Status 400 unless another is given; the text travels in headers, foremost `Trailer`. */
export function refusalAnswer(text: string, status = 400): Response {
  const trailer = encodeTrailer(text.slice(0, TEXT_MAX_UNITS));
  const headers = { Trailer: trailer, [REFUSAL_HEADER]: trailer, 'Content-Type': 'text/plain' };
  return new Response(null, { status, headers });
}

export function emptyAnswer(status: number): Response {
  return new Response(null, { status });
}

/** What every answer carries. */
export function guarded(response: Response): Response {
  const { headers } = response;
  headers.set('X-Content-Type-Options', 'nosniff');
  headers.set('Content-Security-Policy', "default-src 'none'; sandbox");
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  if (!headers.has('Cache-Control')) headers.set('Cache-Control', 'no-store');
  return response;
}

function answer(body: readonly Uint8Array[] | string, type: string): Response {
  const init = { headers: { 'Content-Type': type } };
  if (typeof body === 'string') return new Response(body, init);
  const response = new Response(streamOf(body), init);
  contents.set(response, body);
  return response;
}

/** A `Response` made from bytes copies them, and copies them again when they are read. */
function streamOf(pieces: readonly Uint8Array[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      pull(controller) {
        for (const piece of pieces) {
          if (piece.length > 0) controller.enqueue(piece as Uint8Array<ArrayBuffer>);
        }
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
