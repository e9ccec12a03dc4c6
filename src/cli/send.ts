/**
 * Asking a node by Node's own HTTP: what `fetch` does with a few Buffers less, for a process that
 * moves whole files. Connections are kept and used again. Nothing is followed, unpacked or judged
 * here, see the client's `wire.ts`.
 */
import type { IncomingMessage, request as requestByHttp, RequestOptions } from 'node:http';
import { finished } from 'node:stream';
import type { Incoming, Outgoing, Send } from '#lib/node-http/index.ts';
import { MalformedAnswer } from '#lib/protocol/index.ts';

/** How a connection fails that the other side had given up. */
const GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE']);

/** For one origin. Not by `import`: that looks at all exports, and so loads what `fetch` is made of. */
export function createSend({ protocol }: URL): Send {
  const { request } = process.getBuiltinModule(protocol === 'http:' ? 'node:http' : 'node:https');
  return (outgoing) => send(request, outgoing);
}

function send(
  request: typeof requestByHttp,
  { method, url, body = [], signal }: Outgoing,
): Promise<Incoming> {
  return new Promise((resolve, reject) => {
    const length = body.reduce((sum, piece) => sum + piece.length, 0);
    const headers = { 'accept-encoding': 'identity', 'content-length': String(length) };
    const options: RequestOptions = { method, headers, signal };
    const outgoing = request(url, options, (response) => {
      try {
        resolve(incomingOf(response));
      } catch (error) {
        response.destroy();
        reject(error as Error);
      }
    });
    // Also failures after the last caller is gone.
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      // It met the end of a connection that was kept too long, and a question may be put twice. Each
      // time takes one such connection away.
      const isStale = outgoing.reusedSocket && GONE.has(error.code ?? '');
      if (!isStale || body.length > 0) reject(error);
      else resolve(send(request, { method, url, body: undefined, signal }));
    });
    outgoing.cork();
    for (const piece of body) outgoing.write(piece);
    outgoing.end();
    outgoing.uncork();
  });
}

function incomingOf(response: IncomingMessage): Incoming {
  // What breaks off before it is read is told by `receive`.
  response.on('error', () => undefined);
  const headers = headersOf(response);
  const packed = headers.get('content-encoding') ?? 'identity';
  if (packed !== 'identity') {
    throw new MalformedAnswer('The server packed an answer, which it was not asked to.');
  }
  return {
    status: response.statusCode ?? 0,
    headers,
    receive: (take) => receive(response, take),
    leave: () => {
      // What has all arrived already leaves the connection fit for the next request.
      if (response.complete) response.resume();
      else response.destroy();
    },
  };
}

function receive(response: IncomingMessage, take: (piece: Uint8Array) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    response.on('data', (piece: Uint8Array) => {
      try {
        take(piece);
      } catch (error) {
        response.destroy();
        reject(error as Error);
      }
    });
    finished(response, { writable: false }, (error) => {
      if (error === undefined || error === null) resolve();
      else reject(error);
    });
  });
}

function headersOf({ rawHeaders }: IncomingMessage): Incoming['headers'] {
  const headers = new Map<string, string>();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] ?? '').toLowerCase();
    const value = rawHeaders[i + 1] ?? '';
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return {
    has: (name) => headers.has(name.toLowerCase()),
    get: (name) => headers.get(name.toLowerCase()) ?? null,
  };
}
