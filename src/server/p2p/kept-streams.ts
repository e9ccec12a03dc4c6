/**
 * Streams that are used for one request after another, between nodes that both say so in a header.
 * Every other node takes one request a stream (B-1 §3.2). Opening a stream costs a round trip and more
 * than the request itself, and its window grows only with use.
 */
import { Agent } from 'node:http';
import type { ClientRequestArgs, IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { Cid } from '#lib/codec/index.ts';
import type { PeerHost } from './peer-host.ts';

/** In a request: the sender would use the stream again. In an answer: it may. */
export const STREAM_HEADER = 'node-stream';
export const STREAM_IS_KEPT = 'kept';

/** Less than servers wait for the next request (`PeerServer`). */
const IDLE_MS = 10_000;
/** Of each peer; more are opened when they are needed, and closed after one use. */
const MAX_IDLE = 16;
const OPEN_WITHIN_MS = 10_000;

type Opened = (error: Error | null, stream: Duplex) => void;

/** Opens streams to peers, whose id is the `host` of a request, and keeps some. */
export class KeptStreams extends Agent {
  readonly #host: Pick<PeerHost, 'openStream'>;
  readonly #reusable = new WeakSet<Duplex>();

  constructor(host: Pick<PeerHost, 'openStream'>) {
    super({ keepAlive: true, timeout: IDLE_MS, maxFreeSockets: MAX_IDLE });
    this.#host = host;
  }

  /** To be called with the head of each answer. */
  noteAnswer({ headers, socket }: IncomingMessage): void {
    if (headers[STREAM_HEADER] === STREAM_IS_KEPT) this.#reusable.add(socket);
    else this.#reusable.delete(socket);
  }

  override createConnection({ host }: ClientRequestArgs, opened?: Opened): undefined {
    const open = async (): Promise<Duplex> =>
      this.#host.openStream(Cid.parse(host ?? ''), AbortSignal.timeout(OPEN_WITHIN_MS));
    open().then(
      (stream) => opened?.(null, stream),
      (error: unknown) => opened?.(error as Error, undefined as unknown as Duplex),
    );
  }

  /** Node asks whether; its types do not say so. */
  override keepSocketAlive(socket: Duplex): boolean {
    if (!this.#reusable.has(socket)) return false;
    super.keepSocketAlive(socket);
    return true;
  }
}
