/** What the tests of this room share: hex in and out, counting randomness, the pattern generator. */
import { fromHex, toHex } from '#lib/bytes/index.ts';
import type { Random } from '#lib/bytes/index.ts';
import { createHash } from 'node:crypto';
import { Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import { capabilityFromCbor } from './capability.ts';
import type { Capability } from './capability.ts';

/** Pattern data of the golden values: B(i) = SHA-256(seed as u64 ‖ i as u64), big-endian. */
export interface Pattern {
  readonly seed: number;
  readonly length: number;
  readonly sha256: string;
}

export const cborOf = (hex: string): CborValue => decodeCbor(fromHex(hex));
export const hexOf = (value: CborValue): string => toHex(encodeCbor(value));
export const keyOf = (hex: string): SymmetricKey => SymmetricKey.fromCbor(cborOf(hex));
export const rawKeyOf = (hex: string): SymmetricKey => new SymmetricKey(fromHex(hex));
export const capabilityOf = (hex: string): Capability => capabilityFromCbor(cborOf(hex));
export const sha256Hex = (bytes: Uint8Array): string =>
  createHash('sha256').update(bytes).digest('hex');
export const cidOfBlock = (block: Uint8Array): Cid =>
  Cid.sha256(0x71, createHash('sha256').update(block).digest());

export function patternBytes(pattern: Pattern): Uint8Array {
  const bytes = new Uint8Array(pattern.length);
  const input = new Uint8Array(16);
  const view = new DataView(input.buffer);
  view.setBigUint64(0, BigInt(pattern.seed));
  for (let offset = 0, i = 0; offset < bytes.length; offset += 32, i++) {
    view.setBigUint64(8, BigInt(i));
    const block = createHash('sha256').update(input).digest();
    bytes.set(block.subarray(0, Math.min(32, bytes.length - offset)), offset);
  }
  return bytes;
}

/** Every byte is the next value of 0, 1, 2, … mod 256. */
export function countingRandom(): Random {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => next++ & 0xff);
}

/** Answers the given values in order and fails on any other draw. */
export function scriptedRandom(...draws: readonly (string | null | undefined)[]): Random {
  const queue = draws.filter((draw) => typeof draw === 'string').map(fromHex);
  return (length) => {
    const draw = queue.shift();
    if (draw?.length !== length) throw new Error(`unexpected draw of ${length} bytes`);
    return draw;
  };
}

/** Reproducible randomness: SHA-256 of a seed and a counter. */
export function seededRandom(seed: number): Random {
  let counter = 0;
  return (length) =>
    Uint8Array.from(
      createHash('shake256', { outputLength: length }).update(`${seed}/${counter++}`).digest(),
    );
}
