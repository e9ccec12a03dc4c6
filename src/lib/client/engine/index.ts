/**
 * The engine behind the façade. The page never imports this: only the worker shell does, through
 * this entry beside the room's `index.ts`, so that no key-handling code is loaded into the page.
 */
export { isSharedOrigin } from '../gateway-address.ts';
export { browserRoom } from './browser-room.ts';
export { createEngine } from './engine.ts';
export type { CipherConnections, Engine, EngineDeps, PeerConnections } from './engine.ts';
export { openDraftRecords } from './frames/draft-records.ts';
export { serverOrigin } from './session/node-directory.ts';
export type { AccountNode, NodeDirectory } from './session/node-directory.ts';
export { createThumbnailer } from './thumbnails/index.ts';
