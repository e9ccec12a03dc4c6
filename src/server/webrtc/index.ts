/** This node for pages that know it by its address alone: WebRTC-direct. */
export { openWebRtc } from './open.ts';
export { ownAddresses } from './own-addresses.ts';
export type { WebRtcDeps, WebRtcService } from './open.ts';
