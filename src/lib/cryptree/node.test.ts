/** Nodes are opened and rebuilt byte for byte from golden values, and refused when they are hostile. */
import { describe, expect, it } from 'vitest';
import { fromHex, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { asList, Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap, CborValue } from '#lib/codec/index.ts';
import { Bat, Signer, SigningKeyPair, SymmetricKey, toBatId } from '#lib/crypto/index.ts';
import type { MapKey } from '#lib/crypto/index.ts';
import { partA, vectorNamed, vectorsOf } from '../../../tests/vectors/load.ts';
import { buildDirectoryNode, buildFileNode } from './build.ts';
import { readOnly } from './capability.ts';
import { fpctOf, openChunk, sealChunk } from './chunk.ts';
import { childrenFromCbor, namedEntryToCbor } from './entries.ts';
import type { ChildToWrite } from './entries.ts';
import {
  DamagedNode,
  ReadOnlyCapability,
  TooManyChildren,
  WrongKey,
  WrongSigner,
} from './errors.ts';
import { loadParts } from './fpct.ts';
import {
  canReadContent,
  children,
  contentKey,
  isDirty,
  linkTarget,
  mirrorBatIdOf,
  openNode,
  signerOf,
} from './node.ts';
import type { OpenNode } from './node.ts';
import { propertiesFromCbor, propertiesToCbor, unjudgedPropertiesFromCbor } from './properties.ts';
import { relativeFromCbor, relativeToCbor, relativise, resolveRelative } from './relative.ts';
import {
  capabilityOf,
  cborOf,
  cidOfBlock,
  countingRandom,
  hexOf,
  keyOf,
  patternBytes,
  scriptedRandom,
  seededRandom,
  sha256Hex,
} from './testing.ts';
import type { Pattern } from './testing.ts';

interface NodeLine {
  capability: string;
  block: string;
  cid: string;
  batIds: string[];
  baseKey: string;
  baseNonce: string;
  baseBlock: string;
  parentNonce: string;
  parentBlock: string;
  contentNonce: string;
  properties: string;
  parentCap?: string | null;
  signer?: string | null;
  signerSeed?: string | null;
  signerLinkNonce?: string | null;
  fragments?: { cid: string; block: string | null; blockSha256: string }[];
  fragmentBats?: string[];
}
interface FileLine extends NodeLine {
  dataKey: string;
  content: Pattern;
  nextMapKey: string;
  nextBat: string | null;
}
interface DirectoryLine extends NodeLine {
  parentKey: string;
  children: string;
  nextChunkCap: string;
  childCapabilities?: {
    entryName: string;
    isDir: boolean;
    mimeType: string;
    createdSeconds: string;
    capability: string;
    writeLinkNonce: string | null;
  }[];
}

const files = vectorsOf<FileLine>('cryptreeFile');
const directories = vectorsOf<DirectoryLine>('cryptreeDir');
const links = vectorsOf<DirectoryLine & { targetCapability: string }>('cryptreeLink');

const roleOf = (line: { name: string }) =>
  line.name === 'overflow-chunk' || line.name === 'later-chunk-no-parent' ? 'later' : 'first';
const openLine = (line: NodeLine & { name: string }) =>
  openNode(capabilityOf(line.capability), fromHex(line.block), Cid.parse(line.cid), roleOf(line));
const loadFrom = (line: NodeLine) => (cid: Cid) => {
  const found = line.fragments?.find((fragment) => fragment.cid === cid.toString());
  return Promise.resolve(fromHex(found!.block!));
};
/** The second entry of an access list is the mirror's. */
const batIdOf = (hex: string | undefined) => (hex === undefined ? undefined : toBatId(cborOf(hex)));
const signerOfSeed = (seed: string | null | undefined) =>
  typeof seed === 'string' ? Signer.of(SigningKeyPair.fromSeed(fromHex(seed))) : undefined;
const parentOf = (line: NodeLine) =>
  typeof line.parentCap === 'string' ? relativeFromCbor(cborOf(line.parentCap)) : undefined;
const parentBlockOf = (node: OpenNode) =>
  node.parent === undefined ? undefined : hexOf(relativeToCbor(node.parent));

describe('file nodes', () => {
  it.each(files)('$name is rebuilt', async (line) => {
    const dataKey = keyOf(line.dataKey);
    const plain = patternBytes(line.content);
    const sealed = await sealChunk(
      plain,
      dataKey.withDirty(false),
      batIdOf(line.batIds[1]),
      scriptedRandom(line.contentNonce, ...(line.fragmentBats ?? [])),
    );
    expect(sealed.fragments.map(({ cid }) => cid.toString())).toEqual(
      line.fragments!.map(({ cid }) => cid),
    );
    const parentMap = cborOf(line.parentBlock) as CborMap;
    const value = buildFileNode(
      {
        capability: capabilityOf(line.capability),
        dataKey,
        fpct: fpctOf(sealed),
        properties: propertiesFromCbor(cborOf(line.properties)),
        parent: parentMap.has('p') ? relativeFromCbor(parentMap.get('p')) : undefined,
        next: {
          mapKey: fromHex(line.nextMapKey) as MapKey,
          bat: line.nextBat === null ? undefined : new Bat(fromHex(line.nextBat)),
        },
        signer: signerOfSeed(line.signerSeed),
        mirrorBatId: batIdOf(line.batIds[1]),
      },
      scriptedRandom(line.signerLinkNonce, line.baseNonce, line.parentNonce),
    );
    const block = encodeCbor(value);
    expect(toHex(block)).toBe(line.block);
    expect(cidOfBlock(block).toString()).toBe(line.cid);

    const node = openNode(capabilityOf(line.capability), block, Cid.parse(line.cid));
    const parts = await loadParts(node.fpct, (cid) =>
      Promise.resolve(sealed.fragments.find((fragment) => fragment.cid.equals(cid))!.block),
    );
    expect(sha256Hex(await openChunk(parts, contentKey(node)))).toBe(line.content.sha256);
  });

  it.each(files)('$name is opened', (line) => {
    const node = openLine(line);
    expect(node.kind).toBe('file');
    expect(hexOf(node.dataKey!.toCbor())).toBe(line.dataKey);
    expect(isDirty(node)).toBe(line.name === 'own-writer-dirty');
    expect(hexOf(propertiesToCbor(node.properties))).toBe(line.properties);
    expect(toHex(node.next!.mapKey)).toBe(line.nextMapKey);
    expect(node.batIds.map((id) => hexOf(id.bytes))).toEqual(line.batIds);
    expect(mirrorBatIdOf(node)?.bytes).toEqual(batIdOf(line.batIds[1])?.bytes);
    if (typeof line.signer === 'string') {
      expect(hexOf(signerOf(node).toCbor())).toBe(line.signer);
    } else {
      expect(() => signerOf(node)).toThrow(ReadOnlyCapability);
    }
    expect(() => signerOf({ ...node, capability: readOnly(node.capability) })).toThrow(
      ReadOnlyCapability,
    );
  });

  it('agrees with the node printed with the protocol', async () => {
    const printed = partA<Record<string, string>>('cryptreeFile');
    const keys = partA<Record<string, string>>('keys');
    const chain = partA<Record<string, string>>('chunkLocation');
    const bat = new Bat(fromHex(partA<Record<string, string>>('bat')['secret']!));
    const mirrorBatId = toBatId(Cid.parse(partA<Record<string, string>>('bat')['mirrorId']!).bytes);
    const of = (byte: number) => new SymmetricKey(new Uint8Array(32).fill(byte));
    const owner = SigningKeyPair.fromSeed(fromHex(keys['ownerSeed']!)).hash;
    const writer = SigningKeyPair.fromSeed(fromHex(keys['writerSeed']!)).hash;
    const random = countingRandom();
    const time = { seconds: Date.UTC(2026, 7, 22, 18, 50, 55) / 1000, nanos: 0 };
    const hello = new TextEncoder().encode('hello');
    const sealed = await sealChunk(hello, of(0x12), mirrorBatId, random);
    const mapKey = new Uint8Array(32).fill(6) as MapKey;
    const value = buildFileNode(
      {
        capability: { owner, writer, mapKey, bat, readKey: of(0x11), writeKey: undefined },
        dataKey: of(0x12),
        fpct: fpctOf(sealed),
        properties: {
          name: 'a.txt',
          isDirectory: false,
          isLink: false,
          mimeType: 'text/plain',
          sizeBytes: 5,
          modified: time,
          created: time,
          isHidden: false,
          streamSecret: fromHex(chain['streamSecret']!),
        },
        parent: {
          writer: undefined,
          mapKey: new Uint8Array(32).fill(0x21) as MapKey,
          bat,
          readKey: of(0x13),
          writeKeyLink: undefined,
        },
        next: {
          mapKey: fromHex(chain['mapKey1']!) as MapKey,
          bat: new Bat(fromHex(chain['bat1']!)),
        },
        mirrorBatId,
      },
      random,
    );
    expect(hexOf(value)).toBe(printed['nodeCbor']);
    expect(cidOfBlock(encodeCbor(value)).toString()).toBe(printed['nodeCid']);
  });
});

describe('directory nodes', () => {
  it.each([...directories, ...links])('$name is rebuilt', async (line) => {
    const next = relativeFromCbor(cborOf(line.nextChunkCap));
    const built = await buildDirectoryNode(
      {
        capability: capabilityOf(line.capability),
        parentKey: keyOf(line.parentKey),
        children: asList(cborOf(line.children), 'children').map(asIs),
        properties: unjudgedPropertiesFromCbor(cborOf(line.properties)),
        parent: parentOf(line),
        next: { mapKey: next.mapKey, bat: next.bat },
        signer: signerOfSeed(line.signerSeed),
        mirrorBatId: batIdOf(line.batIds[1]),
      },
      scriptedRandom(
        line.signerLinkNonce,
        line.baseNonce,
        line.parentNonce,
        line.contentNonce,
        ...(line.fragmentBats ?? []),
      ),
    );
    expect(hexOf(built.value)).toBe(line.block);
    expect(built.fragments.map(({ block }) => sha256Hex(block))).toEqual(
      (line.fragments ?? []).map(({ blockSha256 }) => blockSha256),
    );
  });

  it.each([...directories, ...links])('$name is opened', async (line) => {
    const node = openLine(line);
    expect(node.kind).toBe(line.kind === 'cryptreeLink' ? 'link' : 'directory');
    expect(hexOf(node.parentKey.toCbor())).toBe(line.parentKey);
    expect(hexOf(relativeToCbor(node.next!))).toBe(line.nextChunkCap);
    expect(parentBlockOf(node)).toBe(line.parentCap ?? undefined);
    const list = await children(node, loadFrom(line));
    expect(list.unreadable).toEqual([]);
    const written = [
      ...list.unnamed.map((child) => hexOf(relativeToCbor(child))),
      ...list.entries.map((entry) => hexOf(namedEntryToCbor(entry))),
    ];
    const raw = asList(cborOf(line.children), 'children').map(hexOf);
    expect(written.toSorted()).toEqual(raw.toSorted());
    expect(list.unnamed.length > 0).toBe(line.name === 'legacy-unnamed-children-no-bats');
    if (typeof line.signer === 'string') {
      expect(hexOf(signerOf(node).toCbor())).toBe(line.signer);
    }
  });

  it('has entries that lead to the capabilities of the children', async () => {
    const line = directories.find(({ childCapabilities }) => childCapabilities !== undefined)!;
    const node = openLine(line);
    const { entries } = await children(node, loadFrom(line));
    for (const child of line.childCapabilities!) {
      const entry = entries.find(({ name }) => name === child.entryName)!;
      const target = capabilityOf(child.capability);
      expect(resolveRelative(node.capability, entry.capability)).toEqual(target);
      const made = relativise(node.capability, target, scriptedRandom(child.writeLinkNonce));
      expect(hexOf(relativeToCbor(made))).toBe(hexOf(relativeToCbor(entry.capability)));
      expect([entry.isDirectory, entry.mimeType, String(entry.createdSeconds)]).toEqual([
        child.isDir,
        child.mimeType,
        child.createdSeconds,
      ]);
    }
  });

  it('agrees with the node printed with the protocol', async () => {
    const printed = partA<Record<string, string>>('cryptreeDir');
    const keys = partA<Record<string, string>>('keys');
    const bat = new Bat(fromHex(partA<Record<string, string>>('bat')['secret']!));
    const mirrorBatId = toBatId(Cid.parse(partA<Record<string, string>>('bat')['mirrorId']!).bytes);
    const of = (byte: number) => new SymmetricKey(new Uint8Array(32).fill(byte));
    const at = (byte: number) => new Uint8Array(32).fill(byte) as MapKey;
    const writer = SigningKeyPair.fromSeed(fromHex(keys['writerSeed']!));
    const time = { seconds: Date.UTC(2026, 7, 22, 18, 50, 55) / 1000, nanos: 0 };
    const relative = (mapKey: number, key: number) => ({
      writer: undefined,
      mapKey: at(mapKey),
      bat,
      readKey: of(key),
      writeKeyLink: undefined,
    });
    const child: ChildToWrite = {
      capability: relative(6, 0x11),
      name: 'a.txt',
      isDirectory: false,
      mimeType: 'text/plain',
      createdSeconds: time.seconds,
    };
    const built = await buildDirectoryNode(
      {
        capability: {
          owner: SigningKeyPair.fromSeed(fromHex(keys['ownerSeed']!)).hash,
          writer: writer.hash,
          mapKey: at(0x40),
          bat,
          readKey: of(0x31),
          writeKey: of(0x32),
        },
        parentKey: of(0x33),
        children: [child],
        properties: {
          name: 'docs',
          isDirectory: true,
          isLink: false,
          mimeType: '',
          sizeBytes: 0,
          modified: time,
          created: time,
          isHidden: false,
        },
        parent: relative(0x41, 0x42),
        next: { mapKey: at(0x43), bat },
        signer: Signer.of(writer),
        mirrorBatId,
      },
      countingRandom(),
    );
    expect(hexOf(built.value)).toBe(printed['nodeCbor']);
    expect(cidOfBlock(encodeCbor(built.value)).toString()).toBe(printed['nodeCid']);
  });

  it('opens only name and way up for the holder of the parent key', async () => {
    const vector = vectorNamed<{ key: string; parentBlock: string }>(
      'cryptreeParentKeyOnly',
      'docs',
    );
    const line = directories.find(({ name }) => name === 'three-children')!;
    const capability = { ...capabilityOf(line.capability), readKey: keyOf(vector.key) };
    const node = openNode(capability, fromHex(line.block), Cid.parse(line.cid));
    const parentMap = cborOf(vector.parentBlock) as CborMap;
    expect(hexOf(propertiesToCbor(node.properties))).toBe(hexOf(parentMap.get('s')!));
    expect(parentBlockOf(node)).toBe(hexOf(parentMap.get('p')!));
    expect(canReadContent(node)).toBe(false);
    await expect(children(node, loadFrom(line))).rejects.toThrow(WrongKey);
    expect(() => contentKey(node)).toThrow(WrongKey);
  });

  it('leads from a link to its one target, whose name does not count', async () => {
    const [line] = links;
    const node = openLine(line!);
    const target = await linkTarget(node, loadFrom(line!));
    const capability = resolveRelative(node.capability, target);
    expect(capability).toEqual(capabilityOf(line!.targetCapability));
    const file = files.find(({ name }) => name === 'own-writer-dirty')!;
    const opened = openNode(capability, fromHex(file.block), Cid.parse(file.cid));
    expect(opened.kind).toBe('file');
    expect(opened.parent?.mapKey).toEqual(node.capability.mapKey);
  });
});

describe('hostile nodes', () => {
  const random = seededRandom(21);
  const line = directories.find(({ name }) => name === 'three-children')!;
  const file = files.find(({ name }) => name === '5-bytes')!;

  it.each(vectorsOf<{ block: string; baseKey: string }>('cryptreeReject'))(
    'of $name are refused',
    (reject) => {
      const capability = { ...capabilityOf(line.capability), readKey: keyOf(reject.baseKey) };
      expect(() => openNode(capability, fromHex(reject.block), Cid.parse(line.cid))).toThrow(
        DamagedNode,
      );
    },
  );

  it('are not opened by another key', () => {
    for (const each of [...files, ...directories, ...links]) {
      const capability = { ...capabilityOf(each.capability), readKey: SymmetricKey.random(random) };
      expect(() => openNode(capability, fromHex(each.block), Cid.parse(each.cid))).toThrow(
        WrongKey,
      );
    }
  });

  it('lack fields or have them of another type', () => {
    const map = decodeCbor(fromHex(line.block)) as CborMap;
    for (const key of ['v', 'b', 'p', 'd', 'bats']) {
      for (const bad of [
        undefined,
        2,
        'x',
        null,
        [],
        [1],
        [[], []],
        new Map(),
        new Uint8Array(3),
      ]) {
        if (key === 'bats' && (bad === undefined || (Array.isArray(bad) && bad.length === 0))) {
          continue;
        }
        const altered = new Map(map);
        if (bad === undefined) altered.delete(key);
        else altered.set(key, bad);
        const block = encodeCbor(altered);
        expect(() => openNode(capabilityOf(line.capability), block, Cid.parse(line.cid))).toThrow(
          PyrgosError,
        );
      }
    }
  });

  it('end early, repeat themselves or are not canonical', () => {
    const block = fromHex(file.block);
    for (const cut of [0, 1, 10, block.length - 1]) {
      expect(() =>
        openNode(capabilityOf(file.capability), block.subarray(0, cut), Cid.parse(file.cid)),
      ).toThrow(DamagedNode);
    }
    const longer = Uint8Array.from([...block, 0]);
    expect(() => openNode(capabilityOf(file.capability), longer, Cid.parse(file.cid))).toThrow(
      DamagedNode,
    );
  });

  it('with one bit flipped anywhere give an error or the same content, never another', async () => {
    for (const each of [file, line]) {
      const block = fromHex(each.block);
      const capability = capabilityOf(each.capability);
      const cid = Cid.parse(each.cid);
      const contentOf = async (node: OpenNode) =>
        node.kind === 'file'
          ? toHex(await openChunk(await loadParts(node.fpct, loadFrom(each)), contentKey(node)))
          : JSON.stringify((await children(node, loadFrom(each))).entries.map(({ name }) => name));
      const original = openNode(capability, block, cid);
      const content = await contentOf(original);
      let survived = 0;
      for (let i = 0; i < block.length; i++) {
        const flipped = block.slice();
        flipped[i]! ^= 1 << (i % 8);
        try {
          const node = openNode(capability, flipped, cid);
          expect(hexOf(propertiesToCbor(node.properties))).toBe(each.properties);
          expect(await contentOf(node)).toBe(content);
          survived++;
        } catch (error) {
          expect(error).toBeInstanceOf(PyrgosError);
        }
      }
      // Only the access list is not sealed; its blocks are bound by their CID.
      expect(survived).toBeLessThanOrEqual(90);
    }
  });

  it('offer a signer of another writing space', () => {
    const own = openLine(directories.find(({ name }) => name === 'home-empty')!);
    const stranger = Signer.of(SigningKeyPair.fromSeed(random(32)));
    expect(() => signerOf(openLine(line), stranger)).toThrow(WrongSigner);
    const elsewhere = { ...own, capability: { ...own.capability, writer: stranger.hash } };
    expect(() => signerOf(elsewhere)).toThrow(WrongSigner);
    const otherKey = { ...own.capability, writeKey: SymmetricKey.random(random) };
    expect(() => signerOf({ ...own, capability: otherKey })).toThrow(WrongSigner);
    expect(() => signerOf({ ...own, signerLink: [1, 2] })).toThrow(WrongSigner);
  });

  it('cannot be built with two equal keys, or over-full', async () => {
    const capability = capabilityOf(line.capability);
    const common = {
      capability,
      properties: openLine(line).properties,
      parent: undefined,
      next: { mapKey: random(32) as MapKey, bat: undefined },
    };
    const child = asIs(new Map());
    const directory = { ...common, parentKey: SymmetricKey.random(random), children: [child] };
    await expect(
      buildDirectoryNode({ ...directory, parentKey: capability.readKey }, random),
    ).rejects.toThrow('equal');
    const many = { ...directory, children: Array.from({ length: 501 }, () => child) };
    await expect(buildDirectoryNode(many, random)).rejects.toThrow(TooManyChildren);
    const link = { ...common.properties, isLink: true };
    for (const list of [[], [child, child]]) {
      await expect(
        buildDirectoryNode({ ...directory, properties: link, children: list }, random),
      ).rejects.toThrow(TooManyChildren);
    }
  });
});

describe('hostile child lists', () => {
  const line = directories.find(({ name }) => name === 'three-children')!;
  const [good] = asList(cborOf(line.children), 'children') as CborMap[];
  const named = (name: CborValue, seed = 1) =>
    new Map(good!).set('n', name).set('m', new Uint8Array(32).fill(seed));

  it('lose nothing but the entries that are bad, which keep their place', () => {
    const bad: CborValue[] = [
      named('a/b', 2),
      named('..', 3),
      named('.', 4),
      named('', 5),
      named('x'.repeat(256), 6),
      named(7, 7),
      named('ok', 8), // the name of an entry before it
      new Map(named('short', 9)).set('m', new Uint8Array(31)),
      new Map(named('key', 10)).set('k', 1),
      new Map(named('writer', 11)).set('w', 'x'),
      new Map(named('flag', 12)).set('d', 1),
      new Map(named('time', 13)).set('c', 'now'),
      1,
      null,
      'x',
      [],
      new Uint8Array(3),
    ];
    const good2 = ['constructor', '__proto__', 'toString', 'a\nb', '\ud83d\ude00', ' '];
    const list = childrenFromCbor([
      named('ok', 1),
      ...bad,
      ...good2.map((name, i) => named(name, 50 + i)),
    ]);
    expect(list.entries.map(({ name }) => name)).toEqual(['ok', ...good2]);
    expect(list.unreadable.map(({ raw }) => raw)).toEqual(bad);
    for (const entry of list.unreadable) expect(entry.reason).toBeInstanceOf(PyrgosError);
    for (const [i, entry] of list.unreadable.slice(0, 7).entries()) {
      expect(entry.mapKey).toEqual(new Uint8Array(32).fill(i + 2));
    }
    expect(list.unreadable[0]!.name).toBe('a/b');
    expect(list.unnamed).toEqual([]);
  });

  it('that are no list at all are one error', () => {
    for (const value of [1, null, 'x', new Map(), new Uint8Array(1)]) {
      expect(() => childrenFromCbor(value)).toThrow(PyrgosError);
    }
  });

  it('in a link with no target, two, or a broken one are damage', async () => {
    const random = seededRandom(31);
    const link = openLine(links[0]!);
    const build = async (values: CborValue[]) => {
      const { sealValue } = await import('./chunk.ts');
      const sealed = await sealValue(values, link.capability.readKey, undefined, random);
      return { ...link, fpct: fpctOf(sealed) };
    };
    const nothing = () => Promise.reject(new Error('no fragments here'));
    await expect(linkTarget(await build([named('a')]), nothing)).resolves.toBeDefined();
    for (const list of [[], [named('a'), named('b')], [named('a'), 1], [1]]) {
      await expect(linkTarget(await build(list), nothing)).rejects.toThrow(DamagedNode);
    }
  });
});

/** A child that is written with exactly the bytes it was read with. */
function asIs(raw: CborValue): ChildToWrite {
  return {
    raw,
    reason: new PyrgosError(),
    name: undefined,
    mapKey: undefined,
    writer: undefined,
  };
}
