import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, PyrgosError, toHex } from '#lib/bytes/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { decodeCbor } from '#lib/codec/index.ts';
import { partA, vectorsOf } from '../../../tests/vectors/load.ts';
import { BadFileName, DamagedNode } from './errors.ts';
import { hashBranchToCbor } from './hash-branch.ts';
import { checkName, checkStorableName } from './names.ts';
import {
  OVERFLOW_PROPERTIES,
  propertiesFromCbor,
  propertiesToCbor,
  THUMBNAIL_MAX_BYTES,
  unjudgedPropertiesFromCbor,
} from './properties.ts';
import type { FileProperties } from './properties.ts';
import { cborOf, hexOf } from './testing.ts';

interface Line {
  filename: string;
  isDirectory: boolean;
  isLink: boolean;
  mimeType: string;
  size: string;
  modifiedSeconds: string;
  modifiedNanos: number;
  createdSeconds: string;
  createdNanos: number;
  isHidden: boolean;
  thumbnailMimeType: string | null;
  thumbnail: string | null;
  streamSecret: string | null;
  treeHash: string | null;
  cbor: string;
  reencoded?: string;
}

const BEYOND_NUMBERS = 'file-huge';
const lines = vectorsOf<Line>('fileProperties');

function expectFields(properties: FileProperties, line: Line): void {
  const { thumbnail, hashBranch, streamSecret } = properties;
  expect({
    filename: properties.name,
    isDirectory: properties.isDirectory,
    isLink: properties.isLink,
    mimeType: properties.mimeType,
    size: String(properties.sizeBytes),
    modifiedSeconds: String(properties.modified.seconds),
    modifiedNanos: properties.modified.nanos,
    createdSeconds: String(properties.created.seconds),
    createdNanos: properties.created.nanos,
    isHidden: properties.isHidden,
    thumbnailMimeType: thumbnail?.mimeType ?? null,
    thumbnail: thumbnail === undefined ? null : toHex(thumbnail.bytes),
    streamSecret: streamSecret === undefined ? null : toHex(streamSecret),
    treeHash: hashBranch === undefined ? null : hexOf(hashBranchToCbor(hashBranch)),
  }).toEqual(
    Object.fromEntries(
      Object.entries(line).filter(([key]) => !['kind', 'name', 'cbor', 'reencoded'].includes(key)),
    ),
  );
}

describe('file properties', () => {
  it.each(lines.filter((line) => line.name !== BEYOND_NUMBERS))('$name', (line) => {
    const properties = propertiesFromCbor(cborOf(line.cbor));
    expectFields(properties, line);
    expect(hexOf(propertiesToCbor(properties))).toBe(line.cbor);
  });

  it('refuses a size that a number would round, rather than reading the wrong bytes', () => {
    const line = lines.find(({ name }) => name === BEYOND_NUMBERS)!;
    expect(BigInt(line.size)).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER));
    expect(() => propertiesFromCbor(cborOf(line.cbor))).toThrow(DamagedNode);
  });

  it.each(vectorsOf<Line>('filePropertiesLegacy'))('legacy $name', (line) => {
    const properties = propertiesFromCbor(cborOf(line.cbor));
    expectFields(properties, line);
    expect(hexOf(propertiesToCbor(properties))).toBe(line.reencoded);
  });

  it.each(vectorsOf<{ cbor: string }>('filePropertiesReject'))('refuses $name', ({ cbor }) => {
    expect(() => propertiesFromCbor(cborOf(cbor))).toThrow(PyrgosError);
  });

  it('agrees with the values printed with the protocol', () => {
    const values = partA<Record<string, string>>('fileProperties');
    expect(hexOf(propertiesToCbor(OVERFLOW_PROPERTIES))).toBe(values['emptySubsequentDirChunk']);
    const properties: FileProperties = {
      name: 'caf\u00e9.txt',
      isDirectory: false,
      isLink: false,
      mimeType: 'text/plain',
      sizeBytes: 5_000_000_000,
      modified: { seconds: Date.UTC(2026, 7, 22, 18, 50, 55) / 1000, nanos: 123_456_789 },
      created: { seconds: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000, nanos: 0 },
      isHidden: false,
      streamSecret: new Uint8Array(32).fill(5),
      thumbnail: { mimeType: 'image/webp', bytes: Uint8Array.of(1, 2, 3) },
    };
    expect(hexOf(propertiesToCbor(properties))).toBe(values['cbor']);
    expect(propertiesFromCbor(cborOf(values['cbor']!))).toEqual({
      ...properties,
      hashBranch: undefined,
    });
  });

  it('accepts an overflow chunk whose name is empty, as old clients wrote it', () => {
    const map = new Map(propertiesToCbor(OVERFLOW_PROPERTIES)).set('n', '');
    expect(unjudgedPropertiesFromCbor(map).name).toBe('');
    expect(() => propertiesFromCbor(map)).toThrow(BadFileName);
  });

  it('passes over a preview that is too large, and writes none', () => {
    const map = cborOf(lines.find(({ name }) => name === 'file-thumbnail-webp')!.cbor) as CborMap;
    const huge = new Map(map).set('i', new Uint8Array(THUMBNAIL_MAX_BYTES + 1));
    expect(propertiesFromCbor(huge).thumbnail).toBeUndefined();
    const thumbnail = { mimeType: 'image/webp', bytes: new Uint8Array(THUMBNAIL_MAX_BYTES + 1) };
    expect(() => propertiesToCbor({ ...propertiesFromCbor(map), thumbnail })).toThrow(DamagedNode);
  });

  it('gives a named error for any field of another type or range', () => {
    const map = cborOf(lines.find(({ name }) => name === 'file-with-hash')!.cbor) as CborMap;
    const bad: CborValue[] = [-1, 2n ** 60n, 'x', null, [], new Map(), new Uint8Array(3)];
    for (const key of map.keys()) {
      for (const value of bad) {
        try {
          const read = propertiesFromCbor(new Map(map).set(key, value));
          expect(read).toBeDefined();
        } catch (error) {
          expect(error).toBeInstanceOf(PyrgosError);
        }
      }
    }
    for (const nanos of [-1, 1_000_000_000]) {
      expect(() => propertiesFromCbor(new Map(map).set('tn', nanos))).toThrow(DamagedNode);
    }
  });

  it('survives any bytes and any CBOR', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        try {
          propertiesFromCbor(decodeCbor(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(PyrgosError);
        }
      }),
    );
  });
});

describe('names', () => {
  it.each([
    'a',
    'constructor',
    '__proto__',
    'toString',
    '.hidden',
    '...',
    ' ',
    'a'.repeat(255),
    '😀 שלום',
    'a\\b',
  ])('allows %j', (name) => {
    expect(() => checkName(name)).not.toThrow();
  });

  it.each(['', '/', 'a/b', '/a', 'a/', '.', '..', 'a'.repeat(256), '😀'.repeat(128)])(
    'refuses %j in blocks and from people',
    (name) => {
      expect(() => checkStorableName(name)).toThrow(BadFileName);
      expect(() => checkName(name)).toThrow(BadFileName);
    },
  );

  it.each(['a\nb', '\u0000', 'a\u007f', '\u0085', '\u001b[2J', '\ud83d', 'x\udc00y'])(
    'refuses %j from people but lists it',
    (name) => {
      expect(() => checkName(name)).toThrow(BadFileName);
      expect(() => checkStorableName(name)).not.toThrow();
    },
  );

  it('judges any text with a name or not at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (name) => {
        try {
          checkName(name);
          expect(name.length).toBeGreaterThan(0);
          expect(name.length).toBeLessThanOrEqual(255);
          expect(name).not.toMatch(/\//u);
        } catch (error) {
          expect(error).toBeInstanceOf(BadFileName);
        }
      }),
    );
  });

  it('reads bytes of a golden name unchanged', () => {
    const line = lines.find(({ name }) => name === 'unicode-name')!;
    expect(propertiesFromCbor(decodeCbor(fromHex(line.cbor))).name).toBe(line.filename);
  });
});
