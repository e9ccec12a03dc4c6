/** How much others may ask of the WebRTC listener. */
export interface WebRtcLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Callers that did not prove who they are yet. */
  readonly maxPending: number;
  readonly maxPendingPerAddress: number;
  /** Streams of one connection at once. */
  readonly maxStreams: number;
  /** What may lie unread in a stream, in all of a connection, and in all connections. */
  readonly maxUnreadBytes: number;
  readonly maxUnreadBytesOfConnection: number;
  readonly maxUnreadBytesOfAll: number;
  readonly handshakeWithinMs: number;
  /** Until a stream says which protocol it speaks. */
  readonly protocolWithinMs: number;
}

const MIB = 1024 * 1024;

export const DEFAULT_WEBRTC_LIMITS: WebRtcLimits = {
  maxConnections: 512,
  maxConnectionsPerAddress: 32,
  maxPending: 64,
  maxPendingPerAddress: 8,
  maxStreams: 128,
  // A whole request and its head.
  maxUnreadBytes: 12 * MIB,
  maxUnreadBytesOfConnection: 32 * MIB,
  maxUnreadBytesOfAll: 256 * MIB,
  handshakeWithinMs: 15_000,
  protocolWithinMs: 15_000,
};

/** What may lie unread of a caller before its proof, and in how many streams. */
export const UNPROVED = { unreadBytes: 256 * 1024, streams: 8 } as const;
