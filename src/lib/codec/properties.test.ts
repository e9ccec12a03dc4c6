import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, equalBytes, fromHex, toHex } from '#lib/bytes/index.ts';
import {
  asMap,
  Cid,
  CODEC,
  decodeBlock,
  decodeCbor,
  decodeCborPrefix,
  encodeCbor,
  encodeCborPieces,
  linksOf,
  MalformedCbor,
} from './index.ts';
import type { CborMap, CborValue } from './index.ts';

const cid = fc
  .tuple(fc.constantFrom(...Object.values(CODEC)), fc.uint8Array({ minLength: 32, maxLength: 32 }))
  .map(([codec, digest]) => Cid.sha256(codec, digest));
const integer = fc
  .bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
  .map((n) => (Number.isSafeInteger(Number(n)) ? Number(n) : n));
const edge = fc.constantFrom<number | bigint>(
  ...[
    23,
    24,
    255,
    256,
    65_535,
    65_536,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53 - 1,
    -(2 ** 53) + 1,
    -24,
    -25,
  ],
  ...[2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)],
);
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.constantFrom('', '__proto__', 'constructor', 'toString', '😀', '～', 'é', 'x'.repeat(300)),
);

const { value: anyValue } = fc.letrec<{ value: CborValue; list: CborValue[]; map: CborMap }>(
  (tie) => ({
    value: fc.oneof(
      { maxDepth: 5, depthSize: 'small' },
      integer,
      edge,
      text,
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array({ maxLength: 40 }),
      cid,
      tie('list'),
      tie('map'),
    ),
    list: fc.array(tie('value'), { maxLength: 6 }),
    map: fc
      .array(fc.tuple(text, tie('value')), { maxLength: 6 })
      .map((entries) => new Map(entries)),
  }),
);

/** The encoding as A-1 §1.2 puts it, without any thought for speed. */
function modelEncode(value: CborValue): Buffer {
  if (typeof value === 'number' || typeof value === 'bigint') {
    return value < 0 ? head(1, -1n - BigInt(value)) : head(0, BigInt(value));
  }
  if (typeof value === 'string') return withHead(3, Buffer.from(value, 'utf8'));
  if (value instanceof Uint8Array) return withHead(2, Buffer.from(value));
  if (value === null) return Buffer.of(0xf6);
  if (typeof value === 'boolean') return Buffer.of(value ? 0xf5 : 0xf4);
  if (value instanceof Cid) {
    const content = Buffer.concat([Buffer.of(0), value.bytes]);
    return Buffer.concat([Buffer.of(0xd8, 42), withHead(2, content)]);
  }
  if (Array.isArray(value)) {
    return Buffer.concat([
      head(4, BigInt(value.length)),
      ...(value as CborValue[]).map(modelEncode),
    ]);
  }
  const entries = [...(value as CborMap)].sort(([a], [b]) => {
    if (a.length !== b.length) return a.length - b.length;
    for (let i = 0; i < a.length; i++) {
      if (a.charCodeAt(i) !== b.charCodeAt(i)) return a.charCodeAt(i) - b.charCodeAt(i);
    }
    return 0;
  });
  return Buffer.concat([
    head(5, BigInt(entries.length)),
    ...entries.flat().map((v) => modelEncode(v)),
  ]);
}

function withHead(major: number, content: Buffer): Buffer {
  return Buffer.concat([head(major, BigInt(content.length)), content]);
}

function head(major: number, n: bigint): Buffer {
  if (n < 24n) return Buffer.of((major << 5) | Number(n));
  const size = n < 2n ** 8n ? 1 : n < 2n ** 16n ? 2 : n < 2n ** 32n ? 4 : 8;
  const bytes = Buffer.from(n.toString(16).padStart(size * 2, '0'), 'hex');
  return Buffer.concat([Buffer.of((major << 5) | (24 + Math.log2(size))), bytes]);
}

/** Equality that minds the types of numbers and knows CIDs and maps. */
function same(a: CborValue, b: CborValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && equalBytes(a, b);
  if (a instanceof Cid) return b instanceof Cid && a.equals(b);
  if (Array.isArray(a)) {
    const other = b as CborValue[];
    return (
      Array.isArray(b) &&
      a.length === other.length &&
      a.every((v: CborValue, i) => same(v, other[i]!))
    );
  }
  if (a instanceof Map) {
    const [left, right] = [a as CborMap, b as CborMap];
    return (
      b instanceof Map &&
      left.size === right.size &&
      [...left].every(([k, v]) => right.has(k) && same(v, right.get(k)!))
    );
  }
  return a === b;
}

describe('CBOR', () => {
  it('encodes as the model does, and decodes to the same value', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeCbor(value);
        expect(toHex(encoded)).toBe(modelEncode(value).toString('hex'));
        expect(same(decodeBlock(encoded), value)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it('stands in the same bytes when they are left in pieces, and long ones are not copied', () => {
    const [first, short, last] = [16_384, 16_383, 70_000].map((size) =>
      new Uint8Array(size).fill(7),
    );
    const list = [first!, short!, last!];
    for (const value of [list, new Map([['b', list]]), [new Map([['a', [...list, 'x']]]), 1]]) {
      const pieces = encodeCborPieces(value);
      expect(Buffer.concat(pieces).equals(modelEncode(value))).toBe(true);
      expect([first, short, last].map((one) => pieces.includes(one!))).toEqual([true, false, true]);
    }
  });

  it('calls a block canonical exactly when re-encoding it gives the same bytes', () => {
    const mutated = fc
      .tuple(anyValue, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }))
      .map(([value, changes]) => {
        const bytes = encodeCbor(value);
        for (const [at, byte] of changes) bytes[at % bytes.length] = byte;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 60 })), (bytes) => {
        const loose = attempt(() => decodeCbor(bytes));
        const strict = attempt(() => decodeBlock(bytes));
        const isCanonical = loose !== undefined && equalBytes(encodeCbor(loose), bytes);
        expect(strict !== undefined).toBe(isCanonical);
      }),
      { numRuns: 5000 },
    );
  });

  it('reads one item after another', () => {
    fc.assert(
      fc.property(anyValue, anyValue, (a, b) => {
        const [first, second] = [encodeCbor(a), encodeCbor(b)];
        const { value, next } = decodeCborPrefix(concat(first, second));
        expect(same(value, a)).toBe(true);
        expect(next).toBe(first.length);
        expect(same(decodeCborPrefix(concat(first, second), next).value, b)).toBe(true);
        expect(() => decodeBlock(concat(first, second))).toThrow(MalformedCbor);
      }),
    );
  });

  it('finds every link in the order of the encoding', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeCbor(value);
        const found = linksOf(decodeBlock(encoded)).map((link) => toHex(encodeCbor(link)));
        let from = 0;
        for (const link of found) {
          const at = Buffer.from(encoded).indexOf(link, from, 'hex');
          expect(at).toBeGreaterThanOrEqual(from);
          from = at + 1;
        }
      }),
    );
  });

  it.each([
    ['lists', '81'],
    ['maps', 'a160'],
    ['tags', 'd82a'],
  ])('a bomb of nested %s is refused, not followed', (_, opening) => {
    const bomb = fromHex(opening.repeat(100_000) + '00');
    expect(() => decodeCbor(bomb)).toThrow(MalformedCbor);
  });

  it('nests 512 deep, not deeper, both ways', () => {
    const nested = (depth: number) => {
      let value: CborValue = 1;
      for (let i = 0; i < depth; i++) value = [value];
      return value;
    };
    expect(decodeBlock(encodeCbor(nested(512)))).toEqual(nested(512));
    expect(() => encodeCbor(nested(513))).toThrow(MalformedCbor);
    expect(() => decodeCbor(fromHex('81'.repeat(513) + '00'))).toThrow(MalformedCbor);
  });

  it('a count larger than the input takes no memory', () => {
    for (const hex of [
      '9a7fffffff',
      'ba7fffffff',
      '5a7fffffff',
      '7a7fffffff',
      '9b001fffffffffffff',
    ]) {
      expect(() => decodeCbor(fromHex(hex))).toThrow(MalformedCbor);
    }
  });

  it.each([
    ['half a character', '\ud83d'],
    ['half a character in a key', new Map([['\udc00', 1]])],
    ['a fraction', 0.5],
    ['not a number', NaN],
    ['a number that is not exact', 2 ** 53],
    ['an integer of 65 bits', 2n ** 63n],
    ['a negative integer of 65 bits', -(2n ** 63n) - 1n],
    ['undefined', undefined as unknown as CborValue],
    ['a plain object', {} as unknown as CborValue],
    ['undefined in a list', [undefined as unknown as CborValue]],
  ])('refuses to write %s', (_, value) => {
    expect(() => encodeCbor(value)).toThrow(MalformedCbor);
  });

  it('copies short byte strings and only looks at long ones', () => {
    const input = encodeCbor([new Uint8Array(1024), new Uint8Array(1025)]);
    const [short, long] = decodeBlock(input) as [Uint8Array, Uint8Array];
    expect(short.buffer.byteLength).toBe(1024);
    expect(long.buffer).toBe(input.buffer);
  });

  it('copies out of a Node buffer, whose own slice would not', () => {
    const input = Buffer.from('81430102038143010203', 'hex');
    const [bytes] = decodeCbor(input) as [Uint8Array];
    input.fill(0);
    expect(bytes).toEqual(Uint8Array.of(1, 2, 3));
  });

  it('keys like __proto__ are keys like any other', () => {
    const map = asMap(decodeBlock(fromHex('a1695f5f70726f746f5f5f01')), 'x');
    expect(map.get('__proto__')).toBe(1);
    expect(map.get('constructor')).toBeUndefined();
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });
});

function attempt(read: () => CborValue): CborValue | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedCbor);
    return undefined;
  }
}
