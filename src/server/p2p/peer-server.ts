/**
 * What other nodes may ask of this one, over whichever way their streams come (B-1 §3.2): a second
 * copy of the protocol's handler, on the local node alone, so that no call is passed on a second
 * time. Every stream carries requests of one peer, whose id its key proved: one, or one after another. Hostile input: everything.
 *
 * No operator's calls, no site but the pages of published files and secret links.
 */
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { REGISTRY_STATE_HEADER } from '#lib/name-registry/index.ts';
import { contentOf, OFFERS_HEADER, refusalAnswer } from '#lib/node-http/index.ts';
import type { AnswerBudget } from '#lib/node-http/index.ts';
import { OddRequest, RequestCutOff, sendWebResponse, toWebRequest } from '../http/bridge.ts';
import type { Endpoint } from '../http/endpoints.ts';
import type { RateLimit } from '../http/rate-limit.ts';
import { SendBuffers } from '../http/send-buffer-limit.ts';
import { targetOf } from '../http/target.ts';
import type { Target } from '../http/target.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { NodeMetrics } from '../observe/node-metrics.ts';
import { serveSite } from '../site/serve-site.ts';
import type { Site } from '../site/site.ts';
import { STREAM_HEADER, STREAM_IS_KEPT } from './kept-streams.ts';
import { PEER_ORIGIN } from './peer-fetch.ts';
import { PEER_BODY_MAX_BYTES } from './peer-request.ts';

export interface PeerServerDeps {
  /** The protocol (B-1), of the local node, for requests to {@link PEER_HOST}. */
  readonly handle: (request: Request, client: string) => Promise<Response>;
  /** Texts of `Host` that mean this node: its peer ids, bare and as CIDs. */
  readonly ownIds: ReadonlySet<string>;
  /** Counts answers that are not sent yet. */
  readonly answers: AnswerBudget;
  /** Which state of the registry of names goes along with answers. */
  readonly registryState?: () => Promise<string | undefined>;
  readonly site: Site | undefined;
  readonly rateLimit: RateLimit;
  readonly metrics: NodeMetrics;
  readonly log: Log;
  readonly limits?: Partial<PeerServerLimits>;
}

export interface PeerServerLimits {
  readonly headersWithinMs: number;
  /** A whole request and its answer, with the wait for it where it is not the first of its stream. */
  readonly exchangeWithinMs: number;
  /** Without a byte in either direction, where the stream can tell. */
  readonly stillnessMs: number;
  readonly maxStreams: number;
  readonly maxStreamsPerPeer: number;
}

const DEFAULT_LIMITS: PeerServerLimits = {
  headersWithinMs: 15_000,
  exchangeWithinMs: 300_000,
  stillnessMs: 60_000,
  maxStreams: 4096,
  maxStreamsPerPeer: 512,
};

/** The host that the protocol's handler is to answer to; peers name their own ids for us. */
export const PEER_HOST = new URL(PEER_ORIGIN).host;

const MAX_HEADER_BYTES = 16 * 1024;
const OPERATORS_CALLS = /^peergos\/v0\/admin\//u;
const SECRET_LINK_PAGE = '/secret/';
/** All that a call of the protocol looks at. */
const HEADERS: ReadonlySet<string> = new Set(['content-type', 'content-length', 'if-none-match']);
/** The longest of these does not fit what nodes pass on; an object store answers no peer of ours. */
const NOT_OFFERED: ReadonlySet<string> = new Set(['block-bulk', 'object-store']);
const NO_ENDPOINT: Endpoint = { part: 'site', name: 'unknown' };

interface OpenStream {
  /** The proved id of who is at the other end. */
  readonly peerId: string;
  readonly headTimer: NodeJS.Timeout;
  readonly wholeTimer: NodeJS.Timeout;
}

export class PeerServer {
  readonly #deps: PeerServerDeps;
  readonly #limits: PeerServerLimits;
  readonly #server: Server;
  readonly #sendBuffers: SendBuffers;
  readonly #streams = new Map<Duplex, OpenStream>();
  /** Streams by peer, of peers with any. */
  readonly #counts = new Map<string, number>();

  constructor(deps: PeerServerDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...deps.limits };
    this.#sendBuffers = new SendBuffers(deps.answers);
    this.#server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAlive: false });
    // `stillnessMs` is how long a stream may wait for its next request.
    this.#server.keepAliveTimeout = 0;
    this.#server.timeout = this.#limits.stillnessMs;
    const answer = (request: IncomingMessage, response: ServerResponse): void => {
      void this.#answer(request, response);
    };
    this.#server.on('request', answer);
    // The body comes without being asked for; an interim answer would be taken for the answer.
    this.#server.on('checkContinue', answer);
    deps.metrics.gauge('pyrgos_peer_streams', 'Requests of other nodes.', () => this.#streams.size);
  }

  /** Answers the one request on a stream, whose other end proved to be this peer (base58, bare). */
  accept(stream: Duplex, peerId: string): void {
    const { maxStreams, maxStreamsPerPeer, headersWithinMs, exchangeWithinMs } = this.#limits;
    stream.on('error', () => undefined);
    const ofPeer = this.#counts.get(peerId) ?? 0;
    if (this.#streams.size >= maxStreams || ofPeer >= maxStreamsPerPeer) {
      stream.destroy();
      return;
    }
    const end = (): void => void stream.destroy();
    const headTimer = setTimeout(end, headersWithinMs);
    const wholeTimer = setTimeout(end, exchangeWithinMs);
    this.#streams.set(stream, { peerId, headTimer, wholeTimer });
    this.#counts.set(peerId, ofPeer + 1);
    stream.once('close', () => {
      this.#streams.delete(stream);
      this.#leave(peerId);
      clearTimeout(headTimer);
      clearTimeout(wholeTimer);
    });
    this.#server.emit('connection', stream);
  }

  /** Ends every stream. */
  close(): void {
    for (const stream of this.#streams.keys()) stream.destroy();
  }

  #leave(peerId: string): void {
    const left = (this.#counts.get(peerId) ?? 1) - 1;
    if (left === 0) this.#counts.delete(peerId);
    else this.#counts.set(peerId, left);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const stream = this.#streams.get(request.socket);
    // Unless it is to be kept a stream carries one request; its end tells the peer so.
    const isKept = request.headers[STREAM_HEADER] === STREAM_IS_KEPT;
    response.shouldKeepAlive &&= isKept;
    if (response.shouldKeepAlive) response.setHeader(STREAM_HEADER, STREAM_IS_KEPT);
    clearTimeout(stream?.headTimer);
    response.once('finish', () => stream?.wholeTimer.refresh());
    const peerId = stream?.peerId;
    const target = targetOf(request.url ?? '/');
    const endpoint = target?.endpoint ?? NO_ENDPOINT;
    let sentBytes = 0;
    try {
      if (peerId === undefined || target === undefined) throw new OddRequest('No plain path.');
      sentBytes = await this.#dispatch(request, response, target, peerId);
    } catch (error) {
      this.#fail(error, endpoint, response);
    }
    const { metrics, log } = this.#deps;
    const name = `p2p/${endpoint.name}`;
    const { statusCode: status } = response;
    const seconds = (performance.now() - start) / 1000;
    const receivedBytes = Number(request.headers['content-length'] ?? 0) || 0;
    metrics.answered({ endpoint: name, status, seconds, receivedBytes, sentBytes });
    if (log.has('debug')) log.debug('peer request', { endpoint: name, status });
  }

  async #dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    { endpoint, path }: Target,
    peerId: string,
  ): Promise<number> {
    const { ownIds, rateLimit, handle, site } = this.#deps;
    if (!ownIds.has(request.headers.host ?? '')) return sendEmpty(response, 404);
    const isFull = this.#sendBuffers.isFullFor(peerId);
    const verdict = isFull ? 'later' : rateLimit.judge(peerId, endpoint.name);
    if (verdict !== 'allowed') {
      const text = verdict === 'later' ? 'Too Many Requests' : 'Rate Limit: Too many requests';
      return sendWebResponse(refusalAnswer(text, 429), response, false);
    }
    const isCall = endpoint.part === 'api' && !OPERATORS_CALLS.test(endpoint.name);
    if (!isCall) {
      if (!path.startsWith(SECRET_LINK_PAGE)) return sendEmpty(response, 404);
      return serveSite(site, request, response);
    }
    const length = Number(request.headers['content-length'] ?? 0);
    if (length > PEER_BODY_MAX_BYTES) return sendEmpty(response, 413);
    const answer = await handle(peerRequest(request, peerId), peerId);
    const bounded = withinBounds(answer);
    const state = await this.#deps.registryState?.();
    if (state !== undefined) bounded.headers.set(REGISTRY_STATE_HEADER, state);
    const sentBytes = await sendWebResponse(bounded, response, request.method === 'HEAD');
    this.#sendBuffers.count(peerId, sentBytes, response);
    return sentBytes;
  }

  #fail(error: unknown, endpoint: Endpoint, response: ServerResponse): void {
    const isOdd = error instanceof OddRequest;
    if (!isOdd && !(error instanceof RequestCutOff)) {
      this.#deps.log.error('failed', { endpoint: endpoint.name, ...failureFields(error) });
    }
    if (response.headersSent || response.destroyed) response.destroy();
    else sendEmpty(response, isOdd ? 400 : 500);
  }
}

/**
 * The request as the handler is to see it. Of its headers only those count that a call looks at, and
 * `Source` is who proved to ask. The query is as other senders write it: `+` is a space, and an
 * empty part at its end is none (a plus arrives as `%2B`).
 */
function peerRequest(request: IncomingMessage, peerId: string): Request {
  const rawHeaders = ['Host', PEER_HOST, 'Source', peerId];
  for (let i = 0; i + 1 < request.rawHeaders.length; i += 2) {
    const [name = '', value = ''] = request.rawHeaders.slice(i, i + 2);
    if (HEADERS.has(name.toLowerCase())) rawHeaders.push(name, value);
  }
  const [path = '/', ...query] = (request.url ?? '/').split('?');
  const spaced = query.join('?').replaceAll('+', '%20').replace(/&+$/u, '');
  const url = spaced === '' ? path : `${path}?${spaced}`;
  return toWebRequest({
    method: request.method,
    url,
    rawHeaders,
    headers: { ...request.headers, host: PEER_HOST },
    [Symbol.asyncIterator]: () => request[Symbol.asyncIterator](),
    resume: () => request.resume(),
  });
}

/** Without offers that peers cannot use; a refusal where the answer is longer than nodes pass on. */
function withinBounds(answer: Response): Response {
  const offers = answer.headers.get(OFFERS_HEADER);
  if (offers !== null) {
    const left = offers.split(' ').filter((it) => !NOT_OFFERED.has(it));
    answer.headers.set(OFFERS_HEADER, left.join(' '));
  }
  const length = contentOf(answer)?.reduce((sum, piece) => sum + piece.length, 0) ?? 0;
  return length > PEER_BODY_MAX_BYTES ? refusalAnswer('Not supported by this server!') : answer;
}

function sendEmpty(response: ServerResponse, status: number): number {
  response.writeHead(status, { 'content-length': '0' });
  response.end();
  return 0;
}
