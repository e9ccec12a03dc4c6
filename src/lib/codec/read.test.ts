import { describe, expect, it } from 'vitest';
import {
  asBigint,
  asBoolean,
  asBytes,
  asBytesOf,
  asInteger,
  asLink,
  asList,
  asMap,
  asText,
  cborMap,
  Cid,
  CODEC,
  field,
  MalformedCbor,
  optional,
} from './index.ts';
import type { CborValue } from './index.ts';

describe('maps and readers', () => {
  it('cborMap drops absent fields, sorts, and refuses a key twice', () => {
    const map = cborMap([
      ['bb', 1],
      ['a', undefined],
      ['c', null],
    ]);
    expect([...map.keys()]).toEqual(['c', 'bb']);
    expect(() => cborMap([['a', 1], ['a', 2]])).toThrow(MalformedCbor); // prettier-ignore
  });

  const link = Cid.sha256(CODEC.raw, new Uint8Array(32));
  const readers: [string, (value: CborValue | undefined) => unknown, CborValue][] = [
    ['a map', (v) => asMap(v, 'it'), new Map()],
    ['a list', (v) => asList(v, 'it'), []],
    ['a byte string', (v) => asBytes(v, 'it'), new Uint8Array(1)],
    ['text', (v) => asText(v, 'it'), 't'],
    ['true or false', (v) => asBoolean(v, 'it'), true],
    ['a link', (v) => asLink(v, 'it'), link],
  ];

  it.each(readers)('reads %s and refuses all else', (expected, read, own) => {
    expect(read(own)).toBe(own);
    const others = [...readers.map(([, , value]) => value), 1, null, undefined];
    for (const other of others.filter((value) => value !== own)) {
      expect(() => read(other)).toThrow(new MalformedCbor(`it is not ${expected}.`));
    }
  });

  it('reads integers exactly or not at all', () => {
    expect(asInteger(5, 'it')).toBe(5);
    expect(() => asInteger(2n ** 60n, 'it')).toThrow('too large');
    expect(() => asInteger('5', 'it')).toThrow(MalformedCbor);
    expect(asBigint(5, 'it')).toBe(5n);
    expect(asBigint(-(2n ** 63n), 'it')).toBe(-(2n ** 63n));
    expect(() => asBigint(null, 'it')).toThrow(MalformedCbor);
  });

  it('reads byte strings of one length, and fields', () => {
    expect(() => asBytesOf(new Uint8Array(31), 32, 'A key')).toThrow('A key has 31 bytes');
    expect(asBytesOf(new Uint8Array(32), 32, 'A key')).toHaveLength(32);
    expect(() => field(new Map(), 'k', 'A node')).toThrow('A node lacks its field "k".');
    expect(field(new Map([['k', null]]), 'k', 'A node')).toBe(null);
    expect(optional(new Map(), 'k')).toBeUndefined();
  });
});
