/** Keys of the trees whose keys are made from something else, and their places (A-5 §6, B-2 §8). */
import { u64le } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { blake2b512, sha256Now } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { KeyBits } from './node.ts';

/**
 * What decides the place of a key: the key itself, or a hash of it. The tree of user names has
 * BLAKE2b-512 (B-2 §8).
 */
export type KeyPlace = 'identity' | 'sha256' | 'blake2b-512';

/** The bits of a key that decide its place. */
export function placeOf(place: KeyPlace, key: Uint8Array): KeyBits {
  if (place === 'identity') return key as KeyBits;
  return (place === 'sha256' ? sha256Now(key) : blake2b512(key)) as KeyBits;
}

/** Owned-key tree: the link to the key, reversed, so that the random bytes decide the place. */
export function ownedKeyChampKey(owned: KeyHash): Uint8Array {
  return encodeCbor(owned).toReversed();
}

/** Secret-link tree: the SHA-256 of the label as 8 bytes, little-endian. */
export function secretLinkChampKey(label: number): Uint8Array {
  return sha256Now(u64le(label));
}
