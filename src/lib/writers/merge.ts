/**
 * The answer to a lost race for one writer (A-6 §5): our changes to the data map are put on top of
 * the state that won. Nothing else of a WriterData can be merged.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { champMerge, ConcurrentChange } from '#lib/champ/index.ts';
import type { LoadBlock, SaveBlock } from '#lib/champ/index.ts';
import { encodeCbor } from '#lib/codec/index.ts';
import type { WriterData } from '#lib/protocol/index.ts';
import type { WriterState } from './deps.ts';
import { BlockMissing, WriteConflict } from './errors.ts';

/**
 * The winner's state with our changes. Throws {@link WriteConflict} if both changed the same key,
 * if we changed more than the data map, or if the common past was collected meanwhile.
 */
export async function mergeStates(
  load: LoadBlock,
  save: SaveBlock,
  original: WriterData | undefined,
  ours: WriterData | undefined,
  remote: WriterState,
): Promise<WriterData> {
  const theirs = remote.data;
  if (original === undefined || ours === undefined || theirs === undefined) {
    throw new WriteConflict();
  }
  if (!differOnlyInTree(original, ours)) throw new WriteConflict();
  try {
    const roots = { original: original.tree, ours: ours.tree, remote: theirs.tree };
    return theirs.with({ tree: await champMerge(load, save, roots) });
  } catch (error) {
    if (error instanceof ConcurrentChange || error instanceof BlockMissing) {
      throw new WriteConflict({ cause: error });
    }
    throw error;
  }
}

function differOnlyInTree(a: WriterData, b: WriterData): boolean {
  const withoutTree = (data: WriterData) => encodeCbor(data.with({ tree: undefined }).toCbor());
  return equalBytes(withoutTree(a), withoutTree(b));
}
