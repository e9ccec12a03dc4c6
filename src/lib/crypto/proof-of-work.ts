/**
 * Work that a node may require before it registers a name (B-2 §5): a prefix that, hashed together
 * with the data, gives a SHA-256 ending its first bytes in zeros. The odd bits are the *low* ones of
 * their byte, so a hash with that many leading zero bits need not do.
 */
import { concat } from '#lib/bytes/index.ts';
import { sha256Now } from './hash.ts';

const PREFIX_BYTES = 8;
/** Hashes between two looks at the signal: some milliseconds. */
const SLICE = 2048;
const MAX_DIFFICULTY_BITS = 256;

/** Whether `hash` has the zeros that `difficultyBits` requires. */
export function satisfiesDifficulty(hash: Uint8Array, difficultyBits: number): boolean {
  if (difficultyBits > hash.length * 8) return false;
  const bytes = difficultyBits >> 3;
  for (let i = 0; i < bytes; i++) if (hash[i] !== 0) return false;
  const mask = (1 << (difficultyBits & 7)) - 1;
  return ((hash[bytes] ?? 0) & mask) === 0;
}

/** Whether `prefix` is a proof of work for `data`. */
export function isWorkDone(prefix: Uint8Array, data: Uint8Array, difficultyBits: number): boolean {
  return satisfiesDifficulty(sha256Now(concat(prefix, data)), difficultyBits);
}

/**
 * The first prefix, counting from zero in 8 little-endian bytes, that proves work for `data`. Takes
 * about 2^difficultyBits hashes; leaves the thread free between slices and stops on `signal`.
 */
export async function solveProofOfWork(
  difficultyBits: number,
  data: Uint8Array,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  if (difficultyBits > MAX_DIFFICULTY_BITS) throw new RangeError('no hash has so many bits');
  const message = concat(new Uint8Array(PREFIX_BYTES), data);
  const counter = new DataView(message.buffer, message.byteOffset, PREFIX_BYTES);
  for (let tried = 0; ; tried++) {
    if (tried % SLICE === 0) {
      signal?.throwIfAborted();
      if (tried > 0) await pause();
    }
    counter.setUint32(0, tried >>> 0, true);
    counter.setUint32(4, Math.floor(tried / 0x100000000), true);
    if (satisfiesDifficulty(sha256Now(message), difficultyBits)) {
      return message.slice(0, PREFIX_BYTES);
    }
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
