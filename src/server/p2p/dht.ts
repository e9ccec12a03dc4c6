/**
 * The Kademlia table of libp2p: nodes are found by it of which only the id is known, and so are the
 * records of nodes that gave up their id (B-2 §7). What it answers is hostile; records are verified
 * before they are kept for others or believed.
 */
import { kadDHT, passthroughMapper, removePrivateAddressesMapper } from '@libp2p/kad-dht';
import type { KadDHT, KadDHTComponents } from '@libp2p/kad-dht';
import {
  ipnsRecordFromProtobuf,
  MalformedIpnsRecord,
  newestIpnsRecord,
  openIpnsRecord,
  peerOfIpnsKey,
} from '#lib/protocol/index.ts';
import type { DhtMode } from '../settings/settings.ts';

const PROTOCOLS = { private: '/ipfs/lan/kad/1.0.0', public: '/ipfs/kad/1.0.0' } as const;

/** The service to add to a host; none where the table is off. */
export function dhtService(
  mode: DhtMode,
  clock: () => number,
): { dht?: (components: KadDHTComponents) => KadDHT } {
  if (mode === 'off') return {};
  return {
    dht: kadDHT({
      protocol: PROTOCOLS[mode],
      // Until `PeerHost.serveTable`.
      clientMode: true,
      peerInfoMapper: mode === 'private' ? passthroughMapper : removePrivateAddressesMapper,
      validators: { ipns: (key, value) => requireIpnsRecord(key, value, clock()) },
      selectors: {
        ipns: (_, values) => newestIpnsRecord(values.map((it) => ipnsRecordFromProtobuf(it))),
      },
    }),
  };
}

async function requireIpnsRecord(key: Uint8Array, value: Uint8Array, nowMs: number): Promise<void> {
  const id = peerOfIpnsKey(key);
  if (id === undefined) throw new MalformedIpnsRecord('A key is of no record that is kept here.');
  await openIpnsRecord(id, ipnsRecordFromProtobuf(value), nowMs);
}
