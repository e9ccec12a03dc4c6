/**
 * Between Node's HTTP and the Web's `Request` and `Response`, which the handler of the protocol
 * speaks. The URL of a request has the origin its `Host` header names; the server has compared that
 * header with its own names before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PyrgosError, parseUrl } from '#lib/bytes/index.ts';
import { contentOf } from '#lib/node-http/index.ts';

/** The target of a request names no path here. */
export class OddRequest extends PyrgosError {
  override readonly name: string = 'OddRequest';
  override readonly kind = 'invalid';
}

/** The client went away before its request was complete. */
export class RequestCutOff extends PyrgosError {
  override readonly name: string = 'RequestCutOff';
  override readonly kind = 'cancelled';
}

/** What of a request of Node's HTTP the Web's is made of. */
export type ReceivedRequest = Pick<
  IncomingMessage,
  'method' | 'url' | 'headers' | 'rawHeaders' | 'resume' | typeof Symbol.asyncIterator
>;

/**
 * The request as the Web sees it. A client that goes away does not end what it asked for. Throws
 * {@link OddRequest} where its target is a whole URL or `*`, as proxies are asked.
 */
export function toWebRequest(request: ReceivedRequest): Request {
  const method = request.method ?? 'GET';
  const headers: [string, string][] = [];
  const raw = request.rawHeaders;
  for (let i = 0; i + 1 < raw.length; i += 2) headers.push([raw[i] ?? '', raw[i + 1] ?? '']);
  const url = `http://${request.headers.host ?? ''}${request.url ?? '/'}`;
  if (request.url?.startsWith('/') === false || parseUrl(url) === undefined) {
    throw new OddRequest('The target of a request is no path.');
  }
  if (!hasBody(request)) return new Request(url, { method, headers });
  // `duplex` is demanded of a streamed body, and unknown to the types of browsers.
  const init: RequestInit & { duplex: 'half' } = {
    method,
    headers,
    body: bodyOf(request),
    duplex: 'half',
  };
  return new Request(url, init);
}

function hasBody({ method, headers }: ReceivedRequest): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  const length = headers['content-length'];
  return headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

/** The body piece by piece, no faster than it is read. */
function bodyOf(request: ReceivedRequest): ReadableStream<Uint8Array> {
  const pieces = request[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await pieces.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        } catch (error) {
          controller.error(new RequestCutOff('The client went away.', { cause: error }));
        }
      },
      cancel() {
        // Read to its end by Node, so that the client gets to see the answer.
        request.resume();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Writes a complete answer; resolves with the length of its body. */
export async function sendWebResponse(
  response: Response,
  target: ServerResponse,
  isHead: boolean,
): Promise<number> {
  const pieces = contentOf(response) ?? (await readContent(response));
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) headers[name] = value;
  if (headers['trailer'] !== undefined) prepareTrailer(target, headers);
  else if (response.status !== 304) headers['content-length'] = String(length);
  // A client that is too slow must not keep the connection.
  if (response.status === 408) headers['connection'] = 'close';
  target.writeHead(response.status, headers);
  target.cork();
  if (!isHead) for (const piece of pieces) if (piece.length > 0) target.write(piece);
  target.end();
  target.uncork();
  return length;
}

async function readContent(response: Response): Promise<Uint8Array[]> {
  return response.body === null ? [] : [new Uint8Array(await response.arrayBuffer())];
}

/**
 * The error text travels in a header named `Trailer`, on a chunked answer (B-1 §1.1). HTTP/1.0 has
 * no chunks, and there Node refuses the header: such a client gets the status alone.
 */
function prepareTrailer({ req }: ServerResponse, headers: Record<string, string>): void {
  if (req.httpVersion === '1.0') {
    delete headers['trailer'];
    headers['content-length'] = '0';
  } else headers['transfer-encoding'] = 'chunked';
}
