/** What can go wrong between a page and a node that is reached by WebRTC. */
import { PyrgosError } from '#lib/bytes/index.ts';

/** A text is not the address of a node. */
export class BadMultiaddr extends PyrgosError {
  override readonly name = 'BadMultiaddr';
  override readonly kind = 'invalid';
  constructor() {
    super(
      'This is not the address of a node. It looks like /ip4/…/udp/…/webrtc-direct/certhash/…/p2p/….',
    );
  }
}

/** The other side broke the rules of the connection; the stream or the connection ends. */
export class MalformedPeerData extends PyrgosError {
  override readonly name = 'MalformedPeerData';
  override readonly kind = 'damaged';
}

/** Who answers at the address is not the peer that the address names. */
export class WrongPeer extends PyrgosError {
  override readonly name = 'WrongPeer';
  override readonly kind = 'refused';
  constructor(message = 'Another node than the one you named answers at this address.') {
    super(message);
  }
}

/** The browser has no WebRTC, or the person or an extension turned it off. */
export class NoWebRtc extends PyrgosError {
  override readonly name = 'NoWebRtc';
  override readonly kind = 'refused';
  constructor(
    message = 'This browser cannot reach a node by such an address: WebRTC is missing or turned off.',
  ) {
    super(message);
  }
}

/** The stream ended before everything was said: the other side reset it, or the connection broke. */
export class StreamEnded extends PyrgosError {
  override readonly name = 'StreamEnded';
  override readonly kind = 'offline';
  constructor(message = 'The connection to the node broke.', options?: ErrorOptions) {
    super(message, options);
  }
}
