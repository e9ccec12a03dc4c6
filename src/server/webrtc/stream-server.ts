/**
 * Requests on streams of pages, to be answered as those of any browser are: what a page may ask does
 * not depend on how it reached the node. But no page is taken for this machine, whatever its address,
 * because the pages of all sites can come this way.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/** A whole request and its answer. */
const EXCHANGE_WITHIN_MS = 300_000;
const HEADERS_WITHIN_MS = 15_000;

export interface StreamServerDeps {
  /** What `Host` is to say: the bare peer id. */
  readonly peerId: string;
  /** A host that the node answers to over HTTP. */
  readonly host: string;
  /** Without a byte in either direction. */
  readonly stillnessMs: number;
  readonly maxHeaderBytes: number;
  readonly maxHeaders: number;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface StreamServer {
  /** Answers the one request on a stream. */
  accept(stream: Duplex): void;
  close(): void;
}

export function createStreamServer(deps: StreamServerDeps): StreamServer {
  const server = createServer({ maxHeaderSize: deps.maxHeaderBytes, keepAlive: false });
  server.maxHeadersCount = deps.maxHeaders;
  server.maxRequestsPerSocket = 1;
  server.timeout = deps.stillnessMs;
  const heads = new Map<Duplex, NodeJS.Timeout>();
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    clearTimeout(heads.get(request.socket));
    if (request.headers.host === deps.peerId) {
      standInFor(request, deps.host);
      void deps.answer(request, response);
    } else {
      response.writeHead(404, { 'content-length': '0' });
      response.end();
    }
  });
  return {
    accept: (stream) => {
      const end = (): void => void stream.destroy();
      stream.on('error', end);
      heads.set(stream, setTimeout(end, HEADERS_WITHIN_MS));
      const whole = setTimeout(end, EXCHANGE_WITHIN_MS);
      stream.once('close', () => {
        clearTimeout(whole);
        clearTimeout(heads.get(stream));
        heads.delete(stream);
      });
      server.emit('connection', stream);
    },
    close: () => {
      for (const stream of [...heads.keys()]) stream.destroy();
    },
  };
}

/** As if the request had been passed on by somebody under a name of this node. */
function standInFor(request: IncomingMessage, host: string): void {
  request.headers = { ...request.headers, host, via: '1.1 webrtc' };
  delete request.headers['x-forwarded-for'];
  const raw: string[] = [];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(i, i + 2);
    const lower = name.toLowerCase();
    if (lower !== 'x-forwarded-for') raw.push(name, lower === 'host' ? host : value);
  }
  request.rawHeaders = raw;
}
