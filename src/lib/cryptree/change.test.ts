/** Changing nodes: what changed is new, everything else keeps its bytes (A-8 §5, §10). */
import { describe, expect, it } from 'vitest';
import { fromHex } from '#lib/bytes/index.ts';
import { Cid, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import { Signer, SigningKeyPair } from '#lib/crypto/index.ts';
import type { MapKey } from '#lib/crypto/index.ts';
import { vectorsOf } from '../../../tests/vectors/load.ts';
import { withChildren, withFileData, withParent, withProperties, withSignerLink } from './build.ts';
import { readOnly } from './capability.ts';
import { fpctOf, openChunk, sealChunk } from './chunk.ts';
import { isSameEntry } from './entries.ts';
import { DirtyData, ReadOnlyCapability, TooManyChildren, WrongKey } from './errors.ts';
import { loadParts } from './fpct.ts';
import { children, contentKey, openNode, signerOf } from './node.ts';
import type { OpenNode } from './node.ts';
import { capabilityOf, cidOfBlock, hexOf, seededRandom } from './testing.ts';

interface Line {
  capability: string;
  block: string;
  cid: string;
}
const random = seededRandom(77);
const lines = [...vectorsOf<Line>('cryptreeFile'), ...vectorsOf<Line>('cryptreeDir')];
const openNamed = (name: string) => {
  const line = lines.find((candidate) => candidate.name === name)!;
  return openNode(capabilityOf(line.capability), fromHex(line.block), Cid.parse(line.cid));
};
const reopen = (node: OpenNode, value: CborMap) => {
  const block = encodeCbor(value);
  return openNode(node.capability, block, cidOfBlock(block));
};
const noFragments = () => Promise.reject(new Error('nothing to fetch'));

/** Names of the top-level fields whose bytes differ. */
function changedFields(node: OpenNode, name: string, value: CborMap): string[] {
  const line = lines.find((candidate) => candidate.name === name)!;
  const before = decodeCbor(fromHex(line.block)) as CborMap;
  expect([...value.keys()]).toEqual([...before.keys()]);
  return [...before.keys()].filter((key) => hexOf(before.get(key)!) !== hexOf(value.get(key)!));
}

describe('a change of', () => {
  it.each(['5-bytes', '3MiB', 'own-writer-dirty', 'home-empty', 'three-children'])(
    'the properties of %s re-encrypts only "p"',
    (name) => {
      const node = openNamed(name);
      const properties = { ...node.properties, name: 'renamed', isHidden: true };
      const value = withProperties(node, properties, random);
      expect(changedFields(node, name, value)).toEqual(['p']);
      const reopened = reopen(node, value);
      expect(reopened.properties).toEqual(properties);
      expect(reopened.parent).toEqual(node.parent);
    },
  );

  it('the parent re-encrypts only "p"', () => {
    const node = openNamed('5-bytes');
    const parent = { ...node.parent!, mapKey: random(32) as MapKey };
    const value = withParent(node, parent, random);
    expect(changedFields(node, '5-bytes', value)).toEqual(['p']);
    expect(reopen(node, value).parent).toEqual(parent);
    expect(reopen(node, withParent(node, undefined, random)).parent).toBeUndefined();
  });

  it('the signer link re-encrypts only "b"', () => {
    const node = openNamed('home-empty');
    const value = withSignerLink(node, signerOf(node), random);
    expect(changedFields(node, 'home-empty', value)).toEqual(['b']);
    expect(signerOf(reopen(node, value)).hash.equals(node.capability.writer)).toBe(true);
    const without = reopen(node, withSignerLink(node, undefined, random));
    expect(without.signerLink).toBeUndefined();
    expect(() => signerOf(without)).toThrow(ReadOnlyCapability);
    const reader = { ...node, capability: readOnly(node.capability) };
    expect(() => withSignerLink(reader, signerOf(node), random)).toThrow(ReadOnlyCapability);
    const signer = Signer.of(SigningKeyPair.fromSeed(random(32)));
    const nameOnly = { ...node, next: undefined };
    expect(() => withSignerLink(nameOnly, signer, random)).toThrow(WrongKey);
  });

  it('the child list re-encrypts only "d" and keeps unreadable entries as they were', async () => {
    const node = openNamed('three-children');
    const { entries } = await children(node, noFragments);
    const bad = {
      raw: new Map([['n', 'a/b']]),
      reason: new WrongKey(),
      name: 'a/b',
      mapKey: undefined,
      writer: undefined,
    };
    const kept = [...entries.slice(1), bad];
    const built = await withChildren(node, kept, random);
    expect(changedFields(node, 'three-children', built.value)).toEqual(['d']);
    expect(built.fragments).toEqual([]);
    const list = await children(reopen(node, built.value), noFragments);
    expect(list.entries).toEqual(entries.slice(1));
    expect(list.unreadable.map(({ raw }) => raw)).toEqual([bad.raw]);
    expect(isSameEntry(list.unreadable[0]!, bad)).toBe(true);
    expect(isSameEntry(list.entries[0]!, entries[1]!)).toBe(true);
    expect(isSameEntry(list.entries[0]!, entries[2]!)).toBe(false);
    expect(isSameEntry(list.entries[0]!, bad)).toBe(false);
  });

  it('the child list may need fragments, which carry the access list of the directory', async () => {
    const node = openNamed('three-children');
    const { entries } = await children(node, noFragments);
    const many = Array.from({ length: 500 }, (_, i) => ({
      ...entries[0]!,
      name: `${i}`.repeat(40),
    }));
    const built = await withChildren(node, many, random);
    const load = (cid: Cid) =>
      Promise.resolve(built.fragments.find((fragment) => fragment.cid.equals(cid))!.block);
    const list = await children(reopen(node, built.value), load);
    expect(list.entries.map(({ name }) => name)).toEqual(many.map(({ name }) => name));
    expect(built.fragments[0]!.block.length % 4096).toBe(85);
    await expect(withChildren(node, [...many, entries[0]!], random)).rejects.toThrow(
      TooManyChildren,
    );
  });

  it('the bytes of a file re-encrypts all three parts and keeps keys and places', async () => {
    const node = openNamed('5-bytes');
    const plain = new TextEncoder().encode('changed');
    const sealed = await sealChunk(plain, node.dataKey!, undefined, random);
    const properties = { ...node.properties, sizeBytes: plain.length };
    const value = withFileData(node, { fpct: fpctOf(sealed), properties }, random);
    expect(changedFields(node, '5-bytes', value).toSorted()).toEqual(['b', 'd', 'p']);
    const reopened = reopen(node, value);
    expect(reopened.dataKey).toEqual(node.dataKey);
    expect(reopened.next).toEqual(node.next);
    expect(reopened.parent).toEqual(node.parent);
    const parts = await loadParts(reopened.fpct, noFragments);
    expect(await openChunk(parts, contentKey(reopened))).toEqual(plain);
  });
});

describe('a dirty file', () => {
  it('refuses new bytes before it is cleaned', () => {
    const node = openNamed('own-writer-dirty');
    const { fpct, properties } = node;
    expect(() => withFileData(node, { fpct, properties }, random)).toThrow(DirtyData);
  });
});
