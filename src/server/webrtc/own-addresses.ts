/** The addresses of a node whether it runs or not: its key and its certificate are in its records. */
import type { Random } from '#lib/bytes/index.ts';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import { nodeKeySeed } from '#lib/node-local/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { addressesOf } from './addresses.ts';
import { keptCertificate } from './certificate.ts';

export interface OwnAddressesDeps {
  readonly settings: Pick<NodeSettings, 'webrtcPort' | 'webrtcHost' | 'webrtcAddresses'>;
  readonly records: RecordStore;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Multiaddrs for people, the best first; none where the settings open no port for pages. */
export async function ownAddresses(deps: OwnAddressesDeps): Promise<string[]> {
  const { webrtcPort: port, webrtcHost: host, webrtcAddresses: named } = deps.settings;
  if (port === undefined) return [];
  const peer = peerIdOf(SigningKeyPair.fromSeed(await nodeKeySeed(deps)).publicKey);
  const { fingerprint: certificateHash } = await keptCertificate(deps);
  return addressesOf({ port, host, named, peer, certificateHash });
}
