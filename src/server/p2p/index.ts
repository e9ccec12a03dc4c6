/** This node among other nodes: libp2p, what they may ask, and the ways to them (B-1 §3). */
export { createPeerNetwork } from './peer-network.ts';
export type { OpenedNetwork, PeerNetwork } from './peer-network.ts';
export { createPeerTransport, nodeAt } from './peer-transport.ts';
export { checkAnnounced, otherProcesses } from './processes.ts';
export type { PeerServer } from './peer-server.ts';
export { markingCopies } from './answers-of-copies.ts';
export { tellingMoves, usersNode } from './users-node.ts';
