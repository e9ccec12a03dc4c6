/**
 * Answers to requests for a person's file: whole or one range, streamed from verified, decrypted
 * chunks, pulled by the browser and abandoned when it seeks elsewhere.
 */
import type { FileTicket } from '#lib/tickets/index.ts';
import { fileHeaders, isExecutingDestination } from './headers.ts';
import { parseRange } from './range.ts';

/** Plain bytes of one file, verified before they are handed out. */
export interface FileSource {
  readonly sizeBytes: number;
  /** Bytes `start` to `end`, `end` not included, in order. */
  read(start: number, end: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Called as bytes are handed to the browser. */
export interface StreamListener {
  onBytes(count: number): void;
  onEnd(state: 'done' | 'failed' | 'cancelled', error?: unknown): void;
}

const NO_LISTENER: StreamListener = { onBytes: () => undefined, onEnd: () => undefined };

/** Whether a request may be answered with a file at all; if not, the refusal. */
export function refusal(request: Request): Response | undefined {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return plain(405, 'Files can only be read here.', { Allow: 'GET, HEAD' });
  }
  if (isExecutingDestination(request.destination)) {
    return plain(403, 'Files are never executed.');
  }
  return undefined;
}

/** The answer to a `GET` or `HEAD` for one file. */
export function answerFile(
  request: Request,
  ticket: FileTicket,
  source: FileSource,
  listener: StreamListener = NO_LISTENER,
): Response {
  const navigates = ['document', 'iframe', 'frame'].includes(request.destination);
  const disposition = navigates ? 'attachment' : ticket.disposition;
  const headers = fileHeaders({ mimeType: ticket.mimeType, name: ticket.name, disposition });
  headers.set('Accept-Ranges', 'bytes');
  const { sizeBytes } = source;
  const range = parseRange(request.headers.get('Range'), sizeBytes);
  if (range.kind === 'unsatisfiable') {
    headers.set('Content-Range', `bytes */${sizeBytes}`);
    return new Response(null, { status: 416, headers });
  }
  const [start, end] = range.kind === 'part' ? [range.start, range.end] : [0, sizeBytes];
  headers.set('Content-Length', String(end - start));
  if (range.kind === 'part') headers.set('Content-Range', `bytes ${start}-${end - 1}/${sizeBytes}`);
  const body = request.method === 'HEAD' ? null : streamOf(source, start, end, listener);
  return new Response(body, { status: range.kind === 'part' ? 206 : 200, headers });
}

/** A plain-text answer without any of the person's data. */
export function plain(
  status: number,
  text: string,
  headers: Record<string, string> = {},
): Response {
  return new Response(text, {
    status,
    headers: {
      'Content-Type': 'text/plain; charset=utf-8',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
      ...headers,
    },
  });
}

/** A stream that reads only what is asked of it, and stops reading when it is cancelled. */
export function streamOf(
  source: FileSource,
  start: number,
  end: number,
  listener: StreamListener = NO_LISTENER,
): ReadableStream<Uint8Array> {
  const abort = new AbortController();
  const pieces = source.read(start, end, abort.signal)[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done === true) {
            controller.close();
            listener.onEnd('done');
          } else {
            controller.enqueue(value);
            listener.onBytes(value.length);
          }
        } catch (error) {
          if (abort.signal.aborted) return;
          controller.error(error);
          listener.onEnd('failed', error);
        }
      },
      async cancel() {
        abort.abort();
        listener.onEnd('cancelled');
        await pieces.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
