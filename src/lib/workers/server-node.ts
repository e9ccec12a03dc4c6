/**
 * A server as this browser uses it, in the engine and in the service worker: what was read of it is
 * cached here, and changes that cannot be sent are pending.
 */
import { systemRandom } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { createHttpNode, sendByFetch } from '#lib/node-http/index.ts';
import type { Fetch, HttpNodeOptions } from '#lib/node-http/index.ts';
import {
  createCachingNode,
  createOfflineNode,
  type CachingNode,
  type CachingNodeDeps,
  type OfflineNode,
} from '#lib/offline/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';

export interface ServerNodeOptions {
  readonly http?: HttpNodeOptions | undefined;
  /** Asks a node that is named by multiaddr. */
  readonly fetch?: Fetch | undefined;
  /** Called when the server starts or stops to answer. */
  readonly onState?: CachingNodeDeps['onState'];
  /** Called when the number of pending changes changes. */
  readonly onChange?: () => void;
}

export interface ServerNode {
  /** Asks the server itself. */
  readonly direct: StorageNode;
  /** Answers from here while the server is away. */
  readonly cached: CachingNode;
  /** The same, with pending changes. */
  readonly node: OfflineNode;
}

/** Whatever origin requests to a node without one name; only path and query are sent. */
const NO_ORIGIN = 'http://node.invalid';

/** The server of an origin, or the node that `fetch` asks, on stores of its own. */
export function createServerNode(
  server: string,
  stores: { readonly blocks: BlockStore; readonly records: RecordStore },
  clock: () => number,
  { http, fetch, onState, onChange }: ServerNodeOptions = {},
): ServerNode {
  const direct = createDirectNode(server, { http, fetch });
  const cached = createCachingNode(direct, { ...stores, clock, ...(onState ? { onState } : {}) });
  const node = createOfflineNode(cached, {
    ...stores,
    direct,
    random: systemRandom,
    ...(onChange ? { onChange } : {}),
  });
  return { direct, cached, node };
}

/** The same, of which nothing is kept. Does nothing before the first question. */
export function createDirectNode(
  server: string,
  { http, fetch }: Pick<ServerNodeOptions, 'http' | 'fetch'>,
): StorageNode {
  if (fetch === undefined) return createHttpNode(server, http);
  // As at this machine, reads are POST too (B-1 §1.2), and the network of the device says nothing.
  return createHttpNode(NO_ORIGIN, { ...http, send: sendByFetch(fetch), isLoopback: true });
}
