/** Keys of the trees whose keys are made from something else (A-5 §6). */
import { u64le } from '#lib/bytes/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import { sha256Now } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';

/** Owned-key tree: the link to the key, reversed, so that the random bytes decide the place. */
export function ownedKeyChampKey(owned: KeyHash): Uint8Array {
  return encodeCbor(owned).toReversed();
}

/** Secret-link tree: the SHA-256 of the label as 8 bytes, little-endian. */
export function secretLinkChampKey(label: number): Uint8Array {
  return sha256Now(u64le(label));
}
