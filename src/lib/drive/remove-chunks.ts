/** Taking a file's chunks out of the data map (A-9 §5, §9). */
import type { MapKey } from '#lib/crypto/index.ts';
import type { Change, WritableHandle } from './change.ts';
import { chunkCapability } from './chain.ts';
import { fileOf, chunkNode } from './content.ts';
import { chunkCount } from '#lib/cryptree/index.ts';

/** Labels believed at once: a size is only a claim, and may be absurd. */
const RUN_CHUNKS = 256;
/** A file up to this many chunks is written by one commit and cannot have stray chunks after it. */
const SINGLE_COMMIT_CHUNKS = 4;

/** Removes chunks `from` and all after it, those beyond the size included. */
export async function removeChunks(
  change: Change,
  file: WritableHandle,
  from: number,
): Promise<void> {
  await change.commit.removeMapped(file.signer, await chunkLabels(change, file, from));
}

/**
 * The labels of a file's chunks from `from` on. Chunks are written in order, so what exists is a
 * prefix: beyond the first run, and beyond the size, only what is there counts.
 */
export async function chunkLabels(
  change: Change,
  handle: WritableHandle,
  from = 0,
): Promise<MapKey[]> {
  const { capability } = handle;
  const { chain } = fileOf(handle.node);
  if (!chain) return legacyLabels(change, handle, from);
  const claimed = chunkCount(handle.properties.sizeBytes, change.chunkBytes);
  let count = Math.min(claimed, RUN_CHUNKS);
  const isThere = (index: number) => change.exists(chunkCapability(capability, chain.at(index)));
  while (count > SINGLE_COMMIT_CHUNKS && (await isThere(count))) {
    count = count < claimed ? Math.min(claimed, count + RUN_CHUNKS) : count + 1;
  }
  const labels: MapKey[] = [];
  for (let index = from; index < count; index++) labels.push(chain.at(index).mapKey);
  return labels;
}

/** A file without a stream secret is followed node by node (A-8 §7). */
async function legacyLabels(
  change: Change,
  handle: WritableHandle,
  from: number,
): Promise<MapKey[]> {
  const file = fileOf(handle.node);
  const labels: MapKey[] = [];
  const claimed = chunkCount(handle.properties.sizeBytes, change.chunkBytes);
  for (let index = from; index < claimed; index++) {
    const node = await chunkNode(change.commit, file, index, change.signal);
    if (!node) break;
    labels.push(node.capability.mapKey);
  }
  return labels;
}
