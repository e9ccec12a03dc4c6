/** Streams between a page and a node, for the node, which answers, and for programs that ask. */
export { channelOf, DRAINED_BYTES } from './channel.ts';
export type { Channel, ChannelListener } from './channel.ts';
export { WrongPeer } from './errors.ts';
export { shakeHands } from './handshake.ts';
export { createPeer } from './peer.ts';
export type { Line, PeerDeps } from './peer.ts';
export type { Fetch } from './peer-fetch.ts';
export { accept } from './protocol-selection.ts';
export { StreamReader } from './reader.ts';
export { offerOf, VERSION_2_PREFIX } from './sdp.ts';
export { PeerStream, UnreadBudget } from './stream.ts';
