/**
 * A node that is reached by WebRTC-direct, version 2, at an address without domain and certificate
 * authority. Here are its addresses only; `engine.ts` and `page.ts` are loaded when such a node is
 * named, and `streams.ts` is for who answers.
 */
export { BadMultiaddr } from './errors.ts';
export { formatMultiaddr, looksLikeMultiaddr, parseMultiaddr } from './multiaddr.ts';
export type { WebRtcAddress } from './multiaddr.ts';
