/**
 * What lies below the client: one request handed over, one answer that arrives. By default that is
 * `fetch`; a process that is no browser may have something leaner. A sender follows no
 * redirect, keeps nothing, names no origin but the one in `url`, and judges nothing: time-outs,
 * bounds and the meaning of an answer are the exchange's.
 */
import { concat } from '#lib/bytes/index.ts';

export type Fetch = (request: Request) => Promise<Response>;

export interface Outgoing {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  /** One after the other they are the body. Not to be changed, and nothing here lies in shared memory. */
  readonly body: readonly Uint8Array[] | undefined;
  /** Value of a header of that name; a sender that cannot send it is answered in full. */
  readonly ifNoneMatch?: string | undefined;
  /** Ends the request until there is an answer. */
  readonly signal: AbortSignal;
}

/** By name in any case; several of one name are joined by commas. */
export type AnswerHeaders = Pick<Headers, 'get' | 'has'>;

/** An answer whose body has not been read. One of the two functions is called, once. */
export interface Incoming {
  /** 3xx for a redirect, whatever the sender lets be known of it. */
  readonly status: number;
  readonly headers: AnswerHeaders;
  /** Hands over the body piece by piece, lent for that moment; rejects if it ends early. */
  readonly receive: (take: (piece: Uint8Array) => void) => Promise<void>;
  /** Drops the rest of the body; allowed during {@link receive}, too. */
  readonly leave: () => void;
}

export type Send = (request: Outgoing) => Promise<Incoming>;

export function sendByFetch(fetch: Fetch): Send {
  return async ({ method, url, body, ifNoneMatch, signal }) =>
    incomingOf(
      await fetch(
        new Request(url, {
          method,
          ...(body === undefined ? {} : { body: inOnePiece(body) as Uint8Array<ArrayBuffer> }),
          ...(ifNoneMatch === undefined ? {} : { headers: { 'If-None-Match': ifNoneMatch } }),
          signal,
          cache: 'no-store',
          credentials: 'omit',
          redirect: 'manual',
          referrerPolicy: 'no-referrer',
        }),
      ),
    );
}

/** A `Response` as what arrives. */
export function incomingOf({ body, headers, status, type }: Response): Incoming {
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  return {
    status: type === 'opaqueredirect' ? 302 : status,
    headers,
    receive: async (take) => {
      reader = body?.getReader();
      for (;;) {
        const { done, value } = (await reader?.read()) ?? { done: true };
        if (done) return;
        take(value);
      }
    },
    // Nobody reads the rest, so nothing needs to be known of how the stream ends.
    leave: () => {
      (reader ?? body)?.cancel().catch(() => undefined);
    },
  };
}

function inOnePiece(pieces: readonly Uint8Array[]): Uint8Array {
  const [first = new Uint8Array()] = pieces;
  return pieces.length > 1 ? concat(...pieces) : first;
}
