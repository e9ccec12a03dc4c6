/** For tests: a node behind HTTP without a network, and a server that answers as a test wants. */
import { createBench, NOW_MS, TestAccount } from '#lib/node-local/testing.ts';
import type { Bench } from '#lib/node-local/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { encodeTrailer } from '../wire/parse-refusal.ts';
import { createHttpNode } from './create-http-node.ts';
import type { HttpNodeOptions } from './create-http-node.ts';
import { handleRequest } from '../handler/handle-request.ts';

export const ORIGIN = 'http://node.test';

export interface Seen {
  readonly method: string;
  /** Without leading slash. */
  readonly path: string;
  readonly query: readonly (readonly [string, string])[];
  readonly body: Uint8Array;
}

/** What stands between client and node; `next` asks the node. */
export type Between = (
  request: Request,
  next: () => Promise<Response>,
  count: number,
) => Promise<Response>;

export interface Served {
  readonly node: StorageNode;
  /** Every request that left the client, in order. */
  readonly seen: Seen[];
  /** Pauses between attempts, in milliseconds; they take no time. */
  readonly pauses: number[];
  readonly bench: Bench;
}

export interface ServedOptions extends HttpNodeOptions {
  readonly between?: Between;
  readonly isPublic?: boolean;
  /** Keeps what the node offers beyond the protocol from the client. */
  readonly isForeign?: boolean;
}

/** A client of our handler over a local node in memory. */
export function served(options: ServedOptions = {}, bench: Bench = createBench()): Served {
  const { between, isPublic = true, isForeign = false, ...nodeOptions } = options;
  const handle = handleRequest(bench.node, {
    hosts: [new URL(ORIGIN).host],
    isPublic,
    pageOrigins: [],
    clock: () => bench.time.nowMs,
  });
  const answer = async (request: Request): Promise<Response> => {
    const response = await handle(request);
    if (isForeign) response.headers.delete('Node-Offers');
    return response;
  };
  const client = asked(
    (request, count) =>
      between === undefined
        ? answer(request)
        : between(request.clone() as Request, () => answer(request), count),
    { clock: () => bench.time.nowMs, ...nodeOptions },
  );
  return { ...client, bench };
}

/** A client of whatever `respond` is. */
export function asked(
  respond: (request: Request, count: number) => Promise<Response> | Response,
  options: HttpNodeOptions = {},
): Omit<Served, 'bench'> {
  const seen: Seen[] = [];
  const pauses: number[] = [];
  const node = createHttpNode(ORIGIN, {
    fetch: async (request) => {
      const count = seen.length;
      seen.push(await described(request.clone() as Request));
      return respond(request, count);
    },
    clock: () => NOW_MS,
    pause: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      pauses.push(milliseconds);
    },
    ...options,
  });
  return { node, seen, pauses };
}

async function described(request: Request): Promise<Seen> {
  const url = new URL(request.url);
  return {
    method: request.method,
    path: url.pathname.slice(1),
    query: url.search
      .slice(1)
      .split('&')
      .filter((part) => part !== '')
      .map((part) => part.split('=').map(decodeURIComponent) as [string, string]),
    body: new Uint8Array(await request.arrayBuffer()),
  };
}

/** A served node with an account on it. */
export async function signedUp(options: ServedOptions = {}, bench = createBench()) {
  const account = await TestAccount.signUp(bench.node);
  const client = served(options, bench);
  return { ...client, account };
}

export function refusal(text: string, status = 400): Response {
  return new Response(null, { status, headers: { Trailer: encodeTrailer(text) } });
}

export function dropped(): never {
  throw new TypeError('fetch failed');
}
