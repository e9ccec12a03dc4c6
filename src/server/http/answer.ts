/**
 * One request from its first line to the end of its answer. Hostile input: everything.
 *
 * In this order, the cheap checks first: the target, health, the `Host` header, the rate of the
 * address and its guesses, basic authentication; only then is the protocol's handler asked, which
 * limits what it reads and does.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { canonicalHost, canonicalOrigin, REFUSAL_HEADER } from '#lib/node-http/index.ts';
import type { AnswerBudget } from '#lib/node-http/index.ts';
import { PATHS } from '#lib/protocol/index.ts';
import { appLabelOfHost, type AppFrames } from '../gateway/app-frames.ts';
import { userOfHost } from '../gateway/names.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { failureFields } from '../observe/log.ts';
import type { Log } from '../observe/log.ts';
import type { NodeMetrics } from '../observe/node-metrics.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { serveSite } from '../site/serve-site.ts';
import type { Site } from '../site/site.ts';
import { challengeBasicAuth, showsBasicAuth, showsToken } from './basic-auth.ts';
import { OddRequest, RequestCutOff, sendWebResponse, toWebRequest } from './bridge.ts';
import type { ClientAddresses } from './client-address.ts';
import type { Endpoint } from './endpoints.ts';
import type { RateLimit, Verdict } from './rate-limit.ts';
import { targetOf } from './target.ts';
import type { Target } from './target.ts';
import { SendBuffers } from './send-buffer-limit.ts';

export interface AnswerDeps {
  readonly settings: NodeSettings;
  /** In their canonical form, as the origins. */
  readonly hosts: ReadonlySet<string | undefined>;
  readonly pageOrigins: ReadonlySet<string | undefined>;
  /** The protocol (B-1). */
  readonly handle: (request: Request, client: string | undefined) => Promise<Response>;
  /** Counts answers that are not sent yet. */
  readonly answers: AnswerBudget;
  readonly site: Site | undefined;
  /** Websites of users; absent: none are served. */
  readonly gateway: Gateway | undefined;
  /** Documents of apps at origins of their own; absent: apps have none. */
  readonly appFrames: AppFrames | undefined;
  /** Resolves when the stores answer; rejects with the reason when they do not. */
  readonly checkHealth: () => Promise<void>;
  readonly addresses: ClientAddresses;
  readonly rateLimit: RateLimit;
  readonly metrics: NodeMetrics;
  readonly log: Log;
}

/** How long an answer about health is good for: anybody may ask, and each look asks the stores. */
const HEALTH_MS = 1_000;
/** The first says to ask again, the second not to (B-1 §1.1); in the form of the header. */
const TOO_FAST = {
  later: 'Too+Many+Requests',
  refused: 'Rate+Limit%3A+Too+many+requests',
} as const;
const RETRY_AFTER_SECONDS = '2';
/** A `Request` cannot have these methods; no call of the protocol has them either (B-1 §1.2). */
const UNKNOWN_TO_THE_WEB = new Set(['TRACE', 'TRACK', 'CONNECT']);

/** What is counted where a request names no endpoint. */
const NO_ENDPOINT: Endpoint = { part: 'site', name: 'unknown' };

/** Whatever path a website has. */
const WEBSITE: Endpoint = { part: 'site', name: 'website' };
const APP_FRAME: Endpoint = { part: 'site', name: 'app-frame' };

/** Longer answers are told even where single requests are not logged. */
const SLOW_MS = 10_000;

/** Answers requests; never rejects. */
export class Answerer {
  readonly #deps: AnswerDeps;
  readonly #sendBuffers: SendBuffers;
  #underWay = 0;
  #healthCheck: { readonly atMs: number; readonly outcome: Promise<void> } | undefined;

  constructor(deps: AnswerDeps) {
    this.#deps = deps;
    this.#sendBuffers = new SendBuffers(deps.answers);
    const { metrics } = deps;
    metrics.gauge('pyrgos_requests_under_way', 'Requests being answered.', () => this.#underWay);
    metrics.gauge('pyrgos_unsent_bytes', 'Answers not yet taken.', () => this.#sendBuffers.bytes);
  }

  get underWay(): number {
    return this.#underWay;
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const start = performance.now();
    const target = targetOf(request.url ?? '/');
    const endpoint = target?.endpoint ?? NO_ENDPOINT;
    this.#underWay++;
    let sentBytes = 0;
    try {
      if (this.#deps.settings.isTlsOnly) {
        response.setHeader('strict-transport-security', 'max-age=31536000');
      }
      sentBytes = await this.#dispatch(request, response, target);
    } catch (error) {
      this.#fail(error, endpoint, response);
    } finally {
      this.#underWay--;
      this.#note(request, response, endpoint, performance.now() - start, sentBytes);
    }
  }

  async #dispatch(
    request: IncomingMessage,
    response: ServerResponse,
    target: Target | undefined,
  ): Promise<number> {
    const { settings, hosts, metrics, addresses } = this.#deps;
    if (UNKNOWN_TO_THE_WEB.has(request.method ?? '')) return sendEmpty(response, 405);
    if (target === undefined) throw new OddRequest('The target of a request is no plain path.');
    const named = soleHost(request);
    const host = canonicalHost(named);
    const isNode = host !== undefined && hosts.has(host);
    const user = host && !isNode ? userOfHost(host, settings.gatewayDomain) : undefined;
    const isApp = host !== undefined && !isNode && this.#isApp(host);
    const endpoint = isApp ? APP_FRAME : user === undefined ? target.endpoint : WEBSITE;
    if (endpoint.part === 'health') return this.#health(response);
    if (host === undefined || (!isNode && user === undefined && !isApp)) {
      response.setHeader('connection', 'close');
      return sendEmpty(response, 404);
    }
    const isOwn = addresses.isThisMachine(request);
    const guesser = isOwn ? undefined : this.#guesserOf(request, endpoint);
    const verdict = isOwn ? 'allowed' : this.#judge(request, endpoint, guesser);
    if (verdict !== 'allowed') return this.#refuse(request, response, verdict);
    if (endpoint.part === 'metrics') {
      if (this.#maySeeMetrics(request, host, isOwn)) {
        return sendText(response, await metrics.text(), 'text/plain; version=0.0.4');
      }
      this.#noteGuess(request, guesser);
      return sendEmpty(response, 404);
    }
    // It has nothing of anybody, and browsers ask for no password inside of frames.
    if (isApp) return this.#deps.appFrames?.answer(request, response, target.path) ?? 0;
    const { basicAuth } = settings;
    const isAsked = request.method === 'OPTIONS'; // a browser asks without credentials
    if (basicAuth !== undefined && !isAsked && !showsBasicAuth(request, basicAuth)) {
      this.#noteGuess(request, guesser);
      challengeBasicAuth(response);
      return 0;
    }
    const { gateway } = this.#deps;
    if (user !== undefined) {
      return gateway === undefined
        ? sendEmpty(response, 404)
        : gateway.answer(request, response, user, target.path);
    }
    if (endpoint.part !== 'site') return this.#call(request, response, endpoint);
    // Under the name with a dot at its end the page would be another origin, with nothing in it.
    if (/\.(?::\d+)?$/u.test(named)) return sendElsewhere(response, `//${host}${target.text}`);
    return serveSite(this.#deps.site, request, response);
  }

  #isApp(host: string): boolean {
    const { appFrames, settings } = this.#deps;
    return appFrames !== undefined && appLabelOfHost(host, settings.appOrigins) !== undefined;
  }

  /** The client that a wrong secret counts against; absent where no secret is required. */
  #guesserOf(request: IncomingMessage, endpoint: Endpoint): string | undefined {
    const { settings, addresses } = this.#deps;
    if (endpoint.part === 'metrics') return addresses.of(request);
    // All clients of a proxy that is not named have one address: one of them could lock out others.
    return settings.basicAuth === undefined ? undefined : addresses.clientOf(request);
  }

  #judge(request: IncomingMessage, { name }: Endpoint, guesser: string | undefined): Verdict {
    const { rateLimit, addresses } = this.#deps;
    const verdict = rateLimit.judge(addresses.of(request), name);
    if (verdict !== 'allowed' || guesser === undefined) return verdict;
    return rateLimit.mayGuess(guesser) ? 'allowed' : 'refused';
  }

  #noteGuess({ headers }: IncomingMessage, guesser: string | undefined): void {
    if (guesser === undefined || headers.authorization === undefined) return;
    this.#deps.rateLimit.noteGuess(guesser);
  }

  /** Asks the protocol. */
  async #call(
    request: IncomingMessage,
    response: ServerResponse,
    endpoint: Endpoint,
  ): Promise<number> {
    const { addresses, handle } = this.#deps;
    const client = addresses.clientOf(request);
    if (this.#sendBuffers.isFullFor(client)) return this.#refuse(request, response, 'later');
    const ask = () => handle(toWebRequest(request), client);
    const isLong = endpoint.name === PATHS.migrateUser;
    const answer = isLong ? await withoutTimeout(request, ask) : await ask();
    const sentBytes = await sendWebResponse(answer, response, request.method === 'HEAD');
    this.#sendBuffers.count(client, sentBytes, response);
    return sentBytes;
  }

  #maySeeMetrics(request: IncomingMessage, host: string, isOwn: boolean): boolean {
    const { metricsToken, publicHosts } = this.#deps.settings;
    if (metricsToken !== undefined && showsToken(request, metricsToken)) return true;
    // A proxy on this machine keeps the public name in `Host`.
    return isOwn && !publicHosts.some((it) => canonicalHost(it) === host);
  }

  async #health(response: ServerResponse): Promise<number> {
    try {
      await this.#checkHealth();
      return sendText(response, 'ok\n', 'text/plain');
    } catch (error) {
      this.#deps.log.error('unhealthy', failureFields(error));
      return sendText(response, 'The stores cannot be used.\n', 'text/plain', 503);
    }
  }

  #checkHealth(): Promise<void> {
    const nowMs = performance.now();
    if (this.#healthCheck === undefined || nowMs - this.#healthCheck.atMs > HEALTH_MS) {
      this.#healthCheck = { atMs: nowMs, outcome: this.#deps.checkHealth() };
    }
    return this.#healthCheck.outcome;
  }

  /** A refusal made before the protocol was asked; what is left of the body is not read. */
  #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    verdict: Exclude<Verdict, 'allowed'>,
  ): number {
    const text = TOO_FAST[verdict];
    const { origin } = request.headers;
    if (origin !== undefined && this.#deps.pageOrigins.has(canonicalOrigin(origin))) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader(
        'access-control-expose-headers',
        `Trailer, ${REFUSAL_HEADER}, Retry-After`,
      );
      response.setHeader('vary', 'origin');
    }
    response.setHeader('connection', 'close');
    response.setHeader(REFUSAL_HEADER, text);
    if (verdict === 'later') response.setHeader('retry-after', RETRY_AFTER_SECONDS);
    if (request.httpVersion !== '1.0') response.setHeader('trailer', text);
    response.writeHead(429, { 'content-type': 'text/plain' });
    response.end();
    return 0;
  }

  #fail(error: unknown, endpoint: Endpoint, response: ServerResponse): void {
    const isOdd = error instanceof OddRequest;
    if (!isOdd && !(error instanceof RequestCutOff)) {
      this.#deps.log.error('failed', { endpoint: endpoint.name, ...failureFields(error) });
    }
    if (response.headersSent || response.destroyed) response.destroy();
    else {
      response.setHeader('connection', 'close');
      sendEmpty(response, isOdd ? 400 : 500);
    }
  }

  #note(
    request: IncomingMessage,
    response: ServerResponse,
    { name }: Endpoint,
    tookMs: number,
    sentBytes: number,
  ): void {
    const { metrics, log } = this.#deps;
    const { statusCode: status } = response;
    const receivedBytes = Number(request.headers['content-length'] ?? 0) || 0;
    metrics.answered({ endpoint: name, status, seconds: tookMs / 1000, receivedBytes, sentBytes });
    const isSlow = tookMs > SLOW_MS;
    if (!isSlow && !log.has('debug')) return;
    const ms = Math.round(tookMs * 10) / 10;
    const fields = { endpoint: name, method: request.method, status, ms, receivedBytes, sentBytes };
    if (isSlow) log.warn('slow request', fields);
    else log.debug('request', fields);
  }
}

/** While a whole account is fetched, the connection carries nothing for a long time. */
async function withoutTimeout<T>({ socket }: IncomingMessage, work: () => Promise<T>): Promise<T> {
  const stillnessMs = socket.timeout ?? 0;
  socket.setTimeout(0);
  try {
    return await work();
  } finally {
    socket.setTimeout(stillnessMs);
  }
}

/** Empty when there is none or more than one: proxies and we could read two differently. */
function soleHost({ headers, rawHeaders }: IncomingMessage): string {
  let hosts = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.length === 4 && rawHeaders[i]?.toLowerCase() === 'host') hosts++;
  }
  return hosts === 1 ? (headers.host ?? '') : '';
}

function sendEmpty(response: ServerResponse, status: number): number {
  response.writeHead(status, { 'content-length': '0' });
  response.end();
  return 0;
}

function sendElsewhere(response: ServerResponse, location: string): number {
  response.writeHead(308, { location, 'content-length': '0', 'cache-control': 'no-store' });
  response.end();
  return 0;
}

function sendText(response: ServerResponse, text: string, mediaType: string, status = 200): number {
  const bytes = Buffer.from(text);
  response.writeHead(status, {
    'content-type': `${mediaType}; charset=utf-8`,
    'content-length': String(bytes.length),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
  return bytes.length;
}
