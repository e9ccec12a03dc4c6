/** The Kademlia table of libp2p, by which nodes are found of which only the id is known. */
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht';
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht';
import type { DhtMode } from '../settings/settings.ts';

const PROTOCOLS = { private: '/ipfs/lan/kad/1.0.0', public: '/ipfs/kad/1.0.0' } as const;

/** The service to add to a host; none where the table is off. */
export function dhtService(mode: DhtMode): { dht?: (components: KadDHTComponents) => KadDHT } {
  if (mode === 'off') return {};
  return {
    dht: kadDHT({
      protocol: PROTOCOLS[mode],
      // Until `PeerHost.serveTable`.
      clientMode: true,
      peerInfoMapper: mode === 'private' ? passthroughMapper : removePrivateAddressesMapper,
    }),
  };
}
