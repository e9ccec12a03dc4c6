/** What a response that is not a success means, and whether to ask again (B-1 §1.1). */
import type { PyrgosError } from '#lib/bytes/index.ts';
import {
  MalformedAnswer,
  MalformedRequest,
  NodeUnreachable,
  NotOffered,
  RateLimited,
} from '#lib/protocol/index.ts';
import { decodeTrailer, REFUSAL_HEADER, refusalOf } from '../wire/parse-refusal.ts';
import type { Incoming } from './http-types.ts';

const OVERLOADED: ReadonlySet<number> = new Set([429, 500, 502, 503, 504]);

/** An answer that says no. */
export interface Refusal {
  readonly error: PyrgosError;
  /** Whether the same request may be answered otherwise a little later. */
  readonly isTransient: boolean;
}

/** Undefined for a success. `path`: the endpoint as in `PATHS`. */
export function refusalIn(
  { status, headers }: Pick<Incoming, 'status' | 'headers'>,
  path: string,
): Refusal | undefined {
  if (status >= 300 && status < 400) {
    return definite(new MalformedAnswer('The server refers to another place, which is not asked.'));
  }
  if (status === 200) return undefined;
  const trailer = headers.get(REFUSAL_HEADER) ?? headers.get('trailer');
  if (trailer !== null) return refusalOfText(decodeTrailer(trailer), path, status);
  if (status === 429) return { error: new RateLimited('requests'), isTransient: true };
  if (OVERLOADED.has(status)) {
    return { error: new NodeUnreachable('The server is too busy to answer.'), isTransient: true };
  }
  if (status === 404 || status === 401 || status === 403 || status === 405) {
    return definite(new NotOffered('This server does not offer this.'));
  }
  // Something between here and the node dropped the text of the refusal (B-7 §4.1).
  const error = new MalformedAnswer(`The server refused with status ${status} and says not why.`);
  return { error, isTransient: status === 400 };
}

function refusalOfText(text: string, path: string, status: number): Refusal {
  const error = refusalOf(text, path);
  const isRateLimit = /^Rate Limit/u.test(text);
  const isOverload = OVERLOADED.has(status) || text.includes('Queue full');
  // An unknown text may be a temporary fault; a known one is a decision.
  const isUnknown = error instanceof MalformedRequest;
  return { error, isTransient: !isRateLimit && (isOverload || isUnknown) };
}

function definite(error: PyrgosError): Refusal {
  return { error, isTransient: false };
}
