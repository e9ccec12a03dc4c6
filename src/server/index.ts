/**
 * The self-hosted node: the storage node behind HTTP, on disk, with the site beside it. A thin
 * shell: the protocol is `node/`'s, the bytes are `stores/`'s.
 */
export { FolderInUse, openNodeStores } from './data/stores.ts';
export type { OpenStores } from './data/stores.ts';
export type { NodeSettings } from './settings/settings.ts';
export { startServer } from './start-server.ts';
export type { RunningNode, StartOptions } from './start-server.ts';
