import { describe, expect, it } from 'vitest';
import { vectorsOf } from '../../../tests/vectors/load.ts';
import {
  decodeVarint,
  encodeVarint,
  fromBase32,
  fromBase36,
  fromBase58,
  fromHex,
  fromMultibase,
  MalformedBytes,
  toBase32,
  toBase36,
  toBase58,
  toHex,
  toMultibase,
} from './index.ts';
import type { MultibasePrefix } from './index.ts';

interface BaseLine {
  bytes: string;
  base58: string;
  base36: string;
  multibase: Record<MultibasePrefix, string>;
}

describe('golden text forms', () => {
  it.each(vectorsOf<BaseLine>('base'))('$name', ({ bytes, base58, base36, multibase }) => {
    expect(toBase58(fromHex(bytes))).toBe(base58);
    expect(toHex(fromBase58(base58))).toBe(bytes);
    expect(toBase36(fromHex(bytes))).toBe(base36);
    expect(toHex(fromBase36(base36))).toBe(bytes);
    for (const [prefix, text] of Object.entries(multibase)) {
      expect(toMultibase(fromHex(bytes), prefix as MultibasePrefix)).toBe(text);
      expect(toHex(fromMultibase(text))).toBe(bytes);
    }
    const upperBase32 = multibase.b.slice(1).toUpperCase();
    expect(toBase32(fromHex(bytes))).toBe(upperBase32);
    expect(toHex(fromBase32(upperBase32))).toBe(bytes);
  });

  it.each(vectorsOf<{ text: string }>('multibaseReject'))('refuses $name', ({ text }) => {
    expect(() => fromMultibase(text)).toThrow(MalformedBytes);
  });
});

describe('golden varints', () => {
  it.each(vectorsOf<{ value: string; bytes: string }>('varint'))('$name', ({ value, bytes }) => {
    expect(toHex(encodeVarint(BigInt(value)))).toBe(bytes);
    const decoded = decodeVarint(fromHex(bytes), 0);
    expect(BigInt(decoded.value)).toBe(BigInt(value));
    expect(decoded.next).toBe(bytes.length / 2);
  });

  it.each(vectorsOf<{ bytes: string }>('varintReject'))('refuses $name', ({ bytes }) => {
    expect(() => decodeVarint(fromHex(bytes), 0)).toThrow(MalformedBytes);
  });
});
