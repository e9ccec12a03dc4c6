/**
 * The key of the node as libp2p holds it. The node's id was made of an Ed25519 key before there was
 * libp2p here (node-local's `node-id.ts`); libp2p makes the same id of the same seed, so claims that
 * name this node stay true and nothing has to be moved.
 */
import { generateKeyPairFromSeed } from '@libp2p/crypto/keys';
import { peerIdFromPrivateKey, peerIdFromString } from '@libp2p/peer-id';
import type { PeerId, PrivateKey } from '@libp2p/interface';
import { Cid, CODEC } from '#lib/codec/index.ts';

/** 32 bytes. */
export function peerKeyOf(seed: Uint8Array): Promise<PrivateKey> {
  return generateKeyPairFromSeed('Ed25519', seed);
}

/** The node id of a peer key, as claims name it: CIDv1, codec libp2p-key (B-1 §3.3). */
export function nodeIdOf(key: PrivateKey): Cid {
  return nodeIdOfPeer(peerIdFromPrivateKey(key));
}

export function nodeIdOfPeer(peerId: PeerId): Cid {
  const { code, digest } = peerId.toMultihash();
  return Cid.v1(CODEC.libp2pKey, code, digest);
}

/** The peer id of a node id, of whichever codec: the bare multihash counts. */
export function peerIdOf(nodeId: Cid): PeerId {
  return peerIdFromString(nodeId.toPeerId());
}
