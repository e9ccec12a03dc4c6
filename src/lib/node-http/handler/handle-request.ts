/**
 * Any storage node offered over HTTP (B-1): a pure function from `Request` to `Response`, knowing
 * neither sockets nor a runtime. It trusts nothing: the host is compared, the body measured while it
 * is read, every parameter parsed before the node sees it. Refusals of the node become the texts of
 * the protocol; anything else that goes wrong is told to `onError` and answered neutrally, so that no
 * inner state or secret can appear in an answer.
 *
 * Where the reference drops the connection this answers status 400 (B-1 §1.1, B-7 §6).
 */
import { kindOf, PyrgosError } from '#lib/bytes/index.ts';
import { decodeCbor } from '#lib/codec/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { RateLimited, WrongSignature } from '#lib/protocol/index.ts';
import { StoreFull, StoreContended, StoreUnavailable } from '#lib/stores/index.ts';
import { refusalText } from '../wire/write-refusal.ts';
import { AnswerBudget, TooManyAnswers } from './answer-budget.ts';
import { emptyAnswer, guarded, refusalAnswer } from './responses.ts';
import { readBody, SlowBody } from './body.ts';
import type { BodyLimits } from './body.ts';
import { isFromForeignPage, isOwnHost, ownNames, preflightAnswer, withCors } from './cors.ts';
import type { OwnNames } from './cors.ts';
import type { Call, Endpoint, Noted } from './endpoint.ts';
import { AdmissionControl } from './admission-control.ts';
import { namingOffers } from './extension-endpoints.ts';
import type { HandlerOptions } from './options.ts';
import { PUBLIC_PREFIX, publicPage } from './public-page.ts';
import { Query } from './query.ts';
import { routeOf } from './routes.ts';

const DEFAULTS = {
  maxConcurrentRequests: 64,
  maxWaitingRequests: 256,
  // A quarter. Clients of the protocol ask 50 at once (B-1 §1.8).
  maxRequestsPerClient: 80,
  maxBodyBytesHeld: 256 * 1024 * 1024,
  bodyIdleMs: 15_000,
  // A block of one MiB may come by a line of 70 kbit/s.
  bodyGraceMs: 10_000,
  bodyBytesPerSecond: 8 * 1024,
} as const;

const NEUTRAL_TEXT = 'Unexpected error';
/** Begins as clients expect of a lack of space, so that they tell their user and do not try again. */
const STORE_FULL_TEXT = 'Storage quota reached! The server itself has no space left.';
const TOO_MANY_TEXT = 'Too Many Requests';
const RETRY_AFTER_SECONDS = '2';
const SIGNATURE_BYTES = 64;
/** Whatever is asked below these, by a method that is none of a call's, is answered 405 (B-1 §1.2). */
const API = /^\/(?:api|peergos|pyrgos)\/v0\//u;
const SIGNED_PATH = /^[A-Za-z0-9/_-]{1,100}$/u;

/**
 * The function that answers for `node`. It never rejects. The URL of a request has the origin its
 * `Host` header names. `client` is whatever tells one client from others, an address for instance;
 * `undefined` where nothing does. Paths that are none of the protocol's are answered 404.
 */
export function handleRequest(
  node: StorageNode,
  options: HandlerOptions,
): (request: Request, client?: string) => Promise<Response> {
  const given = { ...DEFAULTS, ...options };
  const admission = new AdmissionControl({
    running: given.maxConcurrentRequests,
    waiting: given.maxWaitingRequests,
    bodyBytes: given.maxBodyBytesHeld,
    perClient: given.maxRequestsPerClient,
  });
  const answers = options.answers ?? new AnswerBudget();
  const named = namingOffers(node);
  const names = ownNames(options);
  return async (request, client) => {
    const offer: Offer = { node, options: given, names, admission, answers, client };
    const answer = await named(await answerTo(offer, request));
    return guarded(withCors(answer, request, names));
  };
}

interface Offer {
  readonly node: StorageNode;
  readonly options: HandlerOptions & Required<Pick<HandlerOptions, keyof typeof DEFAULTS>>;
  readonly names: OwnNames;
  readonly admission: AdmissionControl;
  readonly answers: AnswerBudget;
  readonly client: string | undefined;
}

async function answerTo(offer: Offer, request: Request): Promise<Response> {
  const { node, options, names, admission, client } = offer;
  const url = new URL(request.url);
  if (!isOwnHost(request.headers.get('host') ?? url.host, names)) return emptyAnswer(404);
  if (request.method === 'OPTIONS') return preflightAnswer(request, names);
  // Any page can make a browser call a loopback address; on a public node it gains nothing by it.
  if (!options.isPublic && isFromForeignPage(request, names)) {
    return emptyAnswer(403);
  }
  if (url.pathname.startsWith(PUBLIC_PREFIX)) {
    if (request.method !== 'GET') return emptyAnswer(405);
    const refused: Noted = {};
    return answering(offer, request, PUBLIC_PREFIX, refused, () => {
      const query = new Query(url.search.slice(1));
      const work = () => publicPage(node, url.pathname, query, refused);
      return admission.admit(client, (slot) => slot.run(work, request.signal));
    });
  }
  const isMethodFit = request.method === 'POST' || (options.isPublic && request.method === 'GET');
  if (!isMethodFit && API.test(url.pathname)) return emptyAnswer(405);
  const route = routeOf(url.pathname);
  if (route === 'not found') return emptyAnswer(404);
  if ('unknownMethod' in route) return refusalAnswer(route.unknownMethod);
  const refused: Noted = { path: route.path };
  return answering(offer, request, route.path, refused, () =>
    run(offer, request, url, route.endpoint, refused),
  );
}

async function run(
  { node, options, admission, answers, client }: Offer,
  request: Request,
  url: URL,
  endpoint: Endpoint,
  refused: Noted,
): Promise<Response> {
  const query = new Query(url.search.slice(1));
  // Also calls that ignore the owner refuse one that is none (B-1 §2.1).
  if (url.pathname.startsWith('/api/') && query.get('owner') !== undefined) query.key('owner');
  return admission.admit(client, async (slot) => {
    const { limits } = endpoint;
    const body =
      limits.bodyBytes === 0
        ? new Uint8Array()
        : await readBody(request, limits.bodyBytes, paceOf(options), (bytes) => slot.hold(bytes));
    const { signal } = request;
    const call: Call = { node, limits, query, body, request, signal, refused };
    const giveBack = await answers.reserve(client, limits.answerBytes(query), signal);
    return slot
      .run(() => endpoint.run(call), signal)
      .catch((error: unknown) => {
        if (error instanceof WrongSignature) refused.signedPath = otherSignedPath(call);
        throw error;
      })
      .finally(giveBack);
  });
}

async function answering(
  { options }: Offer,
  request: Request,
  endpoint: string,
  refused: Noted,
  work: () => Promise<Response>,
): Promise<Response> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RateLimited && error.limit === 'requests') {
      return retryable(refusalAnswer(TOO_MANY_TEXT, 429));
    }
    if (error instanceof TooManyAnswers) return retryable(refusalAnswer(error.message, 503));
    if (error instanceof SlowBody) return refusalAnswer(error.message, 408);
    const text = refusalText(error, refused);
    if (text !== undefined) return refusalAnswer(text);
    // An aborted request needs no answer.
    if (!request.signal.aborted) options.onError?.(endpoint, error);
    return faultAnswer(error);
  }
}

/** What is said of a fault: nothing but what the client can do about it. */
function faultAnswer(error: unknown): Response {
  if (error instanceof StoreFull) return refusalAnswer(STORE_FULL_TEXT);
  if (error instanceof StoreUnavailable || error instanceof StoreContended) {
    return retryable(refusalAnswer(NEUTRAL_TEXT, 503));
  }
  // Another node that is needed for the answer is away; to the client that is as if this one were.
  if (kindOf(error) === 'offline') return retryable(emptyAnswer(503));
  return refusalAnswer(NEUTRAL_TEXT);
}

function retryable(answer: Response): Response {
  answer.headers.set('Retry-After', RETRY_AFTER_SECONDS);
  return answer;
}

function paceOf(options: Offer['options']): BodyLimits {
  const { bodyIdleMs: idleMs, bodyGraceMs: graceMs, bodyBytesPerSecond: bytesPerSecond } = options;
  return { idleMs, graceMs, bytesPerSecond, clock: options.clock };
}

/** The path a signed request names instead of the one it was sent to (B-1 §1.2). */
function otherSignedPath({ query, refused }: Call): string | undefined {
  if (query.get('auth') === undefined) return undefined;
  try {
    const request = decodeCbor(query.hex('auth').subarray(SIGNATURE_BYTES));
    const path = request instanceof Map ? request.get('p') : undefined;
    const isOther = typeof path === 'string' && path !== refused.path && SIGNED_PATH.test(path);
    return isOther ? path : undefined;
  } catch (error) {
    if (error instanceof PyrgosError) return undefined;
    throw error;
  }
}
