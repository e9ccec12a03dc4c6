/**
 * Which files and folders are hit where blocks are missing or damaged. Nothing of a file's content
 * is read: its nodes say which blocks it consists of.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { CHUNK_BYTES, type Cid } from '#lib/codec/index.ts';
import { chunkCount, type OpenNode } from '#lib/cryptree/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { chunkNode, fileOf } from './content.ts';
import { DanglingEntry, FileDamaged } from './errors.ts';
import { listFolder } from './listing.ts';
import { damageOnly, type View } from './nodes.ts';
import { openEntries } from './open-entries.ts';
import type { Handle, LeftOut, ReaderDeps } from './types.ts';

/** Whether a block cannot be read. */
export type IsLost = (cid: Cid) => boolean;

/**
 * The files and folders below `folder` that the loss of blocks hits, each with the reason. An entry
 * that leads nowhere is none: nothing of it is lost that was there.
 */
export async function* findDamaged(
  view: View,
  deps: ReaderDeps,
  folder: Handle,
  isLost: IsLost,
  signal?: AbortSignal,
  above: readonly string[] = [],
): AsyncGenerator<LeftOut, void, void> {
  try {
    for await (const rows of listFolder(view, folder, signal)) {
      for (const [i, found] of (await openEntries(view, folder, rows, signal)).entries()) {
        const path = [...above, rows[i]!.name];
        if (found instanceof DanglingEntry) continue;
        if (found instanceof PyrgosError) {
          if (isNodeFailure(found)) throw found;
          yield { path, error: found };
        } else if (found.isDirectory) {
          yield* findDamaged(view, deps, found, isLost, signal, path);
        } else {
          const error = await damageOf(view, deps, found.node, isLost, signal);
          if (error !== undefined) yield { path, error };
        }
      }
    }
  } catch (error) {
    yield { path: above, error: damageOnly(error, signal) };
  }
}

async function damageOf(
  view: View,
  deps: ReaderDeps,
  first: OpenNode,
  isLost: IsLost,
  signal: AbortSignal | undefined,
): Promise<PyrgosError | undefined> {
  const file = fileOf(first);
  const count = chunkCount(file.sizeBytes, deps.chunkBytes ?? CHUNK_BYTES);
  try {
    for (let index = 0; index < count; index++) {
      const node = await chunkNode(view, file, index, signal);
      if (node === undefined || node.fpct.fragments.some(({ cid }) => isLost(cid))) {
        return new FileDamaged(`chunk ${index} is missing or damaged`);
      }
    }
    return undefined;
  } catch (error) {
    return damageOnly(error, signal);
  }
}
