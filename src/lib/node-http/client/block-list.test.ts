import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat } from '#lib/bytes/index.ts';
import { BLOCK_MAX_BYTES, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import { MalformedAnswer } from '#lib/protocol/index.ts';
import { BlockList } from './block-list.ts';

function read(count: number, ...pieces: readonly Uint8Array[]): readonly Uint8Array[] {
  const list = new BlockList('The list', count);
  for (const piece of pieces) list.add(piece);
  return list.blocks();
}

/** `bytes` cut at these places. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b);
  return [...ends, bytes.length].map((end, i) => bytes.slice(ends[i - 1] ?? 0, end));
}

const block = fc.oneof(
  fc.uint8Array({ maxLength: 30 }),
  fc.integer({ min: 250, max: 70_000 }).map((length) => new Uint8Array(length).fill(length)),
);

describe('a list of blocks that arrives in pieces', () => {
  it('is what the decoder reads, however it is cut', () => {
    const lists = fc.array(block, { minLength: 1, maxLength: 30 });
    const places = fc.array(fc.nat(), { maxLength: 8 });
    fc.assert(
      fc.property(lists, places, fc.uint8Array({ maxLength: 9 }), (blocks, at, padding) => {
        const bytes = concat(encodeCbor(blocks), padding);
        const found = read(blocks.length, ...cut(bytes, at));
        expect(found).toEqual(decodeCbor(bytes));
        for (const each of found) expect(each.buffer.byteLength).toBe(each.length);
      }),
      { numRuns: 150 },
    );
  });

  it('may come byte by byte', () => {
    const blocks = [new Uint8Array(300).fill(7), new Uint8Array(), Uint8Array.of(1)];
    const bytes = encodeCbor(blocks);
    expect(read(3, ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(blocks);
  });

  it('keeps nothing of the pieces', () => {
    const bytes = encodeCbor([new Uint8Array(100).fill(5), new Uint8Array(100).fill(6)]);
    const list = new BlockList('The list', 2);
    list.add(bytes);
    bytes.fill(0);
    expect(list.blocks().map((each) => each[99])).toEqual([5, 6]);
  });

  it('takes a block of the greatest size', () => {
    const blocks = [new Uint8Array(BLOCK_MAX_BYTES), Uint8Array.of(1)];
    expect(read(2, encodeCbor(blocks)).map(({ length }) => length)).toEqual([BLOCK_MAX_BYTES, 1]);
  });
});

describe('refused is', () => {
  it('a list that ends early, wherever it does', () => {
    const bytes = encodeCbor([Uint8Array.of(1, 2, 3), new Uint8Array(30)]);
    for (let end = 0; end < bytes.length; end++) {
      expect(() => read(2, bytes.subarray(0, end)), String(end)).toThrow(MalformedAnswer);
    }
  });

  it.each<[string, Uint8Array]>([
    ['a shorter list', encodeCbor([Uint8Array.of(1)])],
    ['a longer list', encodeCbor([Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)])],
    ['no list', encodeCbor(Uint8Array.of(1, 2))],
    ['a text among the blocks', encodeCbor([Uint8Array.of(1), 'text'])],
    ['a list among the blocks', encodeCbor([Uint8Array.of(1), [Uint8Array.of(1)]])],
    ['null among the blocks', encodeCbor([Uint8Array.of(1), null])],
    ['a list of no stated length', Uint8Array.of(0x9f, 0x41, 1, 0x41, 2, 0xff)],
    ['a block of no stated length', Uint8Array.of(0x82, 0x5f, 0x41, 1, 0xff, 0x41, 2)],
    ['a length of eight bytes', Uint8Array.of(0x82, 0x5b, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0x41, 2)],
    [
      'a block that is too long',
      encodeCbor([new Uint8Array(BLOCK_MAX_BYTES + 1), Uint8Array.of(1)]),
    ],
    ['a block of four gibibytes', Uint8Array.of(0x82, 0x5a, 0xff, 0xff, 0xff, 0xff)],
  ])('%s', (_, bytes) => {
    expect(() => read(2, bytes)).toThrow(MalformedAnswer);
  });

  it('or else read as the decoder does, whatever comes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        (bytes, count) => {
          let found;
          try {
            found = read(count, bytes);
          } catch (error) {
            expect(error).toBeInstanceOf(MalformedAnswer);
            return;
          }
          expect(found).toEqual(decodeCbor(bytes));
        },
      ),
      { numRuns: 1000 },
    );
  });
});
