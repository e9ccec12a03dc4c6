/**
 * What the engine asks of its page, which alone may make connections in a browser: workers have no
 * `RTCPeerConnection`. Channels move to the engine as they are made, so nothing of what they carry
 * passes through the page; where a browser cannot move them, the page relays their messages.
 */
import {
  bytes,
  count,
  nothing,
  object,
  oneOf,
  refused,
  shape,
  text,
  transferring,
} from '#lib/rpc/index.ts';
import type { Parser } from '#lib/rpc/index.ts';
import { channelOf } from './channel.ts';
import type { Channel } from './channel.ts';
import { relayedChannel } from './relay.ts';
import type { Reachable } from './sdp.ts';

/** A channel on its way to the engine, or the port of its relay. */
export type MovedChannel = RTCDataChannel | MessagePort;

const moved: Parser<MovedChannel> = (value, what) => {
  if (value instanceof MessagePort) return value;
  if (typeof RTCDataChannel === 'function' && value instanceof RTCDataChannel) return value;
  throw refused(what, 'a data channel');
};

const reachable: Parser<Reachable> = object({
  family: oneOf(4, 6),
  ip: text,
  port: count,
  certificateHash: bytes,
});

const handedOver = (channel: MovedChannel): Transferable[] => [channel as Transferable];

/** Connections have numbers, which the engine gives. */
export const pageProtocol = {
  /** Begins a connection; answers its channel 0. */
  dial: transferring(shape([count, reachable], moved), handedOver),
  /** SHA-256 of the certificate that the browser shows the node. */
  fingerprint: shape([count], bytes),
  /** A further channel. */
  open: transferring(shape([count], moved), handedOver),
  hangUp: shape([count], nothing),
};

export type PageProtocol = typeof pageProtocol;

/** To be called in the task in which it arrived. */
export function receivedChannel(channel: MovedChannel): Channel {
  return channel instanceof MessagePort ? relayedChannel(channel) : channelOf(channel);
}
