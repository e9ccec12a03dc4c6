import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '#lib/bytes/index.ts';
import { SymmetricKey } from '#lib/crypto/index.ts';
import type { KeyHash, MapKey } from '#lib/crypto/index.ts';
import { Cid } from '#lib/codec/index.ts';
import { Bat } from '#lib/crypto/index.ts';
import { partA, vectorNamed, vectorsOf } from '../../../tests/vectors/load.ts';
import { capabilityFromCbor, capabilityToCbor, NULL_CAPABILITY, readOnly } from './capability.ts';
import type { Capability } from './capability.ts';
import { capabilityFromLink, capabilityToLink } from './capability-link.ts';
import {
  entryPointFromCbor,
  entryPointToCbor,
  locationFromCbor,
  locationToCbor,
  namedCapabilityFromCbor,
  namedCapabilityToCbor,
  namedEntryFromCbor,
  namedEntryToCbor,
} from './entries.ts';
import { MalformedCapability, ReadOnlyCapability, WrongKey } from './errors.ts';
import { relativeFromCbor, relativeToCbor, relativise, resolveRelative } from './relative.ts';
import {
  capabilityOf,
  cborOf,
  countingRandom,
  hexOf,
  keyOf,
  scriptedRandom,
  seededRandom,
} from './testing.ts';

interface AbsoluteLine {
  owner: string;
  writer: string;
  mapKey: string;
  bat: string | null;
  readKey: string;
  writeKey: string | null;
  cbor: string;
  link: string | null;
  readOnlyCbor: string;
}

function capabilityOfLine(line: AbsoluteLine): Capability {
  return {
    owner: Cid.parse(line.owner) as KeyHash,
    writer: Cid.parse(line.writer) as KeyHash,
    mapKey: fromHex(line.mapKey) as MapKey,
    bat: line.bat === null ? undefined : new Bat(fromHex(line.bat)),
    readKey: keyOf(line.readKey),
    writeKey: line.writeKey === null ? undefined : keyOf(line.writeKey),
  };
}

describe('absolute capabilities', () => {
  it.each(vectorsOf<AbsoluteLine>('absoluteCapability'))('$name', (line) => {
    const capability = capabilityOfLine(line);
    expect(hexOf(capabilityToCbor(capability))).toBe(line.cbor);
    expect(hexOf(capabilityToCbor(capabilityOf(line.cbor)))).toBe(line.cbor);
    expect(hexOf(capabilityToCbor(readOnly(capability)))).toBe(line.readOnlyCbor);
    if (line.link === null) return; // nobody links to nothing
    expect(capabilityToLink(capability)).toBe(line.link);
    for (const link of [line.link, line.link.slice(1)]) {
      expect(hexOf(capabilityToCbor(capabilityFromLink(link)))).toBe(line.cbor);
    }
  });

  it('has a null capability', () => {
    const { cbor } = vectorNamed<AbsoluteLine>('absoluteCapability', 'null');
    expect(hexOf(capabilityToCbor(NULL_CAPABILITY))).toBe(cbor);
  });

  it.each(vectorsOf<{ cbor: string }>('absoluteCapabilityReject'))('refuses $name', ({ cbor }) => {
    expect(() => capabilityOf(cbor)).toThrow(MalformedCapability);
  });

  it.each(vectorsOf<{ link: string }>('capabilityLinkReject'))('refuses link $name', ({ link }) => {
    expect(() => capabilityFromLink(link)).toThrow(MalformedCapability);
  });

  it('refuses every field of another type with one error', () => {
    const whole = cborOf(vectorNamed<AbsoluteLine>('absoluteCapability', 'writable').cbor);
    for (const key of ['a', 'b', 'k', 'm', 'o', 'w']) {
      for (const bad of [0, 'x', null, true, [], new Map(), new Uint8Array(31)]) {
        const map = new Map(whole as ReadonlyMap<string, never>).set(key, bad as never);
        expect(() => capabilityFromCbor(map)).toThrow(MalformedCapability);
      }
    }
  });

  it('refuses any link that a person may paste, by name', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom(...'#/1A2bz') })),
        (text) => {
          expect(() => capabilityFromLink(text)).toThrow(MalformedCapability);
        },
      ),
    );
  });

  it('says nothing of a damaged link in the error', () => {
    const link = vectorNamed<AbsoluteLine>('absoluteCapability', 'writable').link!;
    for (let i = 1; i < link.length; i += 7) {
      const damaged = `${link.slice(0, i)}0${link.slice(i + 1)}`;
      try {
        capabilityFromLink(damaged);
        expect.unreachable();
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedCapability);
        expect(String(error)).not.toContain(damaged.slice(60, 70));
        expect((error as Error).cause).toBeUndefined();
      }
    }
  });
});

interface RelativeLine {
  source: string | null;
  target: string;
  nonce: string | null;
  cbor: string;
  resolvedWithWrite: string;
  resolvedReadOnly: string;
}

describe('relative capabilities', () => {
  const lines = vectorsOf<RelativeLine>('relativeCapability');

  it.each(lines)('$name keeps its bytes', ({ cbor }) => {
    expect(hexOf(relativeToCbor(relativeFromCbor(cborOf(cbor))))).toBe(cbor);
  });

  it.each(lines.filter((line) => line.source !== null))('$name', (line) => {
    const source = capabilityOf(line.source!);
    const built = relativise(source, capabilityOf(line.target), scriptedRandom(line.nonce));
    expect(hexOf(relativeToCbor(built))).toBe(line.cbor);
    const parsed = relativeFromCbor(cborOf(line.cbor));
    expect(hexOf(capabilityToCbor(resolveRelative(source, parsed)))).toBe(line.resolvedWithWrite);
    expect(hexOf(capabilityToCbor(resolveRelative(readOnly(source), parsed)))).toBe(
      line.resolvedReadOnly,
    );
  });

  it('agrees with the values printed with the protocol', () => {
    const values = partA<Record<string, string>>('capabilities');
    const of = (byte: number) => new SymmetricKey(new Uint8Array(32).fill(byte));
    const source = capabilityOf(values['writeCbor']!);
    expect(capabilityToLink(source)).toBe(values['writeLink']);
    expect(capabilityToLink(readOnly(source))).toBe(values['readLink']);
    expect(hexOf(capabilityToCbor(readOnly(source)))).toBe(values['readCbor']);
    const target: Capability = {
      ...source,
      writer: source.owner,
      mapKey: new Uint8Array(32).fill(7) as MapKey,
      readKey: of(3),
      writeKey: of(4),
    };
    const relative = relativise(source, target, countingRandom());
    expect(hexOf(relativeToCbor(relative))).toBe(values['relativeToDifferentWriterCbor']);
    const named = namedEntryFromCbor(cborOf(values['namedRelativeCbor']!));
    expect(named).toMatchObject({ name: 'x.txt', isDirectory: false, mimeType: 'text/plain' });
    expect(hexOf(namedEntryToCbor(named))).toBe(values['namedRelativeCbor']);
    expect(hexOf(locationToCbor(source))).toBe(values['locationCbor']);
  });

  it('never takes a missing write link for the same write key', () => {
    const source = capabilityOf(lines[0]!.source!);
    const relative = relativise(source, readOnly(capabilityOf(lines[0]!.target)), seededRandom(1));
    expect(resolveRelative(source, relative).writeKey).toBeUndefined();
  });

  it('refuses a writable entry in a folder that may not be changed', () => {
    const source = readOnly(capabilityOf(lines[0]!.source!));
    const target = capabilityOf(lines[0]!.target);
    expect(() => relativise(source, target, seededRandom(1))).toThrow(ReadOnlyCapability);
    const stranger = { ...target, owner: target.writer };
    expect(() => relativise(source, stranger, seededRandom(1))).toThrow('another owner');
  });

  it('names a write link that does not open', () => {
    const source = capabilityOf(lines[0]!.source!);
    const relative = relativise(source, capabilityOf(lines[0]!.target), seededRandom(1));
    const other = { ...source, writeKey: SymmetricKey.random(seededRandom(2)) };
    expect(() => resolveRelative(other, relative)).toThrow(WrongKey);
    for (const bad of [0, [], [new Uint8Array(24)], [new Uint8Array(23), new Uint8Array(60)]]) {
      const broken = { ...relative, writeKeyLink: bad };
      expect(() => resolveRelative(source, broken)).toThrow(MalformedCapability);
      expect(resolveRelative(readOnly(source), broken).writeKey).toBeUndefined();
    }
  });
});

interface NamedLine {
  capCbor: string;
  entryName: string;
  isDir: boolean | null;
  mimeType: string | null;
  createdSeconds: number | string | null;
  cbor: string;
}

const hintsOf = (line: NamedLine) => ({
  name: line.entryName,
  isDirectory: line.isDir ?? undefined,
  mimeType: line.mimeType ?? undefined,
  createdSeconds: line.createdSeconds === null ? undefined : Number(line.createdSeconds),
});

describe('named capabilities, locations, entry points', () => {
  it.each(vectorsOf<NamedLine>('namedRelativeCapability'))('relative $name', (line) => {
    const entry = { capability: relativeFromCbor(cborOf(line.capCbor)), ...hintsOf(line) };
    expect(hexOf(namedEntryToCbor(entry))).toBe(line.cbor);
    const parsed = namedEntryFromCbor(cborOf(line.cbor));
    expect(parsed).toMatchObject(hintsOf(line));
    expect(hexOf(namedEntryToCbor(parsed))).toBe(line.cbor);
  });

  it.each(vectorsOf<NamedLine>('namedAbsoluteCapability'))('absolute $name', (line) => {
    const named = { capability: capabilityOf(line.capCbor), ...hintsOf(line) };
    expect(hexOf(namedCapabilityToCbor(named))).toBe(line.cbor);
    expect(namedCapabilityFromCbor(cborOf(line.cbor))).toMatchObject(hintsOf(line));
  });

  it.each(vectorsOf<{ owner: string; writer: string; mapKey: string; cbor: string }>('location'))(
    'location $name',
    (line) => {
      const location = locationFromCbor(cborOf(line.cbor));
      expect(location.owner.toString()).toBe(line.owner);
      expect(location.writer.toString()).toBe(line.writer);
      expect(toHex(location.mapKey)).toBe(line.mapKey);
      expect(hexOf(locationToCbor(location))).toBe(line.cbor);
      expect(() => locationFromCbor([location.owner])).toThrow(MalformedCapability);
    },
  );

  it.each(vectorsOf<{ username: string; capCbor: string; cbor: string }>('entryPoint'))(
    'entry point $name',
    (line) => {
      const entryPoint = { capability: capabilityOf(line.capCbor), username: line.username };
      expect(hexOf(entryPointToCbor(entryPoint))).toBe(line.cbor);
      expect(hexOf(entryPointToCbor(entryPointFromCbor(cborOf(line.cbor))))).toBe(line.cbor);
    },
  );
});
