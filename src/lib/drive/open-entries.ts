/** Opening rows of a folder, many in few questions to the node. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { DanglingEntry } from './errors.ts';
import { openAll, type View } from './nodes.ts';
import { followLinks, handleOf } from './open.ts';
import type { Handle, ListedEntry } from './types.ts';

/** Handles for rows of a folder, each on its own: what cannot be opened is the error in its place. */
export async function openEntries(
  view: View,
  folder: Handle,
  entries: readonly ListedEntry[],
  signal?: AbortSignal,
): Promise<(Handle | PyrgosError)[]> {
  const targets = entries.flatMap(({ capability }) => capability ?? []);
  const nodes = await openAll(view, targets, signal);
  const byTarget = new Map(targets.map((target, i) => [target, nodes[i]] as const));
  return Promise.all(
    entries.map(async ({ name, capability }) => {
      const node = capability && byTarget.get(capability);
      if (node instanceof PyrgosError) return node;
      try {
        const target = node && (await followLinks(view, node, signal));
        return target ? handleOf(target, folder) : new DanglingEntry(name);
      } catch (error) {
        if (error instanceof PyrgosError) return error;
        throw error;
      }
    }),
  );
}
