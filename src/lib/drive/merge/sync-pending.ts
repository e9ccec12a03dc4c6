/** Sends pending changes to the node: as they are, or merged with the changes of others. */
import type { KeyHash } from '#lib/crypto/index.ts';
import type { OfflineNode } from '#lib/offline/index.ts';
import { createPointerMemory, createWriterLock, withWriterLock } from '#lib/writers/index.ts';
import type { DriveDeps, Home } from '../types.ts';
import { isRefusal } from './refusals.ts';
import { MergeReport, type Merged } from './report.ts';
import { mergeTrees } from './merge-trees.ts';

/** Each repetition means that more was changed here meanwhile. */
const ATTEMPTS = 5;

export interface SendOptions {
  readonly signal?: AbortSignal;
  /** Name of the folder in the home that things are thrown into; it counts as deleting. */
  readonly trash?: string;
  /** What is told is told here, too, also by an attempt that fails. */
  readonly report?: MergeReport;
}

/**
 * Sends the pending changes of `node`. If somebody else changed the same spaces meanwhile, both
 * are put together, while nothing changes on this device. Cut off anywhere, it is begun again.
 * @throws ChangesRefused if the node does not take some files; all else is there then
 * @throws `NodeUnreachable`, `PendingDamaged` and what else the node refuses with; what was not taken
 * waits still
 */
export async function syncPending(
  node: OfflineNode,
  deps: Omit<DriveDeps, 'node'>,
  home: Home,
  options: SendOptions = {},
): Promise<Merged & { readonly isWhole: boolean }> {
  const { owner } = home;
  const { signal, report = new MergeReport() } = options;
  const lock = deps.lock ?? createWriterLock();
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (await isSent(node, owner, signal)) return { ...report.names, isWhole: true };
    await withWriterLock(
      lock,
      owner,
      home.capability.writer,
      () => putTogether(node, deps, home, { ...options, report }),
      signal,
    );
  }
  return { ...report.names, isWhole: (await node.pending(owner)) === 0 };
}

/**
 * Sends the pending changes as they are. If the node refuses one, the merge sends the final state:
 * a file that was stored and deleted again needs no room.
 */
async function isSent(
  node: OfflineNode,
  owner: KeyHash,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    return (await node.send(owner, signal)) === 'sent';
  } catch (error) {
    if (isRefusal(error)) return false;
    throw error;
  }
}

async function putTogether(
  node: OfflineNode,
  deps: Omit<DriveDeps, 'node'>,
  home: Home,
  { signal, trash, report }: SendOptions & { readonly report: MergeReport },
): Promise<void> {
  const entries = await node.pendingEntries(home.owner);
  const writers = entries.flatMap((entry) =>
    entry.kind === 'move' ? entry.pointers.map(({ writer }) => writer) : [],
  );
  const unique = new Map(writers.map((writer) => [writer.toString(), writer]));
  const trees = {
    base: { ...deps, node: node.base, pointerMemory: createPointerMemory() },
    ours: { ...deps, node, pointerMemory: createPointerMemory() },
    present: { ...deps, node: node.through },
  };
  const refusal = await mergeTrees(
    { ...trees, home, trash, report, writers: [...unique.values()] },
    signal,
  );
  if (refusal !== undefined) throw refusal;
  await node.finish(home.owner, entries);
}
