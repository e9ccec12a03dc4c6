/** `fetch` over streams of a connection: one stream a request, its body and its answer. */
import { concat } from '#lib/bytes/index.ts';
import { StreamEnded } from './errors.ts';
import { readBody, readHead, requestHead } from './http-message.ts';
import { expectAcceptance, proposal } from './protocol-selection.ts';
import { StreamReader } from './reader.ts';
import type { PeerStream } from './stream.ts';

export type Fetch = (request: Request) => Promise<Response>;

/** Asks the node that streams lead to. */
export interface PeerFetchDeps {
  /** Its peer id, for `Host`. */
  readonly host: string;
  readonly openStream: (signal: AbortSignal) => Promise<PeerStream>;
}

/**
 * Path, query, headers and body of a request go to the node; the origin of its URL means nothing.
 * Rejects with why there is no connection, `MalformedPeerData`, or the reason of the signal; as the
 * platform's `fetch`, with a `TypeError` where the connection broke.
 */
export function createPeerFetch({ host, openStream }: PeerFetchDeps): Fetch {
  return async (request) => {
    const { signal } = request;
    signal.throwIfAborted();
    const body = new Uint8Array(await request.arrayBuffer());
    const stream = await openStream(signal).catch(rethrown);
    const abort = (): void => stream.reset(asError(signal.reason));
    signal.addEventListener('abort', abort);
    void stream.closed.then(() => signal.removeEventListener('abort', abort));
    if (signal.aborted) abort();
    try {
      return await exchange(stream, request, body, host);
    } catch (error) {
      stream.reset(asError(error));
      return rethrown(error);
    }
  };
}

async function exchange(
  stream: PeerStream,
  request: Request,
  body: Uint8Array,
  host: string,
): Promise<Response> {
  const reader = new StreamReader(() => stream.read());
  const sent = send(stream, concat(proposal(), requestHead(request, host, body.length)), body);
  // A node may refuse a request before it has read it; then its answer counts.
  sent.catch(() => undefined);
  await expectAcceptance(reader);
  const { status, headers, length } = await readHead(reader, request.method);
  const answer = readBody(reader, length);
  const init = { status, headers };
  if (length === 0) {
    stream.leave();
    return new Response(null, init);
  }
  return new Response(bodyOf(answer, stream), init);
}

async function send(stream: PeerStream, head: Uint8Array, body: Uint8Array): Promise<void> {
  await stream.write(head);
  await stream.write(body);
}

function bodyOf(
  answer: AsyncGenerator<Uint8Array>,
  stream: PeerStream,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const { done, value } = await answer.next();
          if (value !== undefined) controller.enqueue(value as Uint8Array<ArrayBuffer>);
          if (done !== true) return;
          stream.leave();
          controller.close();
        } catch (error) {
          stream.reset(asError(error));
          controller.error(asFetchError(error));
        }
      },
      cancel: () => stream.reset(),
    },
    { highWaterMark: 0 },
  );
}

function rethrown(error: unknown): never {
  throw asFetchError(error);
}

/** Such a request may be sent again. */
function asFetchError(error: unknown): Error {
  if (error instanceof StreamEnded) return new TypeError(error.message, { cause: error });
  return asError(error);
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new DOMException('It was aborted.', 'AbortError');
}
