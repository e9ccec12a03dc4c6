/** A storage node whose users may have their homes at other nodes (B-1 §3). */
export { createForwardingNode } from './forwarding-node.ts';
export type { ForwardingNode } from './forwarding-node.ts';
export type { AccountCopies, CopyState, FetchPublic, ForwardingDeps } from './forwarding.ts';
export { EMPTY_DIRECTORY } from './name-directory.ts';
export type { NameDirectory } from './name-directory.ts';
export type { NodeTransport } from './node-transport.ts';
