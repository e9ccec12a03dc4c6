/**
 * Building the nodes of a file's chunks (A-8 §2, §3, A-9 §2): all chunks share R and D, lie along
 * the chain of the stream secret, repeat the properties and carry the link to the parent.
 */
import type { Random } from '#lib/bytes/index.ts';
import {
  buildFileNode,
  fpctOf,
  randomLocation,
  type Capability,
  type ChunkLocation,
  type FileProperties,
  type OpenNode,
  type RelativeCapability,
  type SealedChunk,
} from '#lib/cryptree/index.ts';
import { SymmetricKey, type BatId, type Signer } from '#lib/crypto/index.ts';
import { type ChunkChain, chunkCapability } from './chain.ts';
import type { Change } from './change.ts';

const SECRET_BYTES = 32;

/** Everything random about a new file. */
export interface FileKeys {
  readonly readKey: SymmetricKey;
  readonly dataKey: SymmetricKey;
  readonly writeKey: SymmetricKey;
  readonly streamSecret: Uint8Array;
  readonly first: ChunkLocation;
}

export function drawFileKeys(random: Random): FileKeys {
  return {
    readKey: SymmetricKey.random(random),
    dataKey: SymmetricKey.random(random),
    writeKey: SymmetricKey.random(random),
    streamSecret: random(SECRET_BYTES),
    first: randomLocation(random),
  };
}

/** The capability of a new file in `folder`'s writing space. */
export function newCapability(folder: Capability, keys: FileKeys): Capability {
  const { owner, writer } = folder;
  const { readKey, writeKey, first } = keys;
  return { owner, writer, mapKey: first.mapKey, bat: first.bat, readKey, writeKey };
}

/** One file while its chunks are being put into a change. */
export interface FileToWrite {
  readonly signer: Signer;
  /** Of chunk 0. */
  readonly capability: Capability;
  readonly dataKey: SymmetricKey;
  readonly chain: ChunkChain;
  readonly parent: RelativeCapability | undefined;
  readonly mirrorBatId: BatId | undefined;
  /** Signer link of a file in its own writing space; it stays on chunk 0. */
  readonly ownSigner: Signer | undefined;
}

/** A sealed chunk, with its fragments or, if those are at the node already, only their CIDs. */
export interface ContentToPut extends SealedChunk {
  readonly isStored?: boolean;
}

/** Puts chunk `index` at its place, as a new chunk or in place of the node `before`. */
export async function putFileChunk(
  change: Change,
  file: FileToWrite,
  index: number,
  content: ContentToPut,
  properties: FileProperties,
  before: Pick<OpenNode, 'cid'> | undefined,
): Promise<void> {
  const location = file.chain.at(index);
  const fields = {
    capability: chunkCapability(file.capability, location),
    dataKey: file.dataKey,
    next: file.chain.at(index + 1),
    parent: file.parent,
    properties,
    fpct: fpctOf(content),
    mirrorBatId: file.mirrorBatId,
    signer: index === 0 ? file.ownSigner : undefined,
  };
  const value = buildFileNode(fields, change.random);
  const fragments = content.isStored === true ? [] : content.fragments;
  await change.put(file.signer, location.mapKey, before?.cid, { value, fragments });
}
