import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareBytes,
  compareShortestFirst,
  concat,
  decodeVarint,
  encodeVarint,
  equalBytes,
  equalConstantTime,
  fromBase36,
  fromBase58,
  fromHex,
  fromMultibase,
  fromUtf8,
  MalformedBytes,
  PyrgosError,
  toBase36,
  toBase58,
  toHex,
  toMultibase,
  u32le,
  u64be,
  u64le,
  utf8,
} from './index.ts';
import type { MultibasePrefix } from './index.ts';

const bytes = fc.uint8Array({ maxLength: 100 });
const PREFIXES: readonly MultibasePrefix[] = ['z', 'f', 'k', 'b', 'B', 'v', 'V', 'm', 'M'];

/** Schoolbook conversion with big integers. */
function bigBase(input: Uint8Array, alphabet: string): string {
  let zeros = 0;
  while (zeros < input.length && input[zeros] === 0) zeros++;
  let n = BigInt(`0x0${Buffer.from(input).toString('hex')}`);
  let text = '';
  for (; n > 0n; n /= BigInt(alphabet.length)) {
    text = alphabet[Number(n % BigInt(alphabet.length))]! + text;
  }
  return alphabet[0]!.repeat(zeros) + text;
}

describe('joining and comparing', () => {
  it('agrees with Node on order, equality and concatenation', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        const shortest =
          a.length === b.length ? Buffer.compare(a, b) : Math.sign(a.length - b.length);
        expect(Math.sign(compareShortestFirst(a, b))).toBe(shortest);
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(equalConstantTime(a, b)).toBe(equalBytes(a, b));
        expect(Buffer.from(concat(a, b))).toEqual(Buffer.concat([a, b]));
      }),
    );
  });

  it('sees a difference in any one bit', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 80 }),
        fc.nat(),
        fc.nat(7),
        (a, at, bit) => {
          const b = a.slice();
          b[at % b.length]! ^= 1 << bit;
          expect(equalBytes(a, b)).toBe(false);
          expect(equalConstantTime(a, b)).toBe(false);
        },
      ),
    );
  });
});

describe('text forms', () => {
  it('base58 and base36 are what big integers say, both ways', () => {
    fc.assert(
      fc.property(bytes, fc.nat(5), (tail, zeros) => {
        const input = concat(new Uint8Array(zeros), tail);
        const base58 = bigBase(input, '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz');
        expect(toBase58(input)).toBe(base58);
        expect(fromBase58(base58)).toEqual(input);
        const base36 = bigBase(input, '0123456789abcdefghijklmnopqrstuvwxyz');
        expect(toBase36(input)).toBe(base36);
        expect(fromBase36(base36)).toEqual(input);
      }),
      { numRuns: 500 },
    );
  });

  it('hex and base64 are what Node says', () => {
    fc.assert(
      fc.property(bytes, (input) => {
        expect(toHex(input)).toBe(Buffer.from(input).toString('hex'));
        expect(fromHex(toHex(input).toUpperCase())).toEqual(input);
        expect(toMultibase(input, 'M')).toBe(`M${Buffer.from(input).toString('base64')}`);
      }),
    );
  });

  it('every multibase reads back what it wrote', () => {
    fc.assert(
      fc.property(bytes, fc.constantFrom(...PREFIXES), (input, prefix) => {
        expect(fromMultibase(toMultibase(input, prefix))).toEqual(input);
      }),
      { numRuns: 500 },
    );
  });

  it('has one text for one byte string: what reads is what would be written', () => {
    const text = fc.string({ unit: 'grapheme-ascii', maxLength: 20 });
    fc.assert(
      fc.property(text, fc.constantFrom(...PREFIXES), (body, prefix) => {
        try {
          expect(toMultibase(fromMultibase(prefix + body), prefix)).toBe(prefix + body);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBytes);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses stray bits, bad padding, wrong case and odd hex', () => {
    const refused = [
      'mAB',
      'MAA=',
      'MAA',
      'MA===',
      'b7',
      'baaaaaa1',
      'BaA',
      'fAB',
      'f0',
      'kA',
      'VaA',
      '',
    ];
    for (const text of refused) expect(() => fromMultibase(text), text).toThrow(MalformedBytes);
    expect(() => fromHex('abc')).toThrow(MalformedBytes);
    expect(() => fromHex('zz')).toThrow(MalformedBytes);
  });

  it('refuses a text so long that decoding would take long', () => {
    expect(() => fromBase58('2'.repeat(16_385))).toThrow(MalformedBytes);
    expect(fromBase58('2'.repeat(9000))).toHaveLength(6590);
  });
});

describe('UTF-8', () => {
  it('round-trips all text and keeps a byte order mark', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
    expect(fromUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  });

  it.each(['\ud800', 'a\udc00b', '\udc00\ud800'])('refuses half a character: %j', (text) => {
    expect(() => utf8(text)).toThrow(MalformedBytes);
  });

  it.each(['ff', 'c328', 'eda080', 'c080', 'f4908080', 'e282'])('refuses bytes %s', (hex) => {
    expect(() => fromUtf8(fromHex(hex))).toThrow(MalformedBytes);
  });
});

describe('integers', () => {
  const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  it('varints read back, at any offset, with the rest left alone', () => {
    fc.assert(
      fc.property(u64, bytes, bytes, (n, before, after) => {
        const varint = encodeVarint(n);
        const read = decodeVarint(concat(before, varint, after), before.length);
        expect(BigInt(read.value)).toBe(n);
        expect(typeof read.value).toBe(n <= BigInt(Number.MAX_SAFE_INTEGER) ? 'number' : 'bigint');
        expect(read.next).toBe(before.length + varint.length);
      }),
    );
  });

  it('a varint that reads is the one that would be written', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (input) => {
        try {
          const { value, next } = decodeVarint(input);
          expect(encodeVarint(value)).toEqual(input.slice(0, next));
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedBytes);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('fixed widths are what Node says', () => {
    fc.assert(
      fc.property(u64, (n) => {
        const buffer = Buffer.alloc(8);
        buffer.writeBigUInt64LE(n);
        expect(toHex(u64le(n))).toBe(buffer.toString('hex'));
        buffer.writeBigUInt64BE(n);
        expect(toHex(u64be(n))).toBe(buffer.toString('hex'));
        buffer.writeUInt32LE(Number(n & 0xffffffffn));
        expect(toHex(u32le(Number(n & 0xffffffffn)))).toBe(buffer.subarray(0, 4).toString('hex'));
      }),
    );
  });

  it('refuses numbers that do not fit', () => {
    for (const n of [-1, 0.5, NaN, 2 ** 53, -1n, 2n ** 64n]) {
      expect(() => encodeVarint(n)).toThrow(RangeError);
      expect(() => u64le(n)).toThrow(RangeError);
    }
    for (const n of [-1, 0.5, 2 ** 32]) expect(() => u32le(n)).toThrow(RangeError);
  });
});

describe('errors', () => {
  it('say their own name, whatever a minifier does to the class', () => {
    const error = new MalformedBytes('Not it.');
    expect(error.name).toBe('MalformedBytes');
    expect(error).toBeInstanceOf(PyrgosError);
    expect(new PyrgosError('x').name).toBe('PyrgosError');
  });
});
