/**
 * Moving into another writing space (A-9 §7): copy, then remove, entry by entry. An original goes
 * only after all of its copy is committed.
 */
import { Snapshot } from '#lib/writers/index.ts';
import { copyEntries } from './copy.ts';
import { NameExists } from './errors.ts';
import { listFolder } from './listing.ts';
import { checkNotInside } from './move.ts';
import { reopened } from './open.ts';
import { removeEntries } from './remove.ts';
import { transact, type DriveContext } from './transact.ts';
import type { ConflictChoice, Handle, ListedEntry } from './types.ts';

/** @throws MoveIntoItself, NameExists */
export async function moveAcross(
  context: DriveContext,
  from: Handle,
  entries: readonly ListedEntry[],
  to: Handle,
  onConflict: ConflictChoice | undefined,
  signal?: AbortSignal,
): Promise<void> {
  const view = new Snapshot(context.deps, to.capability.owner);
  const target = await reopened(view, to, signal);
  await checkNotInside(view, from, entries, target.node, signal);
  const there = new Map<string, ListedEntry>();
  for await (const rows of listFolder(view, target, signal)) {
    for (const row of rows) there.set(row.name, row);
  }
  const isInTheWay = (entry: ListedEntry) => {
    const existing = there.get(entry.name);
    if (!existing || onConflict === 'keep-both') return false;
    return onConflict !== 'replace' || existing.isDirectory || entry.isDirectory;
  };
  const moving = entries.filter((entry) => onConflict !== 'skip' || !there.has(entry.name));
  const blocked = moving.find(isInTheWay);
  if (blocked) throw new NameExists(blocked.name);
  for (const entry of moving) {
    const choice = onConflict === 'replace' ? 'replace' : 'keep-both';
    await copyEntries(context, from, [entry], to, {
      onConflict: choice,
      ...(signal ? { signal } : {}),
    });
    await transact(context, from, (change) => removeEntries(change, from, [entry.child]), signal);
  }
}
