/** The block file: against one that the reference client wrote, and against everything hostile. */
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { concat, encodeVarint, fromHex, utf8 } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { BLOCK_MAX_BYTES, CODEC, encodeCbor } from '#lib/codec/index.ts';
import { hashBlockNow } from '#lib/crypto/index.ts';
import { readCar, type CarBlock } from './read-car.ts';
import { carHeader, carSection } from './write-car.ts';
import { MalformedArchive } from './errors.ts';

const GOLDEN = readFileSync(new URL('../../../tests/vectors/account/blocks.car', import.meta.url));

async function* inPieces(bytes: Uint8Array, pieceBytes: number) {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield bytes.subarray(at, at + pieceBytes);
}

async function readAll(bytes: Uint8Array, pieceBytes = 4096) {
  const { roots, blocks } = await readCar(inPieces(bytes, pieceBytes));
  const all: CarBlock[] = [];
  for await (const block of blocks) all.push(block);
  return { roots, blocks: all };
}

function block(content: string): Omit<CarBlock, 'offset'> {
  const bytes = utf8(content);
  return { cid: hashBlockNow(bytes, CODEC.raw), bytes: bytes as CarBlock['bytes'] };
}

const [FIRST, SECOND] = [block('first'), block('second')];
const SMALL = concat(
  carHeader([FIRST.cid]),
  carSection(FIRST.cid, FIRST.bytes),
  carSection(SECOND.cid, SECOND.bytes),
);

describe('a file of the reference client', () => {
  it.each([1, 7, 4096, 1 << 20])('is read in pieces of %i bytes', async (pieceBytes) => {
    const { roots, blocks } = await readAll(GOLDEN, pieceBytes);
    expect(roots).toHaveLength(7);
    expect(blocks).toHaveLength(112);
    for (const { bytes, offset } of blocks) {
      expect(Buffer.compare(bytes, GOLDEN.subarray(offset, offset + bytes.length))).toBe(0);
    }
  });

  it('is written again byte by byte', async () => {
    const { roots, blocks } = await readAll(GOLDEN);
    const sections = blocks.map(({ cid, bytes }) => carSection(cid, bytes));
    expect(Buffer.compare(concat(carHeader(roots), ...sections), GOLDEN)).toBe(0);
  });
});

describe('a file that breaks the rules', () => {
  it('has no block more or less than its whole sections, wherever it is cut', async () => {
    const header = carHeader([FIRST.cid]).length;
    const first = header + carSection(FIRST.cid, FIRST.bytes).length;
    for (let length = 0; length < SMALL.length; length++) {
      const cut = SMALL.subarray(0, length);
      if (length === header || length === first) {
        expect((await readAll(cut)).blocks).toHaveLength(length === header ? 0 : 1);
      } else {
        await expect(readAll(cut)).rejects.toMatchObject({ name: 'TruncatedArchive' });
      }
    }
  });

  it.each([
    ['is text', utf8('hello, this is no archive')],
    ['has a header longer than any', concat(fromHex('ffffffff0f'), new Uint8Array(100))],
    ['has a length of ten bytes', concat(fromHex('ffffffffffffffffff01'), new Uint8Array(100))],
    ['has an over-long length', concat(fromHex('8000'), new Uint8Array(100))],
    ['has a header that is no map', concat(fromHex('0180'), new Uint8Array(4))],
    ['is of version 2', fromHex('0aa16776657273696f6e02')],
    ['has no roots', concat(encodeVarint(10), encodeCbor(new Map([['version', 1]])))],
    ['has a root that is no link', header([1])],
    ['has a block longer than any', concat(carHeader([]), encodeVarint(BLOCK_MAX_BYTES + 97))],
    ['has a block without CID', concat(carHeader([]), fromHex('0100'))],
    ['has an empty section', concat(carHeader([]), fromHex('00'))],
    ['has a CID longer than its section', concat(carHeader([]), fromHex('0501551220ff'))],
    ['has a CID of unknown codec', concat(carHeader([]), fromHex('0601661e0100ff'))],
  ])('is refused: %s', async (_name, bytes) => {
    await expect(readAll(bytes)).rejects.toBeInstanceOf(MalformedArchive);
  });

  it('ends in a named error whatever the bytes', async () => {
    const changed = fc
      .tuple(fc.nat(SMALL.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, flip]) => SMALL.map((byte, i) => (i === at ? byte ^ flip : byte)));
    await fc.assert(
      fc.asyncProperty(fc.oneof(fc.uint8Array(), changed), async (bytes) => {
        await readAll(bytes).catch((error: unknown) => {
          expect(error).toBeInstanceOf(MalformedArchive);
        });
      }),
    );
  });

  it('lets go of the stream when the reader stops early', async () => {
    let isClosed = false;
    const pieces = (async function* () {
      try {
        yield* inPieces(SMALL, 10);
      } finally {
        isClosed = true;
      }
    })();
    const { blocks } = await readCar(pieces);
    for await (const { cid } of blocks) {
      expect(cid).toEqual(FIRST.cid);
      break;
    }
    expect(isClosed).toBe(true);
  });
});

function header(roots: readonly (Cid | number)[]): Uint8Array {
  const bytes = encodeCbor(
    new Map<string, number | readonly (Cid | number)[]>([
      ['roots', roots],
      ['version', 1],
    ]),
  );
  return concat(encodeVarint(bytes.length), bytes);
}
