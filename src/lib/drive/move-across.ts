/**
 * Moving between the trees of two owners, or in one that is not the own (A-9 §7): copy, then remove, entry by entry. An original goes
 * only after all of its copy is committed; one that cannot be read as a whole stays.
 */
import { canonical } from '#lib/bytes/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import type { Change } from './change.ts';
import { copyEntries } from './copy.ts';
import { MoveIncomplete, NameExists } from './errors.ts';
import { listFolder } from './listing.ts';
import { checkNotInside } from './move.ts';
import { reopened } from './open.ts';
import { removeEntries } from './remove.ts';
import { transact, type DriveContext } from './transact.ts';
import type {
  ConflictChoice,
  Handle,
  LeftOut,
  ListedEntry,
  Progress,
  UploadOptions,
} from './types.ts';

export type MoveOptions = Pick<UploadOptions, 'signal' | 'onProgress'> & {
  readonly onConflict?: ConflictChoice | undefined;
};

type AcrossOptions = MoveOptions & {
  /** Told of an original that is about to be removed. */
  readonly removing?: (change: Change, name: string) => Promise<void>;
};

/** @throws MoveIncomplete when the rest was moved; MoveIntoItself, NameExists */
export async function moveAcross(
  context: DriveContext,
  from: Handle,
  entries: readonly ListedEntry[],
  to: Handle,
  { onConflict, signal, onProgress, removing }: AcrossOptions,
): Promise<void> {
  const view = new Snapshot(context.deps, to.capability.owner);
  const target = await reopened(view, to, signal);
  await checkNotInside(view, from, entries, target.node, signal);
  const there = new Map<string, ListedEntry>();
  for await (const rows of listFolder(view, target, signal)) {
    for (const row of rows) there.set(canonical(row.name), row);
  }
  const isInTheWay = (entry: ListedEntry) => {
    const existing = there.get(canonical(entry.name));
    if (!existing || onConflict === 'keep-both') return false;
    return onConflict !== 'replace' || existing.isDirectory || entry.isDirectory;
  };
  const moving = entries.filter(
    (entry) => onConflict !== 'skip' || !there.has(canonical(entry.name)),
  );
  const blocked = moving.find(isInTheWay);
  if (blocked) throw new NameExists(blocked.name);
  let before: Progress = { doneBytes: 0, totalBytes: 0, filesDone: 0, files: 0 };
  const stayed: LeftOut[] = [];
  for (const entry of moving) {
    const choice = onConflict === 'replace' ? 'replace' : 'keep-both';
    let sum = before;
    const { leftOut } = await copyEntries(context, from, [entry], to, {
      onConflict: choice,
      onProgress: (part) => onProgress?.((sum = added(before, part))),
      ...(signal ? { signal } : {}),
    });
    before = sum;
    stayed.push(...leftOut);
    if (leftOut.length > 0) continue;
    const remove = async (change: Change): Promise<void> => {
      await removing?.(change, entry.name);
      await removeEntries(change, from, [entry.child]);
    };
    await transact(context, from, remove, signal);
  }
  if (stayed.length > 0) throw new MoveIncomplete(stayed);
}

function added(before: Progress, part: Progress): Progress {
  return {
    ...part,
    doneBytes: before.doneBytes + part.doneBytes,
    totalBytes: before.totalBytes + part.totalBytes,
    filesDone: before.filesDone + part.filesDone,
    files: before.files + part.files,
  };
}
