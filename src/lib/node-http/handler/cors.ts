/**
 * Pages from elsewhere (the CORS protocol): those of configured origins may call the node and read
 * the headers its calls rely on. Other origins get no answer to that question. Every call carries
 * its own authorisation and there are no cookies, so credentials are never allowed.
 */
import { parseUrl } from '#lib/bytes/index.ts';
import { canonicalHost, canonicalOrigin } from '../wire/canonical.ts';
import { emptyAnswer } from './responses.ts';
import { MIRROR_HEADER, OFFERS_HEADER } from '../wire/extensions.ts';
import { REFUSAL_HEADER } from '../wire/parse-refusal.ts';

const PREFLIGHT_SECONDS = '86400';

/** In their canonical form. */
export interface OwnNames {
  readonly hosts: ReadonlySet<string | undefined>;
  readonly pageOrigins: ReadonlySet<string | undefined>;
}

export function ownNames({
  hosts,
  pageOrigins,
}: {
  readonly hosts: readonly string[];
  readonly pageOrigins: readonly string[];
}): OwnNames {
  return {
    hosts: new Set(hosts.map(canonicalHost)),
    pageOrigins: new Set(pageOrigins.map(canonicalOrigin)),
  };
}

/** `host` as in the header of that name. */
export function isOwnHost(host: string, { hosts }: OwnNames): boolean {
  const canonical = canonicalHost(host);
  return canonical !== undefined && hosts.has(canonical);
}

function isPageOrigin(origin: string | null, { pageOrigins }: OwnNames): boolean {
  const canonical = canonicalOrigin(origin ?? '');
  return canonical !== undefined && pageOrigins.has(canonical);
}

/** Adds what the origin of `request` is allowed, if anything. */
export function withCors(response: Response, request: Request, names: OwnNames): Response {
  if (names.pageOrigins.size === 0) return response;
  // Also without an origin: a cache must not give the answer for one page to another.
  response.headers.append('Vary', 'Origin');
  const origin = request.headers.get('origin');
  if (origin === null || !isPageOrigin(origin, names)) return response;
  response.headers.set('Access-Control-Allow-Origin', origin);
  response.headers.set(
    'Access-Control-Expose-Headers',
    `Trailer, ${REFUSAL_HEADER}, ETag, Retry-After, ${OFFERS_HEADER}, ${MIRROR_HEADER}`,
  );
  return response;
}

/**
 * The answer to `OPTIONS`, which {@link withCors} completes. To others than pages of these origins it
 * is a method that is none of a call's, as any other (B-1 §1.2).
 */
export function preflightAnswer(request: Request, names: OwnNames): Response {
  if (!isPageOrigin(request.headers.get('origin'), names)) {
    return emptyAnswer(405);
  }
  return new Response(null, {
    status: 204,
    headers: {
      'Access-Control-Allow-Methods': 'GET, POST',
      'Access-Control-Allow-Headers': 'Content-Type, If-None-Match',
      'Access-Control-Max-Age': PREFLIGHT_SECONDS,
    },
  });
}

/**
 * Whether a page of neither this node nor a configured origin sends the request. It could not read
 * the answer, but what it asks for would be done.
 */
export function isFromForeignPage(request: Request, names: OwnNames): boolean {
  const origin = request.headers.get('origin');
  if (origin === null || isPageOrigin(origin, names)) return false;
  const host = parseUrl(origin)?.host;
  return host === undefined || !isOwnHost(host, names);
}
