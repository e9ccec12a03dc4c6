/**
 * One request to another node over one stream, and its answer (B-1 §3.2): plain HTTP/1.1, `Host` the
 * bare peer id of who is asked, `Content-Length` always. What a peer answers is hostile: it is
 * bounded here, and parsed by the client of the protocol.
 */
import { request as httpRequest } from 'node:http';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { KeptStreams, STREAM_HEADER, STREAM_IS_KEPT } from './kept-streams.ts';
import type { PeerHost } from './peer-host.ts';

/** What nodes of the reference pass on, each way. */
export const PEER_BODY_MAX_BYTES = 8 * 1024 * 1024;
const HEADERS_MAX_BYTES = 16 * 1024;
const ANSWER_BEGINS_MS = 60_000;
/** Without a byte while an answer arrives. */
const STILLNESS_MS = 60_000;

/** A message that is longer than nodes pass on to each other. */
export class PeerMessageTooLong extends PyrgosError {
  override readonly name: string = 'PeerMessageTooLong';
  override readonly kind = 'invalid';
  constructor() {
    super(`Nodes send each other at most ${String(PEER_BODY_MAX_BYTES)} bytes at once.`);
  }
}

export interface PeerRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

export type AskPeer = (nodeId: Cid, request: PeerRequest) => Promise<IncomingMessage>;

/**
 * Asks over libp2p. Rejects with {@link PeerMessageTooLong}, the signal's reason, or whatever kept the
 * node from answering.
 */
export function askingOver(host: Pick<PeerHost, 'openStream'>): AskPeer {
  const streams = new KeptStreams(host);
  return async (nodeId, request) => {
    const length = request.body?.length ?? 0;
    if (length > PEER_BODY_MAX_BYTES) throw new PeerMessageTooLong();
    const peerId = nodeId.toPeerId();
    const incoming = await send(request, {
      agent: streams,
      host: peerId,
      headers: {
        ...request.headers,
        host: peerId,
        'content-length': String(length),
        [STREAM_HEADER]: STREAM_IS_KEPT,
      },
    });
    streams.noteAnswer(incoming);
    return incoming;
  };
}

/** Sends a request and resolves with the head of its answer. */
export function send(
  { method, target, body, signal }: PeerRequest,
  options: RequestOptions,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest({
      ...options,
      method,
      path: target,
      setHost: false,
      maxHeaderSize: HEADERS_MAX_BYTES,
      signal,
    });
    const isLong = target.endsWith(`/${PATHS.migrateUser}`);
    const give = (): void => void outgoing.destroy(new Error('The node did not answer in time.'));
    const timer = isLong ? undefined : setTimeout(give, ANSWER_BEGINS_MS);
    outgoing.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    outgoing.on('response', (incoming) => {
      clearTimeout(timer);
      endWhenStill(incoming);
      resolve(incoming);
    });
    outgoing.end(body);
  });
}

/** A connection may be used again, so nothing stays at it. */
function endWhenStill(incoming: IncomingMessage): void {
  const { socket } = incoming;
  const give = (): void => {
    socket.destroy(new Error('The answer of the node does not go on.'));
  };
  socket.setTimeout(STILLNESS_MS);
  socket.once('timeout', give);
  incoming.once('close', () => {
    socket.off('timeout', give);
  });
}

/** The pieces of an answer's body; throws {@link PeerMessageTooLong} at the first byte too many. */
export async function* bodyOf(incoming: IncomingMessage): AsyncGenerator<Uint8Array> {
  let length = 0;
  for await (const piece of incoming as AsyncIterable<Uint8Array>) {
    length += piece.length;
    if (length > PEER_BODY_MAX_BYTES) throw new PeerMessageTooLong();
    yield piece;
  }
}
