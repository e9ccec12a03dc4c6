/**
 * Who the other side is (libp2p's specifications of Noise and of WebRTC-direct): Noise XX over channel
 * 0, begun by the node. The prologue holds the fingerprints of both certificates, so nobody
 * between the two can pass the handshake on; each side signs its Noise key with its peer key.
 */
import { concat, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import {
  NoiseHandshake,
  peerIdOf,
  peerKeyBytes,
  peerKeyFrom,
  signDetached,
  verifyDetached,
} from '#lib/crypto/index.ts';
import type { SigningKeyPair } from '#lib/crypto/index.ts';
import { MalformedPeerData, WrongPeer } from './errors.ts';
import { protobufFields } from './frames.ts';
import { fingerprintMultihash } from './multiaddr.ts';
import { StreamReader } from './reader.ts';
import type { PeerStream } from './stream.ts';

const PROLOGUE = utf8('libp2p-webrtc-noise:');
const SIGNED_PREFIX = utf8('noise-libp2p-static-key:');
const KEY_FIELD = 1;
const SIGNATURE_FIELD = 2;
const SIGNATURE_BYTES = 64;
/** Keys, signature and what extensions other implementations add. */
const MAX_MESSAGE_BYTES = 4096;
const SECRET_BYTES = 32;

export interface HandshakeOptions {
  readonly role: 'client' | 'server';
  /** SHA-256 of the certificates, of the side that dialled and of the node. */
  readonly clientFingerprint: Uint8Array;
  readonly serverFingerprint: Uint8Array;
  readonly key: SigningKeyPair;
  readonly random: Random;
}

/** The prologue of both sides. */
export function noisePrologue(client: Uint8Array, server: Uint8Array): Uint8Array {
  return concat(PROLOGUE, fingerprintMultihash(client), fingerprintMultihash(server));
}

/**
 * Runs one side; answers the proved id of the other one. Rejects with {@link WrongPeer},
 * {@link MalformedPeerData}, or why the stream broke off.
 */
export async function shakeHands(
  stream: Pick<PeerStream, 'read' | 'write'>,
  options: HandshakeOptions,
): Promise<Cid> {
  const { role, clientFingerprint, serverFingerprint, key, random } = options;
  const staticSecret = random(SECRET_BYTES);
  const noise = new NoiseHandshake({
    isInitiator: role === 'server',
    prologue: noisePrologue(clientFingerprint, serverFingerprint),
    staticSecret,
    ephemeralSecret: random(SECRET_BYTES),
  });
  const reader = new StreamReader(() => stream.read());
  const send = async (payload: Uint8Array): Promise<void> => {
    const message = noise.write(payload);
    await stream.write(concat(Uint8Array.of(message.length >> 8, message.length & 0xff), message));
  };
  const receive = async (): Promise<Uint8Array> => {
    const [high = 0, low = 0] = await reader.exactly(2);
    const length = high * 256 + low;
    if (length > MAX_MESSAGE_BYTES) throw new MalformedPeerData('A handshake is too long.');
    return noise.read(await reader.exactly(length));
  };
  const proof = await ownProof(key, noise.publicStatic);
  try {
    if (role === 'server') {
      await send(new Uint8Array());
      const payload = await receive();
      await send(proof);
      return await provedPeer(payload, noise);
    }
    await receive();
    await send(proof);
    return await provedPeer(await receive(), noise);
  } catch (error) {
    if (!(error instanceof PyrgosError) || error.kind !== 'damaged') throw error;
    throw new WrongPeer('The node could not prove who it is.');
  }
}

/** The payload that says who this side is. */
async function ownProof(key: SigningKeyPair, noiseKey: Uint8Array): Promise<Uint8Array> {
  const signature = await signDetached(key, concat(SIGNED_PREFIX, noiseKey));
  const publicKey = peerKeyBytes(key.publicKey);
  return concat(
    Uint8Array.of((KEY_FIELD << 3) | 2, publicKey.length),
    publicKey,
    Uint8Array.of((SIGNATURE_FIELD << 3) | 2, signature.length),
    signature,
  );
}

async function provedPeer(payload: Uint8Array, noise: NoiseHandshake): Promise<Cid> {
  let keyBytes: Uint8Array | undefined;
  let signature: Uint8Array | undefined;
  for (const { field, value } of protobufFields(payload)) {
    if (field === KEY_FIELD && typeof value === 'object') keyBytes = value;
    if (field === SIGNATURE_FIELD && typeof value === 'object') signature = value;
  }
  const key = keyBytes && peerKeyFrom(keyBytes);
  const { remoteStatic } = noise;
  if (key === undefined || signature?.length !== SIGNATURE_BYTES || remoteStatic === undefined) {
    throw new MalformedPeerData('The other side does not say who it is.');
  }
  await verifyDetached(key, concat(SIGNED_PREFIX, remoteStatic), signature);
  return peerIdOf(key);
}
