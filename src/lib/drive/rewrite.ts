/**
 * Changing bytes of an existing file: a range, the end, the length (A-9 §4, §5). Each chunk touched
 * is decrypted, patched and sealed anew under the same data key at the same place. The stored
 * content hash goes, unless everything was rewritten.
 */
import {
  chunkCount,
  CHUNKS_PER_BRANCH,
  fpctOf,
  hashTreeOf,
  mimeTypeOf,
  mirrorBatIdOf,
  withFileData,
  withProperties,
  type FileProperties,
  type HashTree,
  type OpenNode,
  type SealedChunk,
} from '#lib/cryptree/index.ts';
import { mapAhead } from './ahead.ts';
import { chunkCapability } from './chain.ts';
import type { Change, WritableHandle } from './change.ts';
import { cleaned } from './clean.ts';
import { chunkNode, fileOf, readChunk } from './content.ts';
import { FileDamaged, RangeOutsideFile } from './errors.ts';
import { putFileChunk } from './file-nodes.ts';
import { openAt } from './nodes.ts';
import { removeChunks } from './remove-chunks.ts';
import {
  branchAt,
  fileKept,
  hashOf,
  headOf,
  SNIFFED_BYTES,
  thumbnailOf,
} from './upload/sealed-file.ts';
import { readExactly } from './sources.ts';
import type { Handle } from './types.ts';
import { type ByteSource } from './types.ts';

/** Bytes whose change makes a new small picture necessary (A-8 §12). */
const PICTURED_BYTES = 24;
const CHUNKS_AHEAD = 3;

/**
 * Writes all of `source` at `start`, which may be at most the present size. The file grows if need be.
 * @throws RangeOutsideFile, SourceChanged, FileDamaged
 */
export async function overwrite(
  change: Change,
  handle: Handle,
  start: number,
  source: ByteSource,
  onWritten?: (bytes: number) => void,
): Promise<void> {
  const opened = await change.reopenFile(handle);
  const oldSize = opened.properties.sizeBytes;
  if (!Number.isSafeInteger(start) || start < 0 || start > oldSize) throw new RangeOutsideFile();
  if (source.sizeBytes === 0) return;
  const file = await cleaned(change, opened);
  const end = start + source.sizeBytes;
  const properties: FileProperties = {
    ...file.properties,
    ...(await describedAnew(change, file, start, source)),
    sizeBytes: Math.max(oldSize, end),
    modified: change.now(),
    hashBranch: undefined,
  };
  const { chunkBytes } = change;
  const first = Math.floor(start / chunkBytes);
  const count = chunkCount(end, chunkBytes) - first;
  const indexes = Array.from({ length: count }, (_, i) => first + i);
  const patch = (index: number) => patched(change, file, index, start, source);
  const hashes: Uint8Array[] = [];
  for await (const { index, before, sealed } of mapAhead(
    indexes,
    CHUNKS_AHEAD,
    patch,
    change.signal,
  )) {
    await putPatched(change, file, index, before, sealed, properties);
    hashes.push(hashOf(sealed));
    onWritten?.(Math.min(end, (index + 1) * chunkBytes) - Math.max(start, index * chunkBytes));
    await change.commit.room(change.signal);
  }
  if (first > 0) await describeFirst(change, file, properties);
  if (start === 0 && end >= oldSize) await putHash(change, file, properties, hashTreeOf(hashes));
}

/**
 * Cuts the file to `sizeBytes`.
 * @throws RangeOutsideFile if it is shorter than that
 */
export async function truncate(change: Change, handle: Handle, sizeBytes: number): Promise<void> {
  const opened = await change.reopenFile(handle);
  const oldSize = opened.properties.sizeBytes;
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > oldSize) {
    throw new RangeOutsideFile();
  }
  if (sizeBytes === oldSize) return;
  const file = await cleaned(change, opened);
  const { chunkBytes, commit, deps, signal } = change;
  const last = Math.floor(sizeBytes / chunkBytes);
  const restBytes = sizeBytes - last * chunkBytes;
  const properties: FileProperties = {
    ...file.properties,
    sizeBytes,
    modified: change.now(),
    hashBranch: undefined,
    thumbnail: sizeBytes <= SNIFFED_BYTES ? undefined : file.properties.thumbnail,
  };
  let rest: SealedChunk | undefined;
  if (restBytes > 0) {
    const open = fileOf(file.node);
    const plain = await readChunk(change.commit, deps, open, last, chunkBytes, signal);
    rest = await sealUnder(change, file, plain.slice(0, restBytes));
  }
  await removeChunks(change, file, Math.max(1, rest ? last + 1 : last));
  if (rest) {
    const before = await chunkNode(commit, fileOf(file.node), last, signal);
    await putPatched(change, file, last, before, rest, properties);
  }
  if (!rest || last > 0) await describeFirst(change, file, properties);
  if (last > 0) return;
  const hash = rest ? hashOf(rest) : await deps.cipher.hash(new Uint8Array(0), signal);
  await putHash(change, file, properties, hashTreeOf([hash]));
}

/**
 * Puts all of `source` in the place of what is in the file, none of which is read.
 * @throws SourceChanged
 */
export async function replaceContent(
  change: Change,
  handle: Handle,
  source: ByteSource,
  onWritten?: (bytes: number) => void,
): Promise<void> {
  await truncate(change, handle, 0);
  await overwrite(change, handle, 0, source, onWritten);
}

interface Patched {
  readonly index: number;
  readonly before: OpenNode | undefined;
  readonly sealed: SealedChunk;
}

/** Chunk `index` with the bytes of `source` that fall into it. */
async function patched(
  change: Change,
  handle: WritableHandle,
  index: number,
  start: number,
  source: ByteSource,
): Promise<Patched> {
  const { chunkBytes, commit, deps, signal } = change;
  const file = fileOf(handle.node);
  const offset = index * chunkBytes;
  const from = Math.max(start, offset);
  const to = Math.min(start + source.sizeBytes, offset + chunkBytes);
  const oldBytes = Math.min(chunkBytes, Math.max(0, file.sizeBytes - offset));
  const before = await chunkNode(commit, file, index, signal);
  const fresh = await readExactly(source, from - start, to - start, signal);
  const coversAll = from === offset && to - offset >= oldBytes;
  let plain = fresh;
  if (!coversAll) {
    const old = await readChunk(change.commit, deps, file, index, chunkBytes, signal);
    plain = new Uint8Array(Math.max(oldBytes, to - offset));
    plain.set(old);
    plain.set(fresh, from - offset);
  }
  return { index, before, sealed: await sealUnder(change, handle, plain) };
}

function sealUnder(
  change: Change,
  { node }: WritableHandle,
  plain: Uint8Array,
): Promise<SealedChunk> {
  const { dataKey } = node;
  if (!dataKey) throw new FileDamaged('it has no data key');
  const mirrorBatId = mirrorBatIdOf(node);
  return change.deps.cipher.seal({ plain, dataKey, mirrorBatId, hashPlain: true }, change.signal);
}

async function putPatched(
  change: Change,
  handle: WritableHandle,
  index: number,
  before: OpenNode | undefined,
  sealed: SealedChunk,
  properties: FileProperties,
): Promise<void> {
  if (!before) {
    const kept = fileKept(handle);
    await putFileChunk(change, kept, index, sealed, properties, undefined);
    return;
  }
  const fpct = fpctOf(sealed);
  const value = withFileData(
    before,
    { fpct, properties, parent: handle.node.parent },
    change.random,
  );
  const { fragments } = sealed;
  await change.put(handle.signer, before.capability.mapKey, before.cid, { value, fragments });
}

/** Type and small picture, when the bytes they are made from change. */
async function describedAnew(
  change: Change,
  { properties }: WritableHandle,
  start: number,
  source: ByteSource,
): Promise<Partial<FileProperties>> {
  const mimeType =
    start === 0
      ? mimeTypeOf(properties.name, await headOf(source, change.signal))
      : properties.mimeType;
  if (start >= PICTURED_BYTES) return { mimeType };
  const isWhole = start === 0 && source.sizeBytes >= properties.sizeBytes;
  const thumbnail = isWhole
    ? await thumbnailOf(change.deps, source, mimeType, change.signal)
    : undefined;
  return { mimeType, thumbnail };
}

/** Gives chunk 0, the one that counts, its properties. */
async function describeFirst(
  change: Change,
  { capability, signer }: WritableHandle,
  properties: FileProperties,
): Promise<void> {
  const node = await openAt(change.commit, capability, change.signal);
  if (!node) throw new FileDamaged('its first chunk is missing');
  const value = withProperties(node, properties, change.random);
  await change.put(signer, capability.mapKey, node.cid, { value, fragments: [] });
}

/** Content hash on chunks 0, 1024, … */
async function putHash(
  change: Change,
  handle: WritableHandle,
  properties: FileProperties,
  tree: HashTree,
): Promise<void> {
  const { chain } = fileKept(handle);
  for (let index = 0; index < tree.level1.length * CHUNKS_PER_BRANCH; index += CHUNKS_PER_BRANCH) {
    const capability = chunkCapability(handle.capability, chain.at(index));
    const own = { ...properties, hashBranch: branchAt(tree, index) };
    await describeFirst(change, { ...handle, capability }, own);
  }
}
