/**
 * A server as this browser uses it, in the engine and in the service worker: what was read of it is
 * cached here, and changes that cannot be sent are pending.
 */
import { systemRandom } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import { createHttpNode, type HttpNodeOptions } from '#lib/node-http/index.ts';
import {
  createCachingNode,
  createOfflineNode,
  type CachingNode,
  type CachingNodeDeps,
  type OfflineNode,
} from '#lib/offline/index.ts';
import type { BlockStore, RecordStore } from '#lib/stores/index.ts';

export interface ServerNodeOptions {
  readonly http?: HttpNodeOptions;
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

/** The server of an origin, on stores of its own. */
export function createServerNode(
  server: string,
  stores: { readonly blocks: BlockStore; readonly records: RecordStore },
  clock: () => number,
  { http, onState, onChange }: ServerNodeOptions = {},
): ServerNode {
  const direct = createHttpNode(server, http);
  const cached = createCachingNode(direct, { ...stores, clock, ...(onState ? { onState } : {}) });
  const node = createOfflineNode(cached, {
    ...stores,
    direct,
    random: systemRandom,
    ...(onChange ? { onChange } : {}),
  });
  return { direct, cached, node };
}
