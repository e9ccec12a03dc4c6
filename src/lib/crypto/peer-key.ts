/**
 * Keys of peers as libp2p names them (B-1 §3.3): the id of a peer is its Ed25519 key, inlined in a
 * multihash, so the id is enough to check a signature.
 */
import { concat, equalBytes } from '#lib/bytes/index.ts';
import { Cid, CODEC, HASH_TYPE } from '#lib/codec/index.ts';
import { PublicSigningKey } from './signing.ts';

/** libp2p's protobuf of a public key: type Ed25519, then 32 bytes. */
const PREFIX = Uint8Array.of(0x08, 0x01, 0x12, 0x20);
const KEY_BYTES = 32;

/** The protobuf of the key, 36 bytes. */
export function peerKeyBytes(key: PublicSigningKey): Uint8Array {
  return concat(PREFIX, key.bytes);
}

/** The key of such a protobuf; undefined for keys of other kinds. */
export function peerKeyFrom(bytes: Uint8Array): PublicSigningKey | undefined {
  if (bytes.length !== PREFIX.length + KEY_BYTES) return undefined;
  if (!equalBytes(bytes.subarray(0, PREFIX.length), PREFIX)) return undefined;
  return new PublicSigningKey(bytes.slice(PREFIX.length));
}

/** The id of the peer with this key: CIDv1 `libp2p-key` of the inlined protobuf. */
export function peerIdOf(key: PublicSigningKey): Cid {
  return Cid.identity(CODEC.libp2pKey, peerKeyBytes(key));
}

/** The key inside the id of a peer; undefined if the id only names a key by its hash. */
export function keyOfPeer({ hashType, digest }: Cid): PublicSigningKey | undefined {
  return hashType === HASH_TYPE.identity ? peerKeyFrom(digest) : undefined;
}
