/**
 * `fetch` of one other node, for `createHttpNode`: a remote home is the protocol's client over
 * another way. It asks that node and nobody else, whatever the request's address says.
 */
import type { IncomingMessage } from 'node:http';
import type { Cid } from '#lib/codec/index.ts';
import { bodyOf } from './peer-request.ts';
import type { AskPeer } from './peer-request.ts';

/** The origin that a client of a peer is made for; it stands for no host. */
export const PEER_ORIGIN = 'http://peer.invalid';

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** Rejects with `TypeError` for any other origin, such as an object store that a peer names. */
export function peerFetch(ask: AskPeer, nodeId: Cid): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    if (url.origin !== PEER_ORIGIN) throw new TypeError('A peer is asked at no other address.');
    const body = request.body === null ? undefined : new Uint8Array(await request.arrayBuffer());
    const { method, signal } = request;
    const target = url.pathname + url.search;
    const asked = { method, target, signal, ...(body === undefined ? {} : { body }) };
    return responseOf(await ask(nodeId, asked));
  };
}

function responseOf(incoming: IncomingMessage): Response {
  const { statusCode: status = 502, rawHeaders } = incoming;
  const headers = new Headers();
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    headers.append(rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '');
  }
  if (WITHOUT_BODY.has(status)) {
    incoming.resume();
    return new Response(null, { status, headers });
  }
  return new Response(streamOf(incoming), { status, headers });
}

function streamOf(incoming: IncomingMessage): ReadableStream<Uint8Array> {
  const pieces = bodyOf(incoming);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        incoming.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}
