/** Rotation of a tree with files, folders, an inner writing space behind a link, and hostile entries. */
import { beforeEach, describe, expect, it } from 'vitest';
import { equalBytes, PyrgosError, toHex } from '#lib/bytes/index.ts';
import { encodeCbor, SECRET_BYTES } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { Signer, SigningKeyPair, SymmetricKey } from '#lib/crypto/index.ts';
import { buildDirectoryNode, buildFileNode } from './build.ts';
import type { BuiltNode } from './build.ts';
import { randomLocation } from './capability.ts';
import type { Capability } from './capability.ts';
import { chunkLocations, nextLocation } from './chunk-chain.ts';
import { fpctOf, openChunk, sealChunk } from './chunk.ts';
import { placeOf } from './entries.ts';
import type { ChildToWrite, NamedEntry } from './entries.ts';
import { loadParts } from './fpct.ts';
import {
  childEntry,
  children,
  contentKey,
  isDirty,
  linkTarget,
  openNode,
  parentLinkTo,
  signerOf,
} from './node.ts';
import type { OpenNode } from './node.ts';
import type { FileProperties } from './properties.ts';
import { resolveRelative } from './relative.ts';
import { rotateSubtree } from './rotate.ts';
import type { RotationSpaces } from './rotation.ts';
import { cidOfBlock, patternBytes, seededRandom } from './testing.ts';

const CHUNK = 1000;
const random = seededRandom(99);
const newSigner = () => Signer.of(SigningKeyPair.fromSeed(random(32)));
const owner = newSigner().hash;
const time = { seconds: 1_700_000_000, nanos: 0 };

/** A data map per writer and a block store, which is all that rotation sees of the world. */
class World implements RotationSpaces {
  readonly nodes = new Map<string, Uint8Array>();
  readonly fragments = new Map<string, Uint8Array>();
  readonly created: Signer[] = [];
  failPut = Infinity;

  load = (capability: Capability, role: 'first' | 'later') => {
    const block = this.nodes.get(placeOf(capability));
    return Promise.resolve(block && openNode(capability, block, cidOfBlock(block), role));
  };
  loadFragment = (cid: Cid) => Promise.resolve(this.fragments.get(cid.toString())!);
  put = (signer: Signer, capability: Capability, node: BuiltNode) => {
    if (this.failPut-- <= 0) return Promise.reject(new DiskFull('full'));
    expect(signer.hash.equals(capability.writer)).toBe(true);
    expect(this.nodes.has(placeOf(capability))).toBe(false);
    this.store(capability, node);
    return Promise.resolve();
  };
  createWriter = () => {
    this.created.push(newSigner());
    return Promise.resolve(this.created.at(-1)!);
  };
  store(capability: Capability, node: BuiltNode) {
    this.nodes.set(placeOf(capability), encodeCbor(node.value));
    for (const { cid, block } of node.fragments) this.fragments.set(cid.toString(), block);
  }
}
class DiskFull extends PyrgosError {}

interface Made {
  readonly capability: Capability;
  readonly parentKey: SymmetricKey;
  readonly properties: FileProperties;
}

let world: World;
const newCapability = (writer: Signer): Capability => ({
  owner,
  writer: writer.hash,
  ...randomLocation(random),
  readKey: SymmetricKey.random(random),
  writeKey: SymmetricKey.random(random),
});
const propertiesOf = (name: string, more: Partial<FileProperties> = {}): FileProperties => ({
  name,
  isDirectory: false,
  isLink: false,
  mimeType: '',
  sizeBytes: 0,
  modified: time,
  created: time,
  isHidden: false,
  ...more,
});

async function makeFile(writer: Signer, parent: Made, name: string, content: Uint8Array) {
  const streamSecret = random(SECRET_BYTES);
  const capability = newCapability(writer);
  const dataKey = SymmetricKey.random(random);
  const properties = propertiesOf(name, { sizeBytes: content.length, streamSecret });
  const count = Math.max(1, Math.ceil(content.length / CHUNK));
  for (const [i, place] of [...chunkLocations(streamSecret, capability, count)].entries()) {
    const plain = content.subarray(i * CHUNK, (i + 1) * CHUNK);
    const sealed = await sealChunk(plain, dataKey, undefined, random);
    const value = buildFileNode(
      {
        capability: { ...capability, ...place },
        dataKey,
        fpct: fpctOf(sealed),
        properties,
        parent: parentLinkTo(parent, writer.hash),
        next: nextLocation(streamSecret, place),
      },
      random,
    );
    world.store({ ...capability, ...place }, { value, fragments: sealed.fragments });
  }
  return { capability, parentKey: capability.readKey, properties };
}

/** Writes a directory in chunks of two entries; the place of the first chunk is `made`'s. */
async function writeDirectory(
  made: Made,
  entries: readonly ChildToWrite[],
  more: { parent?: Made; signer?: Signer } = {},
) {
  let place = { mapKey: made.capability.mapKey, bat: made.capability.bat };
  for (let i = 0; i === 0 || i < entries.length; i += 2) {
    const next = randomLocation(random);
    const capability = { ...made.capability, ...place };
    const built = await buildDirectoryNode(
      {
        capability,
        parentKey: made.parentKey,
        children: entries.slice(i, i + 2),
        properties: made.properties,
        parent: more.parent && parentLinkTo(more.parent, capability.writer),
        next,
        signer: i === 0 ? more.signer : undefined,
      },
      random,
    );
    world.store(capability, built);
    place = next;
  }
}
const newDirectory = (writer: Signer, name: string, isLink = false): Made => ({
  capability: newCapability(writer),
  parentKey: SymmetricKey.random(random),
  properties: propertiesOf(name, { isDirectory: true, isLink }),
});
const entryOf = (parent: Made, child: Made): NamedEntry =>
  childEntry(parent.capability, child.capability, child.properties, random);

/** Everything readable below a node: path → content, with what was seen on the way. */
async function readTree(
  node: OpenNode,
  signer: Signer,
  path = '',
  seen = new Map<string, string>(),
) {
  if (node.kind === 'file') {
    const { sizeBytes, streamSecret } = node.properties;
    const bytes: Uint8Array[] = [];
    const count = Math.max(1, Math.ceil(sizeBytes / CHUNK));
    for (const place of chunkLocations(streamSecret!, node.capability, count)) {
      const chunk = await world.load({ ...node.capability, ...place }, 'later');
      const parts = await loadParts(chunk!.fpct, world.loadFragment);
      bytes.push(await openChunk(parts, contentKey(chunk!)));
    }
    seen.set(path, `${isDirty(node) ? 'dirty' : 'clean'} ${toHex(Buffer.concat(bytes))}`);
    return seen;
  }
  seen.set(path, node.kind);
  for (let chunk: OpenNode | undefined = node; chunk !== undefined;) {
    for (const entry of (await children(chunk, world.loadFragment)).entries) {
      const child = await world.load(resolveRelative(node.capability, entry.capability), 'first');
      if (child === undefined) seen.set(`${path}/${entry.name}`, 'dangling');
      else if (child.capability.writeKey === undefined) seen.set(`${path}/${entry.name}`, 'left');
      else {
        expect(child.parent!.readKey.equals(node.parentKey)).toBe(true);
        expect(equalBytes(child.parent!.mapKey, node.capability.mapKey)).toBe(true);
        await readTree(child, signerOf(child, signer), `${path}/${entry.name}`, seen);
      }
    }
    const { mapKey, bat } = chunk.next!;
    chunk = await world.load({ ...node.capability, mapKey, bat }, 'later');
  }
  return seen;
}

const big = patternBytes({ seed: 1, length: 3 * CHUNK + 1, sha256: '' });
const small = patternBytes({ seed: 2, length: 10, sha256: '' });
const contentOf = (state: string) =>
  new Map([
    ['', 'directory'],
    ['/big', `${state} ${toHex(big)}`],
    ['/empty', `${state} `],
    ['/sub', 'directory'],
    ['/sub/small', `${state} ${toHex(small)}`],
    ['/shared', 'link'],
    ['/shared/shared', 'directory'],
    ['/shared/shared/inner', `${state} ${toHex(small)}`],
  ]);

describe('rotating a subtree', () => {
  let signer: Signer;
  let inner: Signer;
  let parent: Made;
  let root: Made;
  let innerDirectory: Made;
  let good: NamedEntry[];

  beforeEach(async () => {
    world = new World();
    signer = newSigner();
    inner = newSigner();
    parent = newDirectory(signer, 'home');
    root = newDirectory(signer, 'root');
    const sub = newDirectory(signer, 'sub');
    const link = newDirectory(signer, 'shared', true);
    innerDirectory = newDirectory(inner, 'shared');
    const innerFile = await makeFile(inner, innerDirectory, 'inner', small);
    await writeDirectory(innerDirectory, [entryOf(innerDirectory, innerFile)], {
      parent: link,
      signer: inner,
    });
    await writeDirectory(link, [entryOf(link, innerDirectory)], { parent: root });
    await writeDirectory(sub, [entryOf(sub, await makeFile(signer, sub, 'small', small))], {
      parent: root,
    });
    const bigFile = await makeFile(signer, root, 'big', big);
    const empty = await makeFile(signer, root, 'empty', new Uint8Array(0));
    good = [bigFile, empty, sub, link].map((made) => entryOf(root, made));
    await writeDirectory(root, good, { parent });
  });

  const openTop = async () => (await world.load(root.capability, 'first'))!;
  const rotate = async (more: { rotateSigners?: boolean; target?: Signer } = {}) => {
    const target = more.target ?? signer;
    const rotation = await rotateSubtree(
      await openTop(),
      signer,
      { signer: target, parent: parentLinkTo(parent, target.hash), parentWriter: signer.hash },
      world,
      { random, rotateSigners: more.rotateSigners ?? false, chunkBytes: CHUNK },
    );
    const top = (await world.load(rotation.capability, 'first'))!;
    return { rotation, top };
  };

  it('gives the same tree, its files dirty, at new places under new keys', async () => {
    const before = new Set(world.nodes.keys());
    expect(await readTree(await openTop(), signer)).toEqual(contentOf('clean'));
    const fragments = [...world.fragments.keys()];
    const { rotation, top } = await rotate();
    expect(await readTree(top, signer)).toEqual(contentOf('dirty'));
    expect([...world.fragments.keys()]).toEqual(fragments);
    expect(rotation.skipped).toEqual([]);
    const removed = rotation.oldChunks.map(({ signer: { hash }, mapKey }) =>
      placeOf({ writer: hash, mapKey }),
    );
    expect(new Set(removed)).toEqual(before);
    expect(removed.length).toBe(before.size);
    for (const place of removed) world.nodes.delete(place);
    expect(await readTree(top, signer)).toEqual(contentOf('dirty'));
    expect(await openTop().catch(() => undefined)).toBeUndefined();
  });

  it('leaves nothing new that an old key opens', async () => {
    const before = new Map(world.nodes);
    const oldKeys = [root, innerDirectory].flatMap(({ capability, parentKey }) => [
      capability.readKey,
      parentKey,
      capability.writeKey!,
    ]);
    for (const entry of good) oldKeys.push(entry.capability.readKey);
    await rotate({ rotateSigners: true });
    for (const [place, block] of world.nodes) {
      if (before.has(place)) continue;
      for (const readKey of oldKeys) {
        expect(() => openNode({ ...root.capability, readKey }, block, cidOfBlock(block))).toThrow(
          'does not open',
        );
      }
    }
  });

  it('keeps inner writing spaces when only reading is revoked', async () => {
    const { rotation, top } = await rotate();
    expect(world.created).toEqual([]);
    expect(rotation.oldWriters).toEqual([]);
    const target = await targetOfLink(top);
    expect(target.capability.writer.equals(inner.hash)).toBe(true);
    expect(signerOf(target).hash.equals(inner.hash)).toBe(true);
  });

  it('gives inner writing spaces new signers when writing is revoked', async () => {
    const outer = newSigner();
    const { rotation, top } = await rotate({ rotateSigners: true, target: outer });
    expect(signerOf(top).hash.equals(outer.hash)).toBe(true);
    expect(world.created.length).toBe(1);
    expect(rotation.oldWriters.map(({ parent: p, child }) => [p.hash, child.hash])).toEqual([
      [signer.hash, inner.hash],
    ]);
    const target = await targetOfLink(top);
    expect(target.capability.writer.equals(world.created[0]!.hash)).toBe(true);
    expect(signerOf(target).hash.equals(world.created[0]!.hash)).toBe(true);
    expect(await readTree(top, outer)).toEqual(contentOf('dirty'));
  });

  it('passes over what hostile writers left, and moves the rest', async () => {
    const at = (name: string, capability: Capability): NamedEntry => ({
      ...childEntry(root.capability, capability, propertiesOf(name), random),
    });
    const garbled = newDirectory(signer, 'garbled');
    await writeDirectory(garbled, []);
    const otherKey = { ...garbled.capability, readKey: SymmetricKey.random(random) };
    const brokenLink = newDirectory(signer, 'nowhere', true);
    const gone = childEntry(
      brokenLink.capability,
      newCapability(signer),
      propertiesOf('gone'),
      random,
    );
    await writeDirectory(brokenLink, [gone]);
    const unreadable = { raw: new Map([['n', 'a/b']]) } as unknown as ChildToWrite;
    const keepsWriting = { ...at('loop', root.capability) };
    await writeDirectory(root, [
      unreadable,
      at('wrong key', otherKey),
      at('dangling', newCapability(signer)),
      keepsWriting,
      at('nowhere', brokenLink.capability),
      {
        ...at('bad link', garbled.capability),
        capability: { ...good[0]!.capability, writeKeyLink: 7 },
      },
      ...good,
    ]);
    const { rotation, top } = await rotate();
    expect(rotation.skipped.map(({ name }) => name)).toEqual([
      'a/b',
      'wrong key',
      'loop',
      'nowhere',
      'bad link',
    ]);
    const tree = await readTree(top, signer).catch((error: unknown) => error);
    expect(tree).toBeInstanceOf(PyrgosError); // "wrong key" still is one
    const list = await children(top, world.loadFragment);
    expect(list.unreadable.length).toBe(1);
    expect(list.entries.map(({ name }) => name).toSorted()).toEqual(
      ['bad link', 'big', 'empty', 'loop', 'nowhere', 'shared', 'sub', 'wrong key'].toSorted(),
    );
    for (const entry of list.entries) {
      const isMoved = good.some(({ name }) => name === entry.name);
      const { writeKey } = resolveRelative(top.capability, entry.capability);
      expect(writeKey !== undefined).toBe(isMoved);
    }
    const removed = rotation.oldChunks.map(({ mapKey }) => toHex(mapKey));
    expect(removed).not.toContain(toHex(garbled.capability.mapKey));
    expect(removed).not.toContain(toHex(brokenLink.capability.mapKey));
  });

  it('ends a chain of directory chunks that bites its tail', async () => {
    const made = newDirectory(signer, 'root');
    const built = await buildDirectoryNode(
      {
        capability: made.capability,
        parentKey: made.parentKey,
        children: [],
        properties: made.properties,
        parent: undefined,
        next: made.capability,
      },
      random,
    );
    world.store(made.capability, built);
    root = made;
    const { rotation } = await rotate();
    expect(rotation.oldChunks.length).toBe(1);
  });

  it('keeps a hole in a damaged file a hole', async () => {
    const file = resolveRelative(root.capability, good[0]!.capability);
    const node = (await world.load(file, 'first'))!;
    const places = [...chunkLocations(node.properties.streamSecret!, file, 4)];
    world.nodes.delete(placeOf({ ...file, ...places[2]! }));
    const { rotation } = await rotate();
    expect(rotation.skipped).toEqual([]);
  });

  it('stops for a full disk or an abort, which are nobody’s damage', async () => {
    for (const puts of [0, 1, 5]) {
      world.failPut = puts;
      await expect(rotate()).rejects.toThrow(DiskFull);
    }
    world.failPut = Infinity;
    const target = { signer, parent: undefined, parentWriter: signer.hash };
    const options = { random, rotateSigners: false, signal: AbortSignal.abort() };
    await expect(rotateSubtree(await openTop(), signer, target, world, options)).rejects.toThrow(
      'abort',
    );
  });

  async function targetOfLink(top: OpenNode): Promise<OpenNode> {
    for (let chunk: OpenNode | undefined = top; chunk !== undefined;) {
      const { entries } = await children(chunk, world.loadFragment);
      const entry = entries.find(({ name }) => name === 'shared');
      if (entry !== undefined) {
        const link = (await world.load(
          resolveRelative(top.capability, entry.capability),
          'first',
        ))!;
        const target = await linkTarget(link, world.loadFragment);
        return (await world.load(resolveRelative(link.capability, target), 'first'))!;
      }
      const { mapKey, bat } = chunk.next!;
      chunk = await world.load({ ...top.capability, mapKey, bat }, 'later');
    }
    throw new Error('no link');
  }
});
