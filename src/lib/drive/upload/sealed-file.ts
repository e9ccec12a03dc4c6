/**
 * Files small enough for one commit: read and sealed as a whole beforehand, then bound to a place
 * inside a change. Sealing does not depend on the place, so a name conflict found late, or a commit
 * that has to be repeated, costs no second reading.
 *
 * Replacing keeps what capabilities hold (place, R, W) and gives the content a new data key and a
 * new stream secret, the way cleaning does (A-8 §10); old later chunks go in the same commit.
 */
import {
  branchFor,
  chunkCount,
  CHUNKS_PER_BRANCH,
  hashTreeOf,
  MIME_PREFIX_BYTES,
  mimeTypeOf,
  mirrorBatIdOf,
  parentLinkTo,
  type FileProperties,
  type HashBranch,
  type HashTree,
  type SealedChunk,
  type Thumbnail,
  type Time,
} from '#lib/cryptree/index.ts';
import type { BatId } from '#lib/crypto/index.ts';
import { isAbort } from '../abort.ts';
import { mapAhead } from '../ahead.ts';
import { ChunkChain } from '../chain.ts';
import type { Change, WritableHandle } from '../change.ts';
import { timeOf } from '../change.ts';
import {
  drawFileKeys,
  newCapability,
  putFileChunk,
  type FileKeys,
  type FileToWrite,
} from '../file-nodes.ts';
import { FileDamaged } from '../errors.ts';
import type { FolderEdit } from '../folder-edit.ts';
import { removeChunks } from '../remove-chunks.ts';
import { readExactly } from '../sources.ts';
import type { DriveDeps, Handle } from '../types.ts';
import { type ByteSource } from '../types.ts';

/** Bytes of a file the type is told from (A-8 §12). */
export const SNIFFED_BYTES = MIME_PREFIX_BYTES;
/** Chunks of one file being read and sealed at a time. */
const CHUNKS_IN_FLIGHT = 4;

/** What is told about a file besides its bytes; undefined is found out. */
export interface FileFacts {
  readonly mimeType?: string;
  readonly thumbnail?: Thumbnail;
  readonly modified?: Time;
  readonly isHidden?: boolean;
}

export interface SealedFile {
  readonly keys: FileKeys;
  readonly chunks: readonly SealedChunk[];
  readonly hashTree: HashTree;
  readonly sizeBytes: number;
  readonly mimeType: string;
  readonly thumbnail: Thumbnail | undefined;
  /** Undefined: the time of the commit. */
  readonly modified: Time | undefined;
  readonly isHidden: boolean;
}

export interface SealOptions {
  readonly mirrorBatId: BatId | undefined;
  readonly chunkBytes: number;
  readonly signal?: AbortSignal | undefined;
  /** Awaited before each chunk is read. */
  readonly pace?: ((signal?: AbortSignal) => Promise<void>) | undefined;
  readonly onSealed?: ((bytes: number) => void) | undefined;
}

/** Reads and seals a whole file. @throws SourceChanged */
export async function sealFile(
  deps: DriveDeps,
  name: string,
  source: ByteSource,
  facts: FileFacts,
  options: SealOptions,
): Promise<SealedFile> {
  const keys = drawFileKeys(deps.random);
  const { mimeType, thumbnail } = await describe(deps, name, source, facts, options.signal);
  const chunks: SealedChunk[] = [];
  const hashes: Uint8Array[] = [];
  const count = chunkCount(source.sizeBytes, options.chunkBytes);
  const indexes = Array.from({ length: count }, (_, i) => i);
  const seal = (index: number, inner: AbortSignal) =>
    sealPiece(deps, source, keys, index, { ...options, signal: inner });
  for await (const chunk of mapAhead(indexes, CHUNKS_IN_FLIGHT, seal, options.signal)) {
    chunks.push(chunk);
    hashes.push(hashOf(chunk));
  }
  return {
    keys,
    chunks,
    hashTree: hashTreeOf(hashes),
    sizeBytes: source.sizeBytes,
    mimeType,
    thumbnail,
    modified: modifiedOf(source, facts),
    isHidden: facts.isHidden ?? false,
  };
}

/** Reads and seals one chunk of a source. */
export async function sealPiece(
  deps: DriveDeps,
  source: ByteSource,
  keys: Pick<FileKeys, 'dataKey'>,
  index: number,
  options: SealOptions,
): Promise<SealedChunk> {
  const { chunkBytes, signal, mirrorBatId } = options;
  await options.pace?.(signal);
  const start = index * chunkBytes;
  const end = Math.min(source.sizeBytes, start + chunkBytes);
  const plain = await readExactly(source, start, end, signal);
  const sealed = await deps.cipher.seal(
    { plain, dataKey: keys.dataKey, mirrorBatId, hashPlain: true },
    signal,
  );
  options.onSealed?.(end - start);
  return sealed;
}

/** Type and small picture of a file, unless they are known. */
async function describe(
  deps: DriveDeps,
  name: string,
  source: ByteSource,
  facts: FileFacts,
  signal?: AbortSignal,
): Promise<{ mimeType: string; thumbnail: Thumbnail | undefined }> {
  const mimeType = facts.mimeType ?? mimeTypeOf(name, await headOf(source, signal));
  const thumbnail = facts.thumbnail ?? (await thumbnailOf(deps, source, mimeType, signal));
  return { mimeType, thumbnail };
}

/** What the type is told from. */
export function headOf(source: ByteSource, signal?: AbortSignal): Promise<Uint8Array> {
  return readExactly(source, 0, Math.min(SNIFFED_BYTES, source.sizeBytes), signal);
}

/** A small picture, if one is worth making and can be made (A-8 §12). Failing is no error. */
export async function thumbnailOf(
  deps: DriveDeps,
  source: ByteSource,
  mimeType: string,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  if (!deps.thumbnailer || source.sizeBytes <= SNIFFED_BYTES || !isPictured(mimeType)) {
    return undefined;
  }
  try {
    return await deps.thumbnailer(source, mimeType, signal);
  } catch (error) {
    if (isAbort(error, signal)) throw error;
    return undefined;
  }
}

function isPictured(mimeType: string): boolean {
  const isImage = mimeType.startsWith('image') && mimeType !== 'image/svg+xml';
  return isImage || mimeType.startsWith('video') || mimeType.startsWith('audio/mpeg');
}

export function modifiedOf(source: ByteSource, facts: FileFacts): Time | undefined {
  const known = facts.modified ?? source.modified;
  if (known) return known;
  return source.modifiedMs === undefined ? undefined : timeOf(source.modifiedMs);
}

/** Puts a sealed file into `edit`'s folder as something new, under a name known to be free. */
export async function putNewFile(
  change: Change,
  edit: FolderEdit,
  name: string,
  file: SealedFile,
): Promise<void> {
  const { folder } = edit;
  const capability = newCapability(folder.capability, file.keys);
  const modified = file.modified ?? change.now();
  const properties: FileProperties = {
    name,
    isDirectory: false,
    isLink: false,
    mimeType: file.mimeType,
    sizeBytes: file.sizeBytes,
    modified,
    created: modified,
    isHidden: file.isHidden,
    streamSecret: file.keys.streamSecret,
    thumbnail: file.thumbnail,
  };
  const target: FileToWrite = {
    signer: folder.signer,
    capability,
    dataKey: file.keys.dataKey,
    chain: new ChunkChain(capability, file.keys.streamSecret),
    parent: parentLinkTo(folder.node, capability.writer),
    mirrorBatId: change.mirrorBatIdIn(folder),
    ownSigner: undefined,
  };
  await putChunks(change, target, file, properties, undefined);
  edit.add([edit.entryFor(capability, properties)]);
}

/** Puts a sealed file in the place of an existing one; its entry and capabilities stay. */
export async function putOverFile(
  change: Change,
  existing: WritableHandle,
  file: SealedFile,
): Promise<void> {
  const { properties: old } = existing;
  await removeChunks(change, existing, 1);
  const properties: FileProperties = {
    ...old,
    mimeType: file.mimeType,
    sizeBytes: file.sizeBytes,
    modified: file.modified ?? change.now(),
    streamSecret: file.keys.streamSecret,
    thumbnail: file.thumbnail,
  };
  const target = fileOver(existing, file.keys);
  await putChunks(change, target, file, properties, existing);
}

/** New content for an existing file: its place and capabilities stay, data key and chain are new. */
export function fileOver(
  existing: WritableHandle,
  { dataKey, streamSecret }: Pick<FileKeys, 'dataKey' | 'streamSecret'>,
): FileToWrite {
  const { capability, node, signer } = existing;
  return {
    signer,
    capability,
    dataKey,
    chain: new ChunkChain(capability, streamSecret),
    parent: node.parent,
    mirrorBatId: mirrorBatIdOf(node),
    ownSigner: node.signerLink === undefined ? undefined : signer,
  };
}

/** An existing file whose keys and chain stay. */
export function fileKept(existing: WritableHandle): FileToWrite {
  const { dataKey } = existing.node;
  const { streamSecret } = existing.properties;
  if (!dataKey || !streamSecret) throw new FileDamaged('it lacks a key');
  return fileOver(existing, { dataKey, streamSecret });
}

async function putChunks(
  change: Change,
  target: FileToWrite,
  file: SealedFile,
  properties: FileProperties,
  before: Handle | undefined,
): Promise<void> {
  for (const [index, content] of file.chunks.entries()) {
    const own = { ...properties, hashBranch: branchAt(file.hashTree, index) };
    await putFileChunk(change, target, index, content, own, index === 0 ? before?.node : undefined);
  }
}

/** The branch that chunk `index` carries: only every 1024th has one (A-8 §11). */
export function branchAt(tree: HashTree, index: number): HashBranch | undefined {
  return index % CHUNKS_PER_BRANCH === 0 ? branchFor(tree, index) : undefined;
}

export function hashOf({ plainSha256 }: SealedChunk): Uint8Array {
  if (!plainSha256) throw new Error('the cipher did not hash what it was asked to');
  return plainSha256;
}
