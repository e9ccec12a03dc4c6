/** The content hash, the chunk chain and MIME types against golden values. */
import { hash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, u32le } from '#lib/bytes/index.ts';
import { CHUNK_BYTES, encodeCbor } from '#lib/codec/index.ts';
import { Bat } from '#lib/crypto/index.ts';
import type { MapKey } from '#lib/crypto/index.ts';
import { partA, vectorsOf } from '../../../tests/vectors/load.ts';
import { chunkCount, chunkLocations, locationAfter, nextLocation } from './chunk-chain.ts';
import { DamagedNode } from './errors.ts';
import {
  hashBranchFromCbor,
  hashBranchToCbor,
  hashTreeFromCbor,
  hashTreeToCbor,
} from './hash-branch.ts';
import { branchFor, chunkHashesOf, hashTreeFromBranches, hashTreeOf } from './hash-tree.ts';
import { mimeTypeOf } from './mime-type.ts';
import { cborOf, hexOf, patternBytes, sha256Hex } from './testing.ts';
import type { Pattern } from './testing.ts';

const sha256 = (bytes: Uint8Array): Uint8Array => new Uint8Array(hash('sha256', bytes, 'buffer'));
const u64be = (n: number) => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(n));
  return bytes;
};
function hashesOf(content: Uint8Array): Uint8Array[] {
  const count = chunkCount(content.length);
  return Array.from({ length: count }, (_, i) =>
    sha256(content.subarray(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES)),
  );
}

describe('the content hash', () => {
  interface TreeLine {
    content: Pattern;
    chunkHashes: string[];
    root: string;
    cbor: string;
    branch0: string;
  }
  it.each(vectorsOf<TreeLine>('hashTree'))('of $name bytes', (line) => {
    const hashes = hashesOf(patternBytes(line.content));
    expect(hashes.map(toHex)).toEqual(line.chunkHashes);
    const tree = hashTreeOf(hashes);
    expect(toHex(tree.root)).toBe(line.root);
    expect(hexOf(hashTreeToCbor(tree))).toBe(line.cbor);
    expect(hexOf(hashBranchToCbor(branchFor(tree, 0)))).toBe(line.branch0);
    expect(hexOf(hashTreeToCbor(hashTreeFromCbor(cborOf(line.cbor))))).toBe(line.cbor);
    expect(hexOf(hashBranchToCbor(hashBranchFromCbor(cborOf(line.branch0))))).toBe(line.branch0);
  });

  interface ManyLine {
    chunks: number;
    root: string;
    level1Lists: number;
    level2Lists: number;
    level3Lists: number;
    treeCborSha256: string;
    branches: {
      chunk: number;
      cborSha256: string;
      hasL1: boolean;
      hasL2: boolean;
      hasL3: boolean;
    }[];
  }
  it.each(vectorsOf<ManyLine>('hashTreeFromHashes'))(
    'of $chunks chunks',
    (line) => {
      const hashes = Array.from({ length: line.chunks }, (_, i) => sha256(u64be(i)));
      const tree = hashTreeOf(hashes);
      expect(toHex(tree.root)).toBe(line.root);
      expect([tree.level1.length, tree.level2.length, tree.level3.length]).toEqual([
        line.level1Lists,
        line.level2Lists,
        line.level3Lists,
      ]);
      expect(sha256Hex(encodeCbor(hashTreeToCbor(tree)))).toBe(line.treeCborSha256);
      for (const branch of line.branches) {
        const made = branchFor(tree, branch.chunk);
        expect(sha256Hex(encodeCbor(hashBranchToCbor(made)))).toBe(branch.cborSha256);
        expect([made.level1, made.level2, made.level3].map((list) => list !== undefined)).toEqual([
          branch.hasL1,
          branch.hasL2,
          branch.hasL3,
        ]);
      }
      const branches = Array.from({ length: line.level1Lists }, (_, i) =>
        branchFor(tree, i * 1024),
      );
      const joined = hashTreeFromBranches(branches)!;
      expect(sha256Hex(encodeCbor(hashTreeToCbor(joined)))).toBe(line.treeCborSha256);
      expect(chunkHashesOf(tree).length).toBe(line.chunks);
      // A million hashes take seconds, and many on a busy machine.
    },
    120_000,
  );

  interface PartA {
    zeroBytesFileLength?: number;
    count?: number;
    root: string;
    branch0Cbor?: string;
    sha256OfBranch0Cbor?: string;
    sha256OfBranch1024Cbor?: string;
  }
  it.each(partA<PartA[]>('hashTree'))(
    'agrees with the value printed with the protocol: $root',
    (entry) => {
      const hashes =
        entry.zeroBytesFileLength === undefined
          ? Array.from({ length: entry.count! }, (_, i) => sha256(u32le(i)))
          : hashesOf(new Uint8Array(entry.zeroBytesFileLength));
      const tree = hashTreeOf(hashes);
      expect(toHex(tree.root)).toBe(entry.root);
      const branch = (chunk: number) => encodeCbor(hashBranchToCbor(branchFor(tree, chunk)));
      if (entry.branch0Cbor !== undefined) expect(toHex(branch(0))).toBe(entry.branch0Cbor);
      if (entry.sha256OfBranch0Cbor !== undefined) {
        expect(sha256Hex(branch(0))).toBe(entry.sha256OfBranch0Cbor);
      }
      if (entry.sha256OfBranch1024Cbor) {
        expect(sha256Hex(branch(1024))).toBe(entry.sha256OfBranch1024Cbor);
      }
    },
  );

  it('counts as absent when branches disagree, are missing or are out of order', () => {
    const tree = hashTreeOf(Array.from({ length: 2049 }, (_, i) => sha256(u32le(i))));
    const [a, b, c] = [0, 1024, 2048].map((chunk) => branchFor(tree, chunk));
    expect(hashTreeFromBranches([a!, b!, c!])).toEqual(tree);
    expect(hashTreeFromBranches([])).toBeUndefined();
    expect(hashTreeFromBranches([a!, b!])).toBeUndefined();
    expect(hashTreeFromBranches([b!, a!, c!])).toBeUndefined();
    expect(hashTreeFromBranches([a!, c!, b!])).toBeUndefined();
    expect(hashTreeFromBranches([a!, { root: a!.root }, c!])).toBeUndefined();
    expect(hashTreeFromBranches([a!, { ...b!, root: new Uint8Array(32) }, c!])).toBeUndefined();
  });

  it('refuses lists of impossible length and branches with a hole', () => {
    const root = new Map([['h', new Uint8Array(32)]]);
    const list = (length: number) => new Map([['h', new Uint8Array(length)]]);
    const ok = hashBranchFromCbor(
      new Map([
        ['r', root],
        ['l1', list(32)],
      ]),
    );
    expect(ok.level1?.length).toBe(32);
    for (const bad of [
      new Map([
        ['r', root],
        ['l1', list(31)],
      ]),
      new Map([
        ['r', root],
        ['l1', list(32 * 1025)],
      ]),
      new Map([
        ['r', root],
        ['l2', list(32)],
      ]),
      new Map([
        ['r', root],
        ['l1', list(32)],
        ['l3', list(32)],
      ]),
      new Map([['r', list(31)]]),
      new Map(),
    ]) {
      expect(() => hashBranchFromCbor(bad)).toThrow(DamagedNode);
    }
  });
});

describe('the chunk chain', () => {
  interface ChainLine {
    streamSecret: string;
    mapKey: string;
    bat: string | null;
    chunks: { index: number; mapKey: string; bat: string | null }[];
  }
  const locationOf = (mapKey: string, bat: string | null) => ({
    mapKey: fromHex(mapKey) as MapKey,
    bat: bat === null ? undefined : new Bat(fromHex(bat)),
  });

  it.each(vectorsOf<ChainLine>('nextChunk'))('$name', (line) => {
    const secret = fromHex(line.streamSecret);
    const first = locationOf(line.mapKey, line.bat);
    const walked = [...chunkLocations(secret, first, 1001)];
    for (const chunk of line.chunks) {
      const expected = locationOf(chunk.mapKey, chunk.bat);
      expect(locationAfter(secret, first, chunk.index)).toEqual(expected);
      expect(walked[chunk.index]).toEqual(expected);
    }
  });

  it('agrees with the values printed with the protocol', () => {
    const value = partA<Record<string, string>>('chunkLocation');
    const secret = fromHex(value['streamSecret']!);
    const first = locationOf(value['firstMapKey']!, value['firstBat']!);
    expect(nextLocation(secret, first)).toEqual(locationOf(value['mapKey1']!, value['bat1']!));
    expect(locationAfter(secret, first, 3)).toEqual(locationOf(value['mapKey3']!, value['bat3']!));
  });

  it.each(vectorsOf<{ size: string; chunks: number }>('chunkCount'))('$size bytes', (line) => {
    expect(chunkCount(Number(line.size))).toBe(line.chunks);
  });
});

describe('MIME types', () => {
  const lines = vectorsOf<{ filename: string; start: string; mimeType: string }>('mimeType');
  it.each(lines)('$name', (line) => {
    expect(mimeTypeOf(line.filename, fromHex(line.start))).toBe(line.mimeType);
  });

  it('goes by bytes, of which a byte order mark is three', () => {
    const marked = new TextEncoder().encode('\uFEFF<svg xmlns="">');
    expect(mimeTypeOf('x.svg', marked)).toBe('text/plain');
    expect(mimeTypeOf('x.svg', marked.subarray(3))).toBe('image/svg+xml');
    expect(mimeTypeOf('x.html', marked)).toBe('text/html');
  });

  it('looks at 40 bytes only and never fails', () => {
    const text = new TextEncoder().encode('a'.repeat(40));
    expect(mimeTypeOf('x', Uint8Array.from([...text, 0xff, 0xff]))).toBe('text/plain');
    expect(mimeTypeOf('constructor', new Uint8Array(0))).toBe('text/plain');
    expect(mimeTypeOf('x.constructor', Uint8Array.of(0x50, 0x4b, 3, 4))).toBe('application/zip');
    for (let i = 0; i < 256; i++) expect(mimeTypeOf('', Uint8Array.of(i))).toMatch(/\//u);
  });
});
