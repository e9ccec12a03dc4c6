/**
 * Moving within the own tree (A-9 §7): one commit, in which records of the entries go along. Into
 * another writing space, or out of the reach of somebody who has access by a folder above, entries
 * get new keys; their contents are not copied.
 */
import type { Change } from './change.ts';
import type { EntryRecords } from './entry-records.ts';
import { MoveIncomplete } from './errors.ts';
import { identityOf } from './folder-edit.ts';
import { EntryKept, isCheapMove, moveEntries, type MovedEntry } from './move.ts';
import { openHomeIn, pathOf } from './paths.ts';
import { belowHome } from './system-folders.ts';
import { transact, type DriveContext } from './transact.ts';
import type { ConflictChoice, Handle, Home, LeftOut, ListedEntry } from './types.ts';

export interface TreeMove {
  readonly from: Handle;
  readonly entries: readonly ListedEntry[];
  readonly to: Handle;
  readonly onConflict: ConflictChoice | undefined;
}

/** Whether both folders lie in the own tree. */
export function isInTree(home: Home | undefined, from: Handle, to: Handle): boolean {
  return belowHome(home, from) !== undefined && belowHome(home, to) !== undefined;
}

/**
 * Moves entries from one folder of a home, or of one writing space, to another. What cannot be read
 * as a whole cannot get new keys: it keeps its keys, and stays where it was if it would leave its
 * writing space.
 * @throws MoveIncomplete when the rest was moved; MoveIntoItself, NameExists
 */
export async function moveInTree(
  context: DriveContext,
  records: EntryRecords | undefined,
  move: TreeMove,
  signal?: AbortSignal,
): Promise<readonly MovedEntry[]> {
  const stayed: LeftOut[] = [];
  const unreadable = new Set<string>();
  for (let { entries } = move; ;) {
    try {
      const work = (change: Change) =>
        moveAll(context, records, { ...move, entries }, unreadable, change);
      const moved = await transact(context, move.from, work, signal);
      if (stayed.length > 0) throw new MoveIncomplete(stayed);
      return moved;
    } catch (error) {
      if (!(error instanceof EntryKept)) throw error;
      unreadable.add(error.identity);
      if (isCheapMove(move.from, move.to)) continue;
      stayed.push(...error.leftOut);
      entries = entries.filter(({ child }) => identityOf(child) !== error.identity);
    }
  }
}

async function moveAll(
  { home }: DriveContext,
  records: EntryRecords | undefined,
  { from, entries, to, onConflict }: TreeMove,
  unreadable: ReadonlySet<string>,
  change: Change,
): Promise<readonly MovedEntry[]> {
  const children = entries.map(({ child }) => child);
  const isNear = isCheapMove(from, to);
  if (home === undefined || records === undefined || !isInTree(home, from, to)) {
    return moveEntries(change, from, children, to, { onConflict, keys: isNear ? 'kept' : 'new' });
  }
  const [fromPath, toPath] = [pathOf(from), pathOf(to)];
  const openHome = () => openHomeIn(change.commit, home, change.signal);
  const isKept = isNear && !(await records.endsAccess(change, await openHome(), fromPath, toPath));
  const onReplaced = async (name: string): Promise<void> =>
    records.removed(change, await openHome(), [...toPath, name]);
  const moved = await moveEntries(change, from, children, to, {
    onConflict,
    keys: isKept ? 'kept' : 'new',
    unreadable,
    onReplaced,
  });
  const names = new Map(entries.map(({ name, child }) => [identityOf(child), name] as const));
  for (const { before, after } of moved) {
    const path = [...toPath, after.name];
    const name = names.get(identityOf(before)) ?? after.name;
    await records.moved(change, await openHome(), [...fromPath, name], path);
    if (!isKept) await records.rekeyed(change, await openHome(), path);
  }
  return moved;
}
