import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { equalBytes, fromHex, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { CHUNK_BYTES, Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import {
  Bat,
  DamagedBlock,
  openCbor,
  rawBlockPrefix,
  seal,
  sealCbor,
  splitRawBlock,
  SymmetricKey,
  toBatId,
} from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';
import { partA, vectorsOf } from '../../../tests/vectors/load.ts';
import { fpctOf, openChunk, openValue, paddedLength, sealChunk, sealValue } from './chunk.ts';
import type { SealedChunk } from './chunk.ts';
import {
  createLocalChunkCipher,
  openJobFromWire,
  openJobToWire,
  sealedChunkFromWire,
  sealedChunkToWire,
  sealJobFromWire,
  sealJobToWire,
  transferablesOf,
} from './cipher.ts';
import { DamagedNode, DirtyData, TruncatedChunk, WrongKey } from './errors.ts';
import { fpctFromCbor, fpctToCbor, loadParts } from './fpct.ts';
import type { UnverifiedChunk } from './fpct.ts';
import {
  cborOf,
  countingRandom,
  hexOf,
  patternBytes,
  rawKeyOf,
  scriptedRandom,
  seededRandom,
  sha256Hex,
} from './testing.ts';
import type { Pattern } from './testing.ts';

interface FpctLine {
  key: string;
  nonce: string;
  content: Pattern;
  mirrorBatId: string | null;
  inline: boolean;
  header: string | null;
  fragments: {
    cid: string;
    bat: string;
    prefix: string;
    blockLength: number;
    blockSha256: string;
  }[];
  cbor: string;
}

const batIdOf = (hex: string | null) => (hex === null ? undefined : toBatId(cborOf(hex)));
const partsOf = (sealed: SealedChunk) =>
  loadParts(fpctOf(sealed), (cid) => {
    const found = sealed.fragments.find((fragment) => fragment.cid.equals(cid));
    return found === undefined ? Promise.reject(new Error('gone')) : Promise.resolve(found.block);
  });

/** In the form of a node's answer. */
const unverifiedOf = ({ nonce, header, inline, fragments }: SealedChunk): UnverifiedChunk => ({
  nonce,
  header: inline ?? header,
  fragments: fragments.map(({ cid, block }) => ({ cid, block: block as UnverifiedBlock })),
});

describe('sealing a file chunk', () => {
  it.each(vectorsOf<FpctLine>('fpct'))('of $name bytes', async (line) => {
    const key = rawKeyOf(line.key);
    const plain = patternBytes(line.content);
    expect(sha256Hex(plain)).toBe(line.content.sha256);
    const random = scriptedRandom(line.nonce, ...line.fragments.map(({ bat }) => bat));
    const sealed = await sealChunk(plain, key, batIdOf(line.mirrorBatId), random, {
      hashPlain: true,
    });
    expect(toHex(sealed.plainSha256!)).toBe(line.content.sha256);
    expect(sealed.inline !== undefined).toBe(line.inline);
    expect(toHex(sealed.header)).toBe(line.header ?? '');
    expect(
      sealed.fragments.map(({ cid, bat, block }, i) => ({
        cid: cid.toString(),
        bat: toHex(bat.secret),
        prefix: toHex(block.subarray(0, (line.fragments[i]?.prefix.length ?? 0) / 2)),
        blockLength: block.length,
        blockSha256: sha256Hex(block),
      })),
    ).toEqual(line.fragments);
    expect(hexOf(fpctToCbor(fpctOf(sealed)))).toBe(line.cbor);
    expect(hexOf(fpctToCbor(fpctFromCbor(cborOf(line.cbor))))).toBe(line.cbor);
    expect(sha256Hex(await openChunk(await partsOf(sealed), key))).toBe(line.content.sha256);
  });

  interface Fragmentation {
    dataLength: number;
    cborPlaintextLength: number;
    inlineCiphertextLength: number;
    headerLength: number;
    fragmentBlockLengths: number[];
    sha256OfNodeCbor: string;
  }
  const mirrorId = Cid.parse(partA<{ mirrorId: string }>('bat').mirrorId);

  it.each(partA<Fragmentation[]>('fragmentation'))('of $dataLength zero bytes', async (entry) => {
    const key = new SymmetricKey(new Uint8Array(32).fill(3));
    const plain = new Uint8Array(entry.dataLength);
    const sealed = await sealChunk(plain, key, toBatId(mirrorId.bytes), countingRandom());
    expect(sealed.inline?.length ?? -1).toBe(entry.inlineCiphertextLength);
    expect(sealed.inline === undefined ? sealed.header.length : -1).toBe(entry.headerLength);
    expect(sealed.fragments.map(({ block }) => block.length)).toEqual(entry.fragmentBlockLengths);
    expect(sha256Hex(encodeCbor(fpctToCbor(fpctOf(sealed))))).toBe(entry.sha256OfNodeCbor);
  });

  it('does not mix chunks that are sealed and opened at the same time', async () => {
    const random = seededRandom(13);
    const key = SymmetricKey.random(random);
    const sizes = [1_500_000, 300_000, 10, 2_000_000, 262_144, 5_242_880];
    const plains = sizes.map((length, seed) => patternBytes({ seed, length, sha256: '' }));
    const opened = await Promise.all(
      plains.map(async (plain) => {
        const sealed = await sealChunk(plain, key, undefined, random, { hashPlain: true });
        expect(toHex(sealed.plainSha256!)).toBe(sha256Hex(plain));
        return openChunk(await partsOf(sealed), key);
      }),
    );
    opened.forEach((bytes, i) => expect(equalBytes(bytes, plains[i]!)).toBe(true));
  });

  it('refuses a key that was kept over a rotation', async () => {
    const dirty = SymmetricKey.random(seededRandom(1)).withDirty(true);
    await expect(sealChunk(new Uint8Array(1), dirty, undefined, seededRandom(1))).rejects.toThrow(
      DirtyData,
    );
  });

  it('never makes the same blocks twice', async () => {
    const random = seededRandom(5);
    const key = SymmetricKey.random(random);
    const plain = new Uint8Array(10_000);
    const seen = new Set<string>();
    for (let i = 0; i < 20; i++) {
      const sealed = await sealChunk(plain, key, undefined, random);
      seen.add(toHex(sealed.nonce)).add(sealed.fragments[0]!.cid.toString());
    }
    expect(seen.size).toBe(40);
  });
});

describe('padded ciphertexts', () => {
  interface PaddedLine {
    key: string;
    nonce: string;
    blockSize: number;
    plainCbor: string | null;
    plainData?: Pattern;
    plainLength?: number;
    paddedLength: number;
    cbor?: string | null;
    cborSha256?: string;
    cborLength?: number;
  }
  it.each(vectorsOf<PaddedLine>('paddedCipherText'))('$name', (line) => {
    const value: CborValue =
      typeof line.plainCbor === 'string' ? cborOf(line.plainCbor) : patternBytes(line.plainData!);
    const key = rawKeyOf(line.key);
    const sealed = sealCbor(key, value, scriptedRandom(line.nonce), line.blockSize);
    expect((sealed as Uint8Array[])[1]!.length).toBe(line.paddedLength + 16);
    if (typeof line.cbor === 'string') expect(hexOf(sealed)).toBe(line.cbor);
    else expect(sha256Hex(encodeCbor(sealed))).toBe(line.cborSha256);
    expect(hexOf(openCbor(key, sealed))).toBe(hexOf(value));
  });

  it('pads as the table of the protocol says', () => {
    const rows = [
      [1, 4096],
      [4096, 4096],
      [4097, 4102],
      [4102, 4102],
      [4103, 8198],
      [8198, 8198],
      [8199, 12294],
      [1_048_581, 1_048_582],
      [5_242_885, 5_242_886],
    ];
    for (const [encoded, padded] of rows) expect(paddedLength(encoded!)).toBe(padded);
  });
});

describe('values and legacy forms', () => {
  interface ValueLine {
    key: string;
    nonce: string;
    plainCbor: string;
    mirrorBatId: string;
    fragments: { cid: string; bat: string; block: string }[];
    cbor: string;
  }
  it.each(vectorsOf<ValueLine>('fpctValue'))('$name', async (line) => {
    const random = scriptedRandom(line.nonce, ...line.fragments.map(({ bat }) => bat));
    const key = rawKeyOf(line.key);
    const sealed = await sealValue(cborOf(line.plainCbor), key, batIdOf(line.mirrorBatId), random);
    expect(hexOf(fpctToCbor(fpctOf(sealed)))).toBe(line.cbor);
    expect(sealed.fragments.map(({ block }) => toHex(block))).toEqual(
      line.fragments.map(({ block }) => block),
    );
    expect(hexOf(openValue(await partsOf(sealed), key))).toBe(line.plainCbor);
  });

  interface LegacyLine {
    key: string;
    content: Pattern;
    cbor: string;
    reencoded: string;
    fragments: { cid: string; block: string }[];
  }
  const legacy = vectorsOf<LegacyLine>('fpctLegacy');
  const loadFrom = (fragments: LegacyLine['fragments']) => (cid: Cid) => {
    const found = fragments.find((fragment) => fragment.cid === cid.toString());
    return Promise.resolve(fromHex(found!.block));
  };

  it.each(legacy)('$name', async (line) => {
    const fpct = fpctFromCbor(cborOf(line.cbor));
    const parts = await loadParts(fpct, loadFrom(line.fragments));
    expect(sha256Hex(await openChunk(parts, rawKeyOf(line.key)))).toBe(line.content.sha256);
    expect(hexOf(fpctToCbor(fpct))).toBe(line.reencoded);
  });

  it('unwraps fragments that are CBOR byte strings', async () => {
    const line = legacy.find(({ name }) => name === 'no-header-no-bats')!;
    const map = cborOf(line.cbor) as CborMap;
    const wrapped = (map.get('f') as Cid[]).map((cid) => Cid.sha256(0x71, cid.digest));
    const fpct = fpctFromCbor(new Map(map).set('f', wrapped));
    const load = async (cid: Cid) =>
      encodeCbor(await loadFrom(line.fragments)(Cid.sha256(0x55, cid.digest)));
    const parts = await loadParts(fpct, load);
    expect(sha256Hex(await openChunk(parts, rawKeyOf(line.key)))).toBe(line.content.sha256);
  });

  it('refuses malformed maps by name', () => {
    const map = cborOf(legacy[1]!.cbor) as CborMap;
    const link = (map.get('f') as Cid[])[0]!;
    const bad: [string, CborValue][] = [
      ['n', new Uint8Array(23)],
      ['n', 1],
      ['h', 'x'],
      ['f', []],
      ['f', [new Uint8Array(4), new Uint8Array(4)]],
      ['f', [link, new Uint8Array(4)]],
      ['f', [new Uint8Array(4), link]],
      ['f', Array.from({ length: 129 }, () => link)],
      ['bats', 1],
      ['bats', [1]],
    ];
    for (const [key, value] of bad) {
      expect(() => fpctFromCbor(new Map(map).set(key, value))).toThrow(DamagedNode);
    }
    expect(() => fpctFromCbor([])).toThrow(DamagedNode);
  });
});

describe('opening what somebody else sealed', () => {
  const random = seededRandom(7);
  const key = SymmetricKey.random(random);
  const nonce = random(24);
  const openSealed = (plain: Uint8Array) =>
    openChunk({ nonce, header: seal(key, nonce, plain), pieces: [] }, key);

  it('gives errors for content that is no byte string or lies about its length', async () => {
    await expect(openSealed(Uint8Array.of(0x80))).rejects.toThrow(DamagedNode);
    await expect(openSealed(new Uint8Array(0))).rejects.toThrow(DamagedNode);
    await expect(openSealed(Uint8Array.of(0x5f, 0x41, 1, 0xff))).rejects.toThrow(DamagedNode);
    await expect(openSealed(Uint8Array.of(0x5b, 0, 0, 0, 0, 0, 0, 0, 1, 1))).rejects.toThrow(
      DamagedNode,
    );
    await expect(openSealed(Uint8Array.of(0x42, 1))).rejects.toThrow(TruncatedChunk);
    await expect(openSealed(Uint8Array.of(0x5a, 0xff, 0xff, 0xff, 0xff, 1))).rejects.toThrow(
      TruncatedChunk,
    );
    await expect(openSealed(Uint8Array.of(0x5a, 0))).rejects.toThrow(TruncatedChunk);
    expect(await openSealed(Uint8Array.of(0x42, 1, 2, 9, 9))).toEqual(Uint8Array.of(1, 2));
  });

  it('refuses more ciphertext than any chunk has before decrypting it', async () => {
    const pieces = Array.from({ length: 9 }, () => new Uint8Array(1_048_576));
    const parts = { nonce, header: new Uint8Array(0), pieces };
    await expect(openChunk(parts, key)).rejects.toThrow(DamagedNode);
  });

  it('refuses a fragment whose access list is malformed', async () => {
    const prefix = rawBlockPrefix([Bat.random(random).inlineId()]).slice();
    prefix[8] = 0xff;
    const parts = { nonce, header: new Uint8Array(22), pieces: [prefix] };
    await expect(openChunk(parts, key)).rejects.toThrow(DamagedNode);
  });

  it('never opens a chunk in which one bit of any part was flipped', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 5, 4093, 4096, 4100, 9000),
        fc.nat(),
        fc.nat(7),
        async (length, position, bit) => {
          const sealed = await sealChunk(new Uint8Array(length).fill(7), key, undefined, random);
          const parts = await partsOf(sealed);
          const payloads = parts.pieces.map((piece) => splitRawBlock(piece).payload);
          const all = [parts.nonce, parts.header, ...payloads].filter((part) => part.length > 0);
          let index = position % all.reduce((sum, part) => sum + part.length, 0);
          for (const part of all) {
            if (index < part.length) {
              part[index]! ^= 1 << bit;
              break;
            }
            index -= part.length;
          }
          await expect(openChunk(parts, key)).rejects.toThrow(WrongKey);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('never opens pieces that were dropped, doubled, swapped or cut', async () => {
    const plain = patternBytes({ seed: 3, length: 3 * 1_048_576, sha256: '' });
    const sealed = await sealChunk(plain, key, undefined, random);
    const { pieces, ...rest } = await partsOf(sealed);
    const [a, b, c] = pieces as [Uint8Array, Uint8Array, Uint8Array];
    for (const altered of [
      [],
      [a, b],
      [b, c],
      [a, b, b],
      [b, a, c],
      [a, b, c, c],
      [a, b, c.subarray(0, -1)],
    ]) {
      await expect(openChunk({ ...rest, pieces: altered }, key)).rejects.toThrow(WrongKey);
    }
    expect(equalBytes(await openChunk({ ...rest, pieces }, key), plain)).toBe(true);
  });

  it('gives back any bytes of any length', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 9000 }), fc.boolean(), async (plain, mirror) => {
        const mirrorId = mirror ? Bat.random(random).secretHashId() : undefined;
        const sealed = await sealChunk(plain, key, mirrorId, random);
        expect(await openChunk(await partsOf(sealed), key)).toEqual(plain);
        const other = SymmetricKey.random(random);
        await expect(openChunk(await partsOf(sealed), other)).rejects.toThrow(WrongKey);
      }),
      { numRuns: 60 },
    );
  });

  it('survives any value where a content should be', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        try {
          fpctFromCbor(decodeCbor(bytes));
        } catch (error) {
          expect(error).toBeInstanceOf(PyrgosError);
        }
      }),
    );
  });
});

describe('jobs for workers', () => {
  const random = seededRandom(11);
  const job = {
    plain: patternBytes({ seed: 9, length: 2_000_000, sha256: '' }),
    dataKey: SymmetricKey.random(random),
    mirrorBatId: Bat.random(random).secretHashId(),
    hashPlain: true,
  };

  it('cross by structured cloning, blocks transferred', async () => {
    const cipher = createLocalChunkCipher(random);
    const arrived = sealJobFromWire(structuredClone(sealJobToWire(job)));
    const wire = sealedChunkToWire(await cipher.seal(arrived));
    const transfer = transferablesOf(wire);
    expect(transfer.reduce((sum, buffer) => sum + buffer.byteLength, 0)).toBe(
      wire.fragments.reduce((sum, { block }) => sum + block.length, 0),
    );
    const sealed = sealedChunkFromWire(structuredClone(wire, { transfer }));
    expect(
      sealed.fragments[0]!.bat.inlineId().equals(
        splitRawBlock(sealed.fragments[0]!.block).batIds[0]!,
      ),
    ).toBe(true);
    expect(sha256Hex(job.plain)).toBe(toHex(sealed.plainSha256!));
    const chunk = unverifiedOf(sealed);
    const open = structuredClone(openJobToWire(chunk, job.dataKey));
    const key = new SymmetricKey(open.key.bytes, open.key.dirty);
    const plain = await cipher.open(openJobFromWire(open), key);
    expect(equalBytes(plain, job.plain)).toBe(true);
    expect(toHex(await cipher.hash(job.plain))).toBe(sha256Hex(job.plain));
  });

  it('are not opened when a fragment is another one than was asked for', async () => {
    const cipher = createLocalChunkCipher(random);
    const chunk = unverifiedOf(await cipher.seal(job));
    const [first, ...others] = chunk.fragments;
    const changed = first!.block.slice() as UnverifiedBlock;
    changed[changed.length - 1]! ^= 1;
    for (const fragments of [
      [{ cid: first!.cid, block: changed }, ...others],
      [{ cid: first!.cid, block: first!.block.subarray(1) as UnverifiedBlock }, ...others],
    ]) {
      const opening = cipher.open({ ...chunk, fragments }, job.dataKey);
      await expect(opening).rejects.toThrow(DamagedBlock);
    }
    expect(equalBytes(await cipher.open(chunk, job.dataKey), job.plain)).toBe(true);
  });

  it('do not begin after an abort', async () => {
    const cipher = createLocalChunkCipher(random);
    const signal = AbortSignal.abort();
    await expect(cipher.seal(job, signal)).rejects.toThrow('abort');
    await expect(cipher.hash(job.plain, signal)).rejects.toThrow('abort');
    expect(CHUNK_BYTES).toBeGreaterThan(job.plain.length);
  });
});
