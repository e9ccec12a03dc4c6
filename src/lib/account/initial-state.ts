/**
 * The space of a new account (B-4 §1–§3): thirteen blocks and pointers, built without any traffic.
 *
 * There is nothing yet to commit to: the node takes the whole list in one call and makes the
 * account appear at one instant.
 */
import type { Random } from '#lib/bytes/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import {
  algorithmToCbor,
  Signer,
  SymmetricKey,
  type BatWithId,
  type BoxingKeyPair,
  type GenerationAlgorithm,
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
import { Commit, type SpaceDeps } from '#lib/writers/index.ts';

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
  deps: SpaceDeps,
  username: string,
  algorithm: GenerationAlgorithm,
  keys: NewSpaceKeys,
): Promise<NewSpace> {
  const identity = Signer.of(keys.identity);
  const commit = Commit.forNewAccount(deps, identity, {
    algorithm: algorithmToCbor(algorithm),
    inbound: keys.boxing.publicKey.hash(),
  });
  commit.putCbor(identity, keys.boxing.publicKey.toCbor());
  const writer = await commit.createWriter(identity, keys.homeWriter);
  const folders = await buildFolders(username, keys, deps.clock(), deps.random);
  for (const { capability, value } of folders) {
    await commit.setMapped(writer, capability.mapKey, undefined, commit.putCbor(writer, value));
  }
  return { operations: await commit.buildOpLog(), home: folders[0]!.capability };
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
