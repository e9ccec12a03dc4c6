/**
 * The space of a new account (B-4 §1–§3): thirteen blocks and pointers, built without any traffic.
 *
 * There is nothing yet to commit to: the node takes the whole list in one call and makes the
 * account appear at one instant. Only final states are in it, each writer's blocks together and
 * before its pointer, and the identity's pointer, which introduces the home writer, first.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  champPutMany,
  EMPTY_CHAMP_BLOCK,
  EMPTY_CHAMP_CID,
  ownedKeyChampKey,
} from '#lib/champ/index.ts';
import { CODEC, cborMap, encodeCbor, type CborValue, type Cid } from '#lib/codec/index.ts';
import {
  algorithmToCbor,
  hashBlockNow,
  ownerProof,
  signBlock,
  Signer,
  SymmetricKey,
  type BatWithId,
  type BoxingKeyPair,
  type GenerationAlgorithm,
  type MapKey,
  type SigningKeyPair,
} from '#lib/crypto/index.ts';
import {
  buildDirectoryNode,
  childEntry,
  parentLinkTo,
  randomLocation,
  type Capability,
  type FileProperties,
  type NamedEntry,
} from '#lib/cryptree/index.ts';
import { signPointer } from '#lib/pointers/index.ts';
import { WriterData } from '#lib/writers/index.ts';

/** Hidden directories that every new home has, in this order (B-4 §3). */
const FIRST_FOLDERS = ['shared', '.transactions', '.capabilitycache'] as const;

/** All that a new account draws or derives; none is derived from another (B-4 §1). */
export interface NewSpaceKeys {
  readonly identity: SigningKeyPair;
  readonly boxing: BoxingKeyPair;
  readonly homeWriter: SigningKeyPair;
  readonly mirrorBat: BatWithId;
}

export interface NewSpace {
  /** Block writes and pointer writes of the OpLog, in order (B-2 §6.1). */
  readonly operations: readonly CborValue[];
  /** The writable capability of the home directory. */
  readonly home: Capability;
}

/** Builds the first state of an account. */
export async function buildNewSpace(
  username: string,
  algorithm: GenerationAlgorithm,
  keys: NewSpaceKeys,
  nowMs: number,
  random: Random,
): Promise<NewSpace> {
  const identity = new WriterLog(Signer.of(keys.identity));
  await logIdentity(identity, algorithm, keys);
  const writer = new WriterLog(Signer.of(keys.homeWriter));
  const home = await logHome(writer, username, keys, nowMs, random);
  return { operations: [...identity.operations, ...writer.operations], home };
}

/** One writer's part of the list. */
class WriterLog {
  readonly signer: Signer;
  readonly operations: CborValue[] = [];

  constructor(signer: Signer) {
    this.signer = signer;
  }

  async value(value: CborValue): Promise<Cid> {
    return this.block(encodeCbor(value));
  }

  async block(block: Uint8Array): Promise<Cid> {
    this.operations.push(await blockWrite(this.signer, block));
    return hashBlockNow(block, CODEC.dagCbor);
  }

  async pointer(updated: Cid): Promise<void> {
    const update = { original: undefined, updated, sequence: 1 };
    this.operations.push(pointerWrite(this.signer, await signPointer(this.signer, update)));
  }
}

/** BlockWrite (B-3 §2). */
export async function blockWrite(signer: Signer, block: Uint8Array): Promise<CborValue> {
  return cborMap([
    ['w', signer.hash],
    ['s', await signBlock(signer, block)],
    ['b', block],
    ['r', false],
  ]);
}

/** PointerWrite (B-3 §2). */
export function pointerWrite(signer: Signer, signed: Uint8Array): CborValue {
  return cborMap([
    ['w', signer.hash],
    ['s', signed],
  ]);
}

async function logIdentity(
  log: WriterLog,
  algorithm: GenerationAlgorithm,
  { identity, homeWriter, boxing }: NewSpaceKeys,
): Promise<void> {
  const proof = await log.value(await ownerProof(homeWriter, identity.hash));
  const owned = await treeOf([[ownedKeyChampKey(homeWriter.hash), proof]]);
  const data = new WriterData({
    controller: identity.hash,
    algorithm: algorithmToCbor(algorithm),
    inbound: boxing.publicKey.hash(),
    owned: owned.root,
  });
  const target = await log.value(data.toCbor());
  for (const block of owned.blocks) await log.block(block);
  await log.value(boxing.publicKey.toCbor());
  await log.pointer(target);
}

async function logHome(
  log: WriterLog,
  username: string,
  keys: NewSpaceKeys,
  nowMs: number,
  random: Random,
): Promise<Capability> {
  const nodes = await buildFolders(username, keys, nowMs, random);
  const mapped: [MapKey, Cid][] = [];
  for (const { capability, value } of nodes)
    mapped.push([capability.mapKey, await log.value(value)]);
  const tree = await treeOf(mapped);
  const data = new WriterData({
    controller: keys.homeWriter.hash,
    owned: EMPTY_CHAMP_CID,
    tree: tree.root,
  });
  const target = await log.value(data.toCbor());
  await log.block(EMPTY_CHAMP_BLOCK);
  for (const block of tree.blocks) await log.block(block);
  await log.pointer(target);
  return nodes[0]!.capability;
}

interface Folder {
  readonly capability: Capability;
  readonly parentKey: SymmetricKey;
  readonly properties: FileProperties;
}

/** The home directory and its first hidden directories. */
async function buildFolders(
  username: string,
  keys: NewSpaceKeys,
  nowMs: number,
  random: Random,
): Promise<{ capability: Capability; value: CborValue }[]> {
  const root = newFolder(username, false, keys, nowMs, random);
  const below = FIRST_FOLDERS.map((name) => newFolder(name, true, keys, nowMs, random));
  const entries = below.map(({ capability, properties }) =>
    childEntry(root.capability, capability, properties, random),
  );
  const build = async (folder: Folder, children: readonly NamedEntry[]) => {
    const isHome = folder === root;
    const built = await buildDirectoryNode(
      {
        ...folder,
        next: randomLocation(random),
        parent: isHome ? undefined : parentLinkTo(root, keys.homeWriter.hash),
        signer: isHome ? Signer.of(keys.homeWriter) : undefined,
        mirrorBatId: keys.mirrorBat.id,
        children,
      },
      random,
    );
    return { capability: folder.capability, value: built.value };
  };
  return [await build(root, entries), ...(await Promise.all(below.map((one) => build(one, []))))];
}

function newFolder(
  name: string,
  isHidden: boolean,
  { identity, homeWriter }: NewSpaceKeys,
  nowMs: number,
  random: Random,
): Folder {
  const now = { seconds: Math.floor(nowMs / 1000), nanos: (nowMs % 1000) * 1_000_000 };
  return {
    capability: {
      owner: identity.hash,
      writer: homeWriter.hash,
      ...randomLocation(random),
      readKey: SymmetricKey.random(random),
      writeKey: SymmetricKey.random(random),
    },
    parentKey: SymmetricKey.random(random),
    properties: {
      name,
      isDirectory: true,
      isLink: false,
      mimeType: '',
      sizeBytes: 0,
      modified: now,
      created: now,
      isHidden,
    },
  };
}

/** A fresh champ of these pairs, with the blocks it is made of. */
async function treeOf(
  pairs: readonly (readonly [Uint8Array, Cid])[],
): Promise<{ root: Cid; blocks: readonly Uint8Array[] }> {
  const blocks = new Map<string, Uint8Array>();
  const root = await champPutMany(
    {
      load: () => Promise.reject(new Error('a new champ has no blocks to load')),
      save(block) {
        const cid = hashBlockNow(block, CODEC.dagCbor);
        blocks.set(cid.toString(), block);
        return cid;
      },
    },
    undefined,
    pairs.map(([key, value]) => ({ key, expected: undefined, value })),
  );
  return { root, blocks: [...blocks.values()] };
}
