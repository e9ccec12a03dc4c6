/**
 * Undoing operations. Each operation that can be undone records how, under an opaque id. An undo reads
 * the drive as it is at that time, and changes nothing unless everything is still where the operation
 * left it and its old place is free. The records live as long as the session.
 */
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import {
  PathNotFound,
  placeKey,
  type Drive,
  type Handle,
  type ListedEntry,
  type MovedEntry,
} from '#lib/drive/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { Entries, Item } from './files/entries.ts';

/** Older operations cannot be undone. */
const KEPT = 100;

/** What the operation left has changed since, so undoing it could destroy newer data. */
export class CannotUndo extends PyrgosError {
  override readonly name = 'CannotUndo';
  override readonly kind = 'conflict';
}

/** Undoes one operation; may be called once. */
type Undo = () => Promise<void>;

export class UndoLog {
  readonly #random: Random;
  readonly #ways = new LruMap<string, Undo>(KEPT);

  constructor(random: Random) {
    this.#random = random;
  }

  /** Records an undo; returns its id. */
  keep(way: Undo): string {
    const id = ticketId(this.#random);
    this.#ways.set(id, way);
    return id;
  }

  /** Undoes an operation. A refused undo can be tried again. @throws CannotUndo */
  async undo(id: string): Promise<void> {
    const way = this.#ways.get(id);
    if (way === undefined) throw new CannotUndo('This can no longer be undone.');
    this.#ways.delete(id);
    try {
      await way();
    } catch (error) {
      this.#ways.set(id, way);
      throw error;
    }
  }
}

/** An entry that an operation left in a folder, with the name it had then. */
export interface Left {
  readonly place: string;
  readonly name: string;
}

export function leftOf(rows: readonly ListedEntry[]): Left[] {
  return rows.flatMap(({ capability, name }) =>
    capability === undefined ? [] : [{ place: placeKey(capability), name }],
  );
}

/** What a move left in a folder, under the names it had before. */
export function leftByMove(moved: readonly MovedEntry[]): Left[] {
  return moved.map(({ before, after, capability }) => ({
    place: placeKey(capability),
    name: before.name ?? after.name,
  }));
}

/** A folder an operation touched, if it is still at its place in the tree. @throws CannotUndo */
export async function folderAsBefore(
  entries: Entries,
  folder: Item,
  walk: (path: readonly string[]) => Promise<{ item: Item; handle: Handle }>,
): Promise<{ item: Item; handle: Handle }> {
  const path = entries.path(folder);
  const name = path.at(-1) ?? '';
  const gone = () =>
    new CannotUndo(`This cannot be undone: the folder “${name}” is no longer where it was.`);
  try {
    const found = await walk(path);
    if (found.item.id !== folder.id) throw gone();
    return found;
  } catch (error) {
    if (error instanceof PathNotFound) throw gone();
    throw error;
  }
}

/** The rows of what was left in a folder, in its order. @throws CannotUndo if any is not there */
export async function stillIn(
  drive: Drive,
  folder: Handle,
  left: readonly Left[],
): Promise<{ rows: ListedEntry[]; names: Set<string> }> {
  const found = new Map<string, ListedEntry>();
  const names = new Set<string>();
  const wanted = new Set(left.map(({ place }) => place));
  for await (const batch of drive.list(folder)) {
    for (const row of batch) {
      const place = row.capability === undefined ? undefined : placeKey(row.capability);
      if (place !== undefined && wanted.has(place)) found.set(place, row);
      names.add(row.name);
    }
  }
  const rows = left.map(({ place, name }) => {
    const row = found.get(place);
    if (row === undefined) {
      throw new CannotUndo(`This cannot be undone: “${name}” was moved or deleted since.`);
    }
    return row;
  });
  return { rows, names };
}
