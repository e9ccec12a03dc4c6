import { describe, expect, it } from 'vitest';
import { addedBytes } from './added-bytes.ts';
import { checksum } from './checksum.ts';

const ORIGINAL = Uint8Array.from({ length: 1000 }, (_, at) => (at * 7) & 0xff);
const piece = (start: number, end: number) => ({
  start,
  end,
  sum: checksum(ORIGINAL.subarray(start, end)),
});
const ALL = [piece(600, 1000), piece(0, 600)];
const saved = (change?: number) => {
  const result = new Uint8Array(1003);
  result.set(ORIGINAL);
  result.set([1, 2, 3], 1000);
  if (change !== undefined) result[change]! ^= 1;
  return result;
};

describe('addedBytes', () => {
  it('gives what stands after the original', () => {
    expect(addedBytes(saved(), 1000, ALL)).toEqual(Uint8Array.of(1, 2, 3));
    expect(addedBytes(ORIGINAL, 1000, ALL)).toEqual(new Uint8Array());
  });

  it('gives nothing where one bit of the original is another', () => {
    for (const at of [0, 599, 600, 999]) expect(addedBytes(saved(at), 1000, ALL)).toBeUndefined();
  });

  it('gives nothing where the result is shorter than the original', () => {
    expect(addedBytes(ORIGINAL.subarray(0, 999), 1000, ALL)).toBeUndefined();
  });

  it('gives nothing where a part of the original was never read', () => {
    expect(addedBytes(saved(), 1000, [piece(0, 600)])).toBeUndefined();
    expect(addedBytes(saved(), 1000, [piece(0, 600), piece(601, 1000)])).toBeUndefined();
  });
});

describe('checksum', () => {
  it('is FNV-1a of 32 bits', () => {
    const of = (text: string) => checksum(new TextEncoder().encode(text));
    expect([of(''), of('a'), of('foobar')]).toEqual([0x811c9dc5, 0xe40c292c, 0xbf9cf968]);
  });
});
