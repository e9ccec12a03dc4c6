/**
 * One request to the node and its answer (B-1 §1): the method rule, time-outs and bounds. Only the
 * configured origin is ever asked; redirects are refused, no cookies and no referrer are sent,
 * nothing is kept by the browser's own cache.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { readBody, readInto, SMALL_ANSWER_BYTES } from './parse-response.ts';
import type { Pace, Sink } from './parse-response.ts';
import { refusalIn } from './refusals.ts';
import type { AnswerHeaders, Outgoing, Send } from './http-types.ts';

export const DEFAULT_TIMEOUT_MS = 30_000;
/** Sign-up, pointer writes, authorisation of direct writes (B-1 §1.8). */
export const LONG_TIMEOUT_MS = 60_000;
/** What a body may take beside the time-out: the slowest line that is of use, 16 KiB a second. */
const SLOWEST_BYTES_PER_MS = 16;

export interface Question {
  /** As in `PATHS`, or below one of them; without leading slash. */
  readonly path: string;
  readonly query?: Iterable<readonly [name: string, value: string]>;
  /** Absent: a read, sent by the method rule. Several pieces are one body. */
  readonly body?: Uint8Array | readonly Uint8Array[];
  readonly timeoutMs?: number;
  /** Longest answer that is accepted. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Takes in the answer, whose `bytes` are empty then; made anew for each attempt. */
  readonly into?: () => Sink;
  /** Tag of an answer that is had already: if it is still the same, {@link Answer.isUnchanged}. */
  readonly ifNoneMatch?: string | undefined;
  /** The answer wanted is another address, which is not asked; elsewhere that is refused. */
  readonly isRedirection?: boolean;
}

export interface Answer {
  readonly bytes: Uint8Array;
  readonly headers: AnswerHeaders;
  /** The answer that is had already holds; this one has no bytes. */
  readonly isUnchanged?: boolean;
}

export interface ExchangeDeps {
  readonly origin: URL;
  readonly send: Send;
  /** The least pace of an answer, unless a test says otherwise. */
  readonly pace?: Pace | undefined;
  /** Turns true for good when the node turns out to accept nothing else (B-1 §1.2). */
  readsArePosts: boolean;
}

/** A failure after which the same request may be sent again. */
export class TransientFailure extends Error {
  override readonly name = 'TransientFailure';
  readonly kind: ErrorKind;
  readonly failure: PyrgosError;

  constructor(failure: PyrgosError) {
    super(failure.message);
    this.kind = failure.kind;
    this.failure = failure;
  }
}

/** Throws {@link TransientFailure}, a named error that is definite, or the reason of the signal. */
export async function exchange(deps: ExchangeDeps, question: Question): Promise<Answer> {
  const { timeoutMs = DEFAULT_TIMEOUT_MS, maxBytes = SMALL_ANSWER_BYTES, body } = question;
  const sendingMs = timeoutMs + lengthOf(body) / SLOWEST_BYTES_PER_MS;
  const receivingMs = timeoutMs + maxBytes / SLOWEST_BYTES_PER_MS;
  const response = await withinTime(sendingMs, question.signal, (stop) =>
    deps.send(requestFor(deps, question, stop)),
  );
  if (response.status === 405 && body === undefined && !deps.readsArePosts) {
    deps.readsArePosts = true;
    return exchange(deps, question);
  }
  if (question.isRedirection === true && response.headers.has('location')) {
    response.leave();
    return { bytes: new Uint8Array(), headers: response.headers };
  }
  if (question.ifNoneMatch !== undefined && response.status === 304) {
    response.leave();
    return { bytes: new Uint8Array(), headers: response.headers, isUnchanged: true };
  }
  const refusal = refusalIn(response, question.path);
  if (refusal !== undefined) {
    response.leave();
    throw refusal.isTransient ? new TransientFailure(refusal.error) : refusal.error;
  }
  const bytes = await withinTime(receivingMs, question.signal, async (stop) => {
    if (question.into === undefined) return readBody(response, maxBytes, stop, deps.pace);
    await readInto(question.into(), response, maxBytes, stop, deps.pace);
    return new Uint8Array();
  });
  return { bytes, headers: response.headers };
}

function requestFor(
  { origin, readsArePosts }: ExchangeDeps,
  { path, query, body, ifNoneMatch }: Question,
  signal: AbortSignal,
): Outgoing {
  const url = new URL(`/${path}`, origin);
  url.search = [...(query ?? [])]
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return {
    method: body !== undefined || readsArePosts ? 'POST' : 'GET',
    url,
    body: body instanceof Uint8Array ? [body] : body,
    ...(ifNoneMatch === undefined ? {} : { ifNoneMatch }),
    signal,
  };
}

/** Bytes of a body. */
export function lengthOf(body: Question['body']): number {
  if (body === undefined || body instanceof Uint8Array) return body?.length ?? 0;
  return body.reduce((sum, piece) => sum + piece.length, 0);
}

/** An answer that has begun and does not go on, or not fast enough to be of use. */
export function isTooSlow(error: unknown): error is NodeUnreachable {
  return error instanceof NodeUnreachable && error.isTooSlow;
}

/** Whatever keeps an answer from arriving is a {@link NodeUnreachable}: refused, dropped, too slow. */
export async function withinTime<T>(
  milliseconds: number,
  signal: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const expired = new Error('too slow');
  const timer = setTimeout(() => stop.abort(expired), milliseconds);
  const giveUp = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', giveUp, { once: true });
  // What ignores the signal is not waited for.
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason as Error));
  });
  try {
    return await Promise.race([work(stop.signal), stopped]);
  } catch (error) {
    signal?.throwIfAborted();
    if (isTooSlow(error)) throw new TransientFailure(error);
    if (error instanceof PyrgosError) throw error;
    const message = stop.signal.aborted
      ? 'The server did not answer in time.'
      : 'The server cannot be reached.';
    throw new TransientFailure(new NodeUnreachable(message, { cause: error }));
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', giveUp);
  }
}
