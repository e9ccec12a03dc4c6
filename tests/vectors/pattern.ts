/**
 * Pattern data, as the golden files describe long inputs: the first `length` bytes of
 * B(0) || B(1) || …, where B(i) = SHA-256(seed as 8 bytes || i as 8 bytes), big-endian.
 * Hashed by Node, not by the code under test.
 */
import { createHash } from 'node:crypto';

export function pattern(seed: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const input = Buffer.alloc(16);
  input.writeBigUInt64BE(BigInt(seed), 0);
  for (let i = 0; i * 32 < length; i++) {
    input.writeBigUInt64BE(BigInt(i), 8);
    const block = createHash('sha256').update(input).digest();
    bytes.set(block.subarray(0, Math.min(32, length - i * 32)), i * 32);
  }
  return bytes;
}
