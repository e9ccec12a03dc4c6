/**
 * What was deleted on this device is deleted from the present tree where nobody has touched it
 * since: neither a file, nor anything in a folder, nor where it lies.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { Change } from '../change.ts';
import { removeEntries } from '../remove.ts';
import { transact, type DriveContext } from '../transact.ts';
import type { TreeEntry, TreeIndex } from './tree-index.ts';

export interface Removal {
  readonly base: TreeIndex;
  readonly ours: TreeIndex;
  readonly present: TreeIndex;
  /** Places that differ between base and present. */
  readonly changed: ReadonlySet<string>;
}

/** Removes what may go; answers the names of what stays because it was changed. */
export async function removeDeleted(
  context: DriveContext,
  removal: Removal,
  signal?: AbortSignal,
): Promise<string[]> {
  const { base, ours, present } = removal;
  const staying: string[] = [];
  const visit = async (folderKey: string): Promise<void> => {
    for (const child of present.children.get(folderKey) ?? []) {
      const before = base.entries.get(child.key);
      const isDeleted = before !== undefined && !ours.entries.has(child.key);
      const isSame = before !== undefined && isInPlace(before, child);
      if (isDeleted && mayGo(removal, child)) {
        if (!(await removeUntouched(context, present, child, signal))) staying.push(child.name);
      } else if (isDeleted && (!isSame || !child.isDirectory)) staying.push(child.name);
      // A folder that was renamed or moved there stays with all that is in it.
      else if (child.isDirectory) await visit(child.key);
    }
  };
  await visit(present.rootKey);
  return staying;
}

function mayGo(removal: Removal, entry: TreeEntry): boolean {
  const { ours, present } = removal;
  if (ours.entries.has(entry.key)) return false;
  const children = present.children.get(entry.key) ?? [];
  return isUntouched(removal, entry) && children.every((child) => mayGo(removal, child));
}

/** Whether an entry of the present tree, and all in it, is as it was. */
export function isUntouched(
  trees: Pick<Removal, 'base' | 'present' | 'changed'>,
  entry: TreeEntry,
): boolean {
  const { base, present, changed } = trees;
  const before = base.entries.get(entry.key);
  if (before === undefined || !isInPlace(before, entry)) return false;
  if (!entry.isDirectory) return !changed.has(entry.key);
  // The contents of an unreadable folder are not known.
  if (entry.handle === undefined) return false;
  return (present.children.get(entry.key) ?? []).every((child) => isUntouched(trees, child));
}

function isInPlace(before: TreeEntry, entry: TreeEntry): boolean {
  return before.name === entry.name && before.parentKey === entry.parentKey;
}

/** Removes an entry unless something of it changes at this very moment. */
async function removeUntouched(
  context: DriveContext,
  { view, children }: TreeIndex,
  entry: TreeEntry,
  signal?: AbortSignal,
): Promise<boolean> {
  const all: TreeEntry[] = [];
  const gather = (one: TreeEntry): void => {
    all.push(one);
    children.get(one.key)?.forEach(gather);
  };
  gather(entry);
  const expected = await Promise.all(all.map((one) => mappedAt(view, one)));
  const work = async (change: Change): Promise<boolean> => {
    for (const [i, one] of all.entries()) {
      const now = await mappedAt(change.commit, one);
      if (now?.toString() !== expected[i]?.toString()) return false;
    }
    await removeEntries(change, entry.folder, [entry.row.child]);
    return true;
  };
  return transact(context, entry.folder, work, signal);
}

async function mappedAt(
  view: Pick<TreeIndex['view'], 'mapped'>,
  { row: { capability } }: TreeEntry,
): Promise<Cid | undefined> {
  return capability && view.mapped(capability.writer, capability.mapKey);
}
