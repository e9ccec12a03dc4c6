/** A remote node on a device that may be without network: answers kept, changes queued. */
export { createCachingNode } from './cache/caching-node.ts';
export type { CachingNode, CachingNodeDeps } from './cache/caching-node.ts';
export { PendingDamaged, PendingFull } from './queue/errors.ts';
export { createOfflineNode } from './queue/offline-node.ts';
export type { OfflineNode } from './queue/offline-node.ts';
