/**
 * Cleaning (A-8 §10): after a revocation a file's data are still under the old data key, known to
 * the people who were shut out. Before anything is written they are re-encrypted under a new key along a new
 * chain. The same gives a stream secret to files from before there were any.
 */
import { isDirty } from '#lib/cryptree/index.ts';
import { mapAhead } from './ahead.ts';
import type { Change, WritableHandle } from './change.ts';
import { fileOf, readChunk } from './content.ts';
import { drawFileKeys, putFileChunk } from './file-nodes.ts';
import { removeChunks } from './remove-chunks.ts';
import { branchAt, fileOver } from './upload/sealed-file.ts';
import { chunkCount, hashTreeOf, type SealedChunk } from '#lib/cryptree/index.ts';
import { hashOf } from './upload/sealed-file.ts';

const CHUNKS_AHEAD = 3;

/** The file as it may be written to: itself, or re-encrypted within this change. */
export async function cleaned(change: Change, file: WritableHandle): Promise<WritableHandle> {
  const { streamSecret } = file.properties;
  if (!isDirty(file.node) && streamSecret) return file;
  const { commit, deps, chunkBytes, signal } = change;
  const keys = drawFileKeys(change.random);
  const target = fileOver(file, keys);
  const old = fileOf(file.node);
  const count = chunkCount(old.sizeBytes, chunkBytes);
  const seal = async (index: number, inner: AbortSignal) => {
    const plain = await readChunk(change.commit, deps, old, index, chunkBytes, inner);
    const { dataKey } = keys;
    const { mirrorBatId } = target;
    return deps.cipher.seal({ plain: plain.slice(), dataKey, mirrorBatId, hashPlain: true }, inner);
  };
  const indexes = Array.from({ length: count }, (_, i) => i);
  const hashes: Uint8Array[] = [];
  let first: SealedChunk | undefined;
  const properties = { ...file.properties, streamSecret: keys.streamSecret, hashBranch: undefined };
  let index = 0;
  for await (const sealed of mapAhead(indexes, CHUNKS_AHEAD, seal, signal)) {
    hashes.push(hashOf(sealed));
    if (index === 0) first = sealed;
    else await putFileChunk(change, target, index, sealed, properties, undefined);
    index++;
    await commit.room(signal);
  }
  await removeChunks(change, file, 1);
  // The old first node is what later chunks of the old chain are found from: it goes last.
  const described = { ...properties, hashBranch: branchAt(hashTreeOf(hashes), 0) };
  await putFileChunk(change, target, 0, first!, described, file.node);
  return change.reopenFile(file);
}
