/** What the tables of endpoints are made of. */
import { decodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { MalformedRequest } from '#lib/protocol/index.ts';
import type { RefusedRequest } from '../wire/write-refusal.ts';
import { LIMITS } from './limits.ts';
import type { EndpointLimits, LimitedPath } from './limits.ts';
import type { Query } from './query.ts';

/** One request, once its method, host, query and body have been looked at. */
export interface Call {
  readonly node: StorageNode;
  readonly limits: EndpointLimits;
  readonly query: Query;
  /** Empty for reads. */
  readonly body: Uint8Array;
  readonly request: Request;
  readonly signal: AbortSignal;
  /** What the text of a refusal repeats; endpoints note what they have read. */
  readonly refused: Noted;
}

export type Noted = { -readonly [Key in keyof RefusedRequest]: RefusedRequest[Key] };

export interface Endpoint {
  readonly limits: EndpointLimits;
  readonly run: (call: Call) => Promise<Response>;
}

/** Endpoints by their path, as in `PATHS`. */
export type EndpointTable = readonly (readonly [path: LimitedPath, endpoint: Endpoint])[];

/** A call of which `LIMITS` says what it may cost. */
export function endpoint(
  path: LimitedPath,
  run: (call: Call) => Promise<Response>,
): readonly [LimitedPath, Endpoint] {
  return [path, { limits: LIMITS[path], run }];
}

/** The CBOR of a body, or of a part of it, with no more values than the call may have. */
export function cborOf({ limits, body }: Call, part = body): CborValue {
  return decodeCbor(part, limits.values);
}

/** Throws `MalformedRequest` with `text` where a call asks for too much at once. */
export function requireFew({ limits }: Call, count: number, text: string): void {
  if (count > limits.items) throw new MalformedRequest(`${text} ${count}`);
}
