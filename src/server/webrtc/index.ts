/** This node for pages that know it by its address alone: WebRTC-direct. */
export { openWebRtc } from './open.ts';
export type { WebRtcDeps, WebRtcDoor } from './open.ts';
