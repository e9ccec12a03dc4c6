/** Opens a node to WebRTC as its settings say. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Random } from '#lib/bytes/index.ts';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import type { ListenerLimits } from '../http/listener.ts';
import { rateKey } from '../http/client-address.ts';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { addressesOf } from './addresses.ts';
import { keptCertificate } from './certificate.ts';
import { createStreamServer } from './stream-server.ts';

export interface WebRtcDeps {
  readonly settings: Pick<NodeSettings, 'webrtcHost' | 'webrtcAddresses'>;
  readonly port: number;
  readonly records: RecordStore;
  readonly random: Random;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Of the key of the node, 32 bytes. */
  readonly seed: Uint8Array;
  readonly limits: ListenerLimits;
  /** A host that the node answers to over HTTP. */
  readonly host: string;
  readonly answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface WebRtcService {
  /** Multiaddrs for people. */
  readonly addresses: readonly string[];
  readonly connections: number;
  close(): void;
}

/** Rejects with {@link BadSetting} where the port cannot be had or this platform has no WebRTC. */
export async function openWebRtc(deps: WebRtcDeps): Promise<WebRtcService> {
  const { settings, port, random, seed, limits, host, answer } = deps;
  const key = SigningKeyPair.fromSeed(seed);
  const peer = peerIdOf(key.publicKey);
  const certificate = await keptCertificate(deps);
  const streams = createStreamServer({ ...limits, peerId: peer.toPeerId(), host, answer });
  const listenWebRtc = await loadListener();
  const at = { host: settings.webrtcHost, port };
  try {
    const listener = listenWebRtc({
      ...at,
      key,
      certificate,
      random,
      // A socket for both families shows addresses of version 4 in the dress of version 6.
      addressKey: (ip) => rateKey(ip.replace(/^::ffff:(?=[\d.]+$)/u, '')),
      onStream: (stream) => streams.accept(stream),
    });
    const facts = { port, certificateHash: certificate.fingerprint, peer };
    return {
      addresses: addressesOf({ ...facts, host: at.host, named: settings.webrtcAddresses }),
      get connections() {
        return listener.connections;
      },
      close: () => {
        listener.close();
        streams.close();
      },
    };
  } catch (error) {
    throw new BadSetting(`The UDP port ${String(port)} of webrtc-port cannot be had.`, {
      cause: error,
    });
  }
}

/** The native library is there on the usual platforms; who does not use it need not have it. */
async function loadListener() {
  try {
    return (await import('./listener.ts')).listenWebRtc;
  } catch (error) {
    throw new BadSetting('WebRTC (webrtc-port) cannot be used on this platform.', {
      cause: error,
    });
  }
}
