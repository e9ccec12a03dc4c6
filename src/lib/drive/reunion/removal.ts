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

/** Removes what may go; answers how many entries went. */
export async function removeDeleted(
  context: DriveContext,
  removal: Removal,
  signal?: AbortSignal,
): Promise<number> {
  const { present } = removal;
  let removed = 0;
  const visit = async (folderKey: string): Promise<void> => {
    const children = present.children.get(folderKey) ?? [];
    const going = children.filter((child) => mayGo(removal, child));
    for (const child of children) {
      if (child.isDirectory && !going.includes(child)) await visit(child.key);
    }
    for (const child of going) {
      if (await removeUntouched(context, present, child, signal)) removed++;
    }
  };
  await visit(present.rootKey);
  return removed;
}

function mayGo(removal: Removal, entry: TreeEntry): boolean {
  const { base, ours, present, changed } = removal;
  const before = base.entries.get(entry.key);
  if (before === undefined || ours.entries.has(entry.key)) return false;
  if (before.name !== entry.name || before.parentKey !== entry.parentKey) return false;
  if (!entry.isDirectory) return !changed.has(entry.key);
  // An unreadable folder may hold what nobody knows of.
  if (entry.handle === undefined) return false;
  return (present.children.get(entry.key) ?? []).every((child) => mayGo(removal, child));
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
