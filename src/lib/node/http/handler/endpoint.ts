/** What the tables of endpoints are made of. */
import type { StorageNode } from '../../types.ts';
import type { RefusedRequest } from '../refusal-texts.ts';
import type { Query } from './query.ts';

/** One request, once its method, host, query and body have been looked at. */
export interface Call {
  readonly node: StorageNode;
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
  /** 0 = the call has no body; one that comes nevertheless is not read. */
  readonly maxBodyBytes: number;
  readonly run: (call: Call) => Promise<Response>;
}

/** Endpoints by their path, as in `PATHS`. */
export type EndpointTable = readonly (readonly [path: string, endpoint: Endpoint])[];

/** A call without body. */
export function read(
  path: string,
  run: (call: Call) => Promise<Response>,
): readonly [string, Endpoint] {
  return [path, { maxBodyBytes: 0, run }];
}

/** A call with a body of at most `maxBodyBytes`. */
export function post(
  path: string,
  maxBodyBytes: number,
  run: (call: Call) => Promise<Response>,
): readonly [string, Endpoint] {
  return [path, { maxBodyBytes, run }];
}
