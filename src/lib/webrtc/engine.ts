/** The engine's part: nodes reached through connections that its page makes. */
import type { Random } from '#lib/bytes/index.ts';
import { connect } from '#lib/rpc/index.ts';
import type { Wire } from '#lib/rpc/index.ts';
import { NoWebRtc, StreamEnded } from './errors.ts';
import { parseMultiaddr } from './multiaddr.ts';
import type { WebRtcAddress } from './multiaddr.ts';
import { pageProtocol, receivedChannel } from './page-protocol.ts';
import { createPeer } from './peer.ts';
import type { Line } from './peer.ts';
import type { Fetch } from './peer-fetch.ts';

export interface PeersDeps {
  /** Where the page serves connections. */
  readonly wire: Wire;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Answers `fetch` of the node at a multiaddr, which throws `BadMultiaddr`; see `createPeer`. */
export function createPeers({ wire, random, clock }: PeersDeps): (multiaddr: string) => Fetch {
  const page = connect(wire, pageProtocol, [NoWebRtc, StreamEnded]);
  let last = 0;
  const dial = async ({ family, ip, port, certificateHash }: WebRtcAddress): Promise<Line> => {
    const id = ++last;
    const to = { family, ip, port, certificateHash };
    return {
      first: receivedChannel(await page.call('dial', [id, to])),
      fingerprint: () => page.call('fingerprint', [id]),
      open: async () => receivedChannel(await page.call('open', [id])),
      hangUp: () => void page.call('hangUp', [id]).catch(() => undefined),
    };
  };
  return (multiaddr) =>
    createPeer({
      address: parseMultiaddr(multiaddr),
      random,
      clock,
      dial,
    });
}
