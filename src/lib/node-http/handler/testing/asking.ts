/** For the tests of this folder: a node asked over its HTTP interface. */
import { toHex } from '#lib/bytes/index.ts';
import { createBench } from '#lib/node-local/testing.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { decodeTrailer } from '../../wire/parse-refusal.ts';
import { handleRequest } from '../handle-request.ts';
import type { HandlerOptions } from '../options.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Hex. */
  readonly body: string;
  /** The text of the header `Trailer`. */
  readonly error: string | undefined;
}

export const HOST = 'node.example';

export interface Question {
  readonly method?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: BodyInit | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

export type Ask = (path: string, question?: Question) => Promise<Answer>;

/** Asks `node`; paths without leading slash, queries unescaped. Faults of the node are collected. */
export function asking(
  node: StorageNode,
  options: Partial<HandlerOptions> = {},
): { readonly ask: Ask; readonly faults: unknown[] } {
  const faults: unknown[] = [];
  const answer = handleRequest(node, {
    hosts: [HOST],
    isPublic: true,
    pageOrigins: [],
    clock: () => Date.now(),
    onError: (_, error) => faults.push(error),
    ...options,
  });
  const ask: Ask = async (
    path,
    { method = 'POST', query = {}, body, headers = {}, signal } = {},
  ) => {
    const parts = Object.entries(query).map((part) => part.map(encodeURIComponent).join('='));
    const url = `https://${HOST}/${path}${parts.length === 0 ? '' : `?${parts.join('&')}`}`;
    const init = {
      method,
      headers,
      ...(body === undefined ? {} : { body: body as BodyInit, duplex: 'half' }),
      ...(signal === undefined ? {} : { signal }),
    };
    return answerOf(await answer(new Request(url, init)));
  };
  return { ask, faults };
}

/** Asks a node some of whose calls are replaced; notes what they were given. */
export function askingFake(fake: (note: (...given: unknown[]) => void) => Record<string, object>) {
  const given: unknown[] = [];
  const node = createBench().node;
  const parts = fake((...arguments_) => given.push(...arguments_));
  const replaced = Object.entries(parts).map(([name, calls]) => [
    name,
    { ...node[name as keyof StorageNode], ...calls },
  ]);
  const { ask } = asking({ ...node, ...(Object.fromEntries(replaced) as object) });
  return { ask, given };
}

/** The parts of an answer a test compares. */
export async function answerOf(response: Response): Promise<Answer> {
  const trailer = response.headers.get('trailer');
  return {
    status: response.status,
    headers: response.headers,
    body: toHex(new Uint8Array(await response.arrayBuffer())),
    error: trailer === null ? undefined : decodeTrailer(trailer),
  };
}
