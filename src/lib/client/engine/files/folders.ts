/**
 * Folders as the screens ask for them: opening, listing, details of the rows on screen, and the
 * changes a person makes. Every change tells this tab and the others which folder it touched.
 */
import { canonical, PyrgosError, toHex } from '#lib/bytes/index.ts';
import {
  bytesSource,
  isSystemName,
  NameExists,
  PathNotFound,
  type Drive,
  type Handle,
  type LeftOut,
} from '#lib/drive/index.ts';
import type {
  ConflictChoice,
  Entry,
  EntryDetails,
  Folder,
  Made,
  TransferFailure,
  Undoable,
} from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import type { OperationProgress } from '../transfers/operation-task.ts';
import { ProgressSum, type OperationRun, type DriveOperations } from '../transfers/operations.ts';
import type { TellChange } from '../events.ts';
import type { Entries, Item } from './entries.ts';
import { millisecondsOf } from './time-format.ts';
import {
  CannotUndo,
  folderAsBefore,
  leftByMove,
  leftOf,
  stillIn,
  type Left,
  type UndoLog,
} from '../undo.ts';

const NOTHING = new Uint8Array();

export interface FoldersDeps {
  readonly drive: Drive;
  readonly entries: Entries;
  readonly operations: DriveOperations;
  readonly undo: UndoLog;
  readonly changed: TellChange;
  /** Makes a tree a root of the drive, if it is that of somebody we follow. */
  readonly mount: (root: string) => Promise<void>;
}

/** Rows of one folder among the chosen ones, because the drive works folder by folder. */
export interface Group {
  readonly parent: Item;
  readonly items: readonly Item[];
}

export class Folders {
  readonly #deps: FoldersDeps;

  constructor(deps: FoldersDeps) {
    this.#deps = deps;
  }

  async openFolder(path: readonly string[], signal?: AbortSignal): Promise<Folder> {
    const { item, handle } = await this.walk(path, signal);
    if (!handle.isDirectory) throw new PathNotFound(path);
    return this.#describeFolder(item, handle);
  }

  /** A file or folder by its path, with the folder it lies in. */
  async find(
    path: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ entry: Entry; folder: Folder }> {
    const { entries } = this.#deps;
    const { item, handle } = await this.walk(path, signal);
    const parent = item.parent === undefined ? item : entries.item(item.parent.id);
    const parentHandle = handle.parent ?? handle;
    const folder = this.#describeFolder(parent, parentHandle);
    return { entry: entries.describe(item), folder };
  }

  /** One call of `onBatch` per chunk of the directory, and a last one that says it is done. */
  async list(
    id: string,
    onBatch: (batch: { entries: readonly Entry[]; done: boolean }) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { drive, entries } = this.#deps;
    const item = entries.item(id);
    const handle = await entries.open(item, signal);
    for await (const rows of drive.list(handle, abortable(signal))) {
      const batch = rows.map((row) => entries.describe(entries.add(item, row)));
      onBatch({ entries: batch, done: false });
    }
    onBatch({ entries: [], done: true });
  }

  async details(ids: readonly string[], signal?: AbortSignal): Promise<EntryDetails[]> {
    const { entries } = this.#deps;
    const found = new Map<string, EntryDetails>();
    const { tops, others } = this.#apart(ids);
    for (const top of tops) found.set(top.id, detailsOf(top.id, await entries.open(top, signal)));
    for (const { parent, items } of this.groups(others)) {
      const handles = await this.openMany(parent, items, signal);
      for (const [i, handle] of handles.entries()) {
        const { id } = items[i]!;
        const isError = handle instanceof PyrgosError;
        found.set(id, isError ? unreadable(id, handle) : detailsOf(id, handle));
      }
    }
    return ids.flatMap((id) => found.get(id) ?? []);
  }

  async makeFolder(id: string, name: string): Promise<Entry> {
    const { drive, entries, changed } = this.#deps;
    const item = entries.item(id);
    const folder = await entries.open(item);
    await drive.makeDirectory(folder, name);
    changed(entries.path(item), 'added', [name]);
    return entries.describe(await this.#child(item, folder, name));
  }

  /** An empty file. @throws NameExists */
  async makeFile(id: string, name: string): Promise<Entry> {
    const { drive, entries, changed } = this.#deps;
    const item = entries.item(id);
    const folder = await entries.open(item);
    const [made] = await drive.upload(folder, [{ path: [name], source: bytesSource(NOTHING) }]);
    const given = made?.path.at(-1) ?? name;
    changed(entries.path(item), 'added', [given]);
    return entries.describe(await this.#child(item, folder, given));
  }

  /** Another name; the way back gives the old one again. */
  async rename(id: string, name: string): Promise<Made> {
    const { drive, entries, undo, changed } = this.#deps;
    const item = entries.item(id);
    if (item.parent === undefined || item.listed === undefined) throw new PathNotFound([]);
    const parent = entries.item(item.parent.id);
    const folder = await entries.open(parent);
    const before = item.listed.name;
    await drive.rename(folder, item.listed, name);
    changed(entries.path(parent), 'renamed', [before, name]);
    const renamed = await this.#child(parent, folder, name);
    const left = leftOf(listedOf([renamed]));
    const back = undo.keep(() => this.#renameBack(parent, left, before));
    return { ...entries.describe(renamed), undo: back };
  }

  /** Moves entries; without a way back where something was replaced, or went to another owner. */
  async move(
    ids: readonly string[],
    targetId: string,
    onConflict: ConflictChoice | undefined,
  ): Promise<Undoable> {
    const { drive, entries, undo, changed } = this.#deps;
    const target = entries.item(targetId);
    const ways: (() => Promise<void>)[] = [];
    let canUndo = onConflict !== 'replace';
    await this.#act('move', ids, target, undefined, async (run) => {
      const sum = new ProgressSum(run.onProgress);
      for (const { parent, items } of this.groups(ids)) {
        if (parent.id === target.id) continue;
        const from = await entries.open(parent, run.signal);
        const to = await entries.open(target, run.signal);
        const options = { signal: run.signal, onProgress: sum.onProgress };
        const moved = await drive
          .move(from, listedOf(items), to, { ...options, ...(onConflict && { onConflict }) })
          .finally(() => changed(entries.path(parent), 'removed', namesOf(items)));
        if (moved === undefined) canUndo = false;
        else ways.unshift(() => this.#moveBack(target, parent, leftByMove(moved)));
        sum.next();
      }
    });
    if (!canUndo || ways.length === 0) return {};
    return { undo: undo.keep(() => inTurn(ways)) };
  }

  /**
   * Copies entries. The result says which rows are the copies, and what could not be read. Throws
   * where nothing could.
   */
  async copy(
    ids: readonly string[],
    targetId: string,
    signal?: AbortSignal,
  ): Promise<{ target: Item; made: readonly Left[]; leftOut: readonly TransferFailure[] }> {
    const { drive, entries } = this.#deps;
    const target = entries.item(targetId);
    const made: Left[] = [];
    const leftOut: TransferFailure[] = [];
    let firstError: PyrgosError | undefined;
    await this.#act('copy', ids, target, signal, async (run) => {
      const sum = new ProgressSum(run.onProgress);
      for (const { parent, items } of this.groups(ids)) {
        const from = await entries.open(parent, run.signal);
        const to = await entries.open(target, run.signal);
        const options = { signal: run.signal, onProgress: sum.onProgress };
        const before = new Set((await this.#rowsOf(to)).map(({ place }) => place));
        const copied = await drive.copy(from, listedOf(items), to, options);
        run.onLeftOut(copied.leftOut.map(failureOf));
        leftOut.push(...copied.leftOut.map(failureOf));
        firstError ??= copied.leftOut[0]?.error;
        const names = new Set(listedOf(items).map(({ name }) => name));
        const isCopy = ({ place, name }: Left) =>
          !before.has(place) && (names.has(name) || name.includes(' (copy'));
        made.push(...(await this.#rowsOf(to)).filter(isCopy));
        sum.next();
      }
      if (made.length === 0 && firstError !== undefined) throw firstError;
    });
    return { target, made, leftOut };
  }

  async remove(ids: readonly string[], { signal, onProgress }: OperationRun): Promise<void> {
    const { drive, entries, changed } = this.#deps;
    const sum = new ProgressSum(onProgress);
    for (const { parent, items } of this.groups(ids)) {
      const onFound = (filesDone: number): void => sum.onProgress(found(filesDone));
      await drive.remove(await entries.open(parent), listedOf(items), { signal, onFound });
      entries.drop(items);
      changed(entries.path(parent), 'removed', namesOf(items));
      sum.next();
    }
  }

  /** Walks down from a root, registering every step. @throws PathNotFound */
  async walk(
    path: readonly string[],
    signal?: AbortSignal,
  ): Promise<{ item: Item; handle: Handle }> {
    const { drive, entries } = this.#deps;
    const [root = '', ...below] = path;
    await this.#deps.mount(root);
    let item = entries.top(root);
    let handle = await entries.open(item, signal);
    for (const [i, name] of below.entries()) {
      const row = await drive.find(handle, name, signal);
      if (row === undefined) throw new PathNotFound(path.slice(0, i + 2));
      item = entries.add(item, row);
      handle = await drive.open(handle, row, signal);
    }
    return { item, handle };
  }

  /** The folder at a path, made if it is not there. */
  async ensure(
    path: readonly string[],
    options: { readonly hidden?: boolean } = {},
  ): Promise<{ item: Item; handle: Handle }> {
    try {
      return await this.walk(path);
    } catch (error) {
      if (!(error instanceof PathNotFound) || path.length < 2) throw error;
    }
    const name = path.at(-1)!;
    if (isSystemName(this.#deps.entries.belowHome(path.slice(0, -1)), name)) {
      await this.#deps.drive.makeSystemFolders([[name]]);
      return this.walk(path);
    }
    const { handle } = await this.ensure(path.slice(0, -1));
    await this.#deps.drive.makeDirectory(handle, name, options).catch(async (error: unknown) => {
      if (!(error instanceof NameExists)) throw error;
    });
    return this.walk(path);
  }

  /** Chosen items by the folder they lie in. Throws UnknownEntry. */
  groups(ids: readonly string[]): Group[] {
    const { entries } = this.#deps;
    const groups = new Map<string, { parent: Item; items: Item[] }>();
    for (const id of new Set(ids)) {
      const item = entries.item(id);
      if (item.parent === undefined) throw new PathNotFound([item.root]); // the top itself stays
      const parent = entries.item(item.parent.id);
      const group = groups.get(parent.id) ?? { parent, items: [] };
      group.items.push(item);
      groups.set(parent.id, group);
    }
    return [...groups.values()];
  }

  /** Opens entries of any folders and tops of trees; what cannot be opened is the error. */
  async openAll(ids: readonly string[], signal?: AbortSignal): Promise<(Handle | PyrgosError)[]> {
    const { tops, others } = this.#apart(ids);
    const all: (Handle | PyrgosError)[] = [];
    for (const top of tops) all.push(await this.#deps.entries.open(top, signal));
    for (const { parent, items } of this.groups(others)) {
      all.push(...(await this.openMany(parent, items, signal)));
    }
    return all;
  }

  /** What an operation left in a folder, as it is listed now. @throws CannotUndo */
  async stillThere(folder: Item, left: readonly Left[]): Promise<Item[]> {
    const { drive, entries } = this.#deps;
    const { item, handle } = await this.#asBefore(folder);
    const { rows } = await stillIn(drive, handle, left);
    return rows.map((row) => entries.add(item, row));
  }

  /** Opens rows of one folder together; what cannot be opened is the error in its place. */
  async openMany(
    parent: Item,
    items: readonly Item[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]> {
    const { drive, entries } = this.#deps;
    const folder = await entries.open(parent, signal);
    return drive.openMany(folder, listedOf(items), signal);
  }

  /** Tops of trees are opened by themselves, all else folder by folder. */
  #apart(ids: readonly string[]): { tops: Item[]; others: string[] } {
    const isTop = (id: string): boolean => this.#deps.entries.item(id).parent === undefined;
    const tops = ids.filter(isTop).map((id) => this.#deps.entries.item(id));
    return { tops, others: ids.filter((id) => !isTop(id)) };
  }

  #asBefore(folder: Item) {
    return folderAsBefore(this.#deps.entries, folder, (path) => this.walk(path));
  }

  async #rowsOf(folder: Handle): Promise<Left[]> {
    const left: Left[] = [];
    for await (const rows of this.#deps.drive.list(folder)) left.push(...leftOf(rows));
    return left;
  }

  async #renameBack(parent: Item, left: readonly Left[], before: string): Promise<void> {
    const { drive, entries, changed } = this.#deps;
    const { item, handle } = await this.#asBefore(parent);
    const { rows } = await stillIn(drive, handle, left);
    const names = rows.map(({ name }) => name);
    for (const row of rows) {
      if (row.name !== left[0]?.name) throw renamedSince(row.name);
      await drive.rename(handle, row, before);
      await this.#child(item, handle, before);
    }
    changed(entries.path(item), 'renamed', [...names, before]);
  }

  /** From where an operation put things to where they were, under the names they had. */
  async #moveBack(from: Item, to: Item, left: readonly Left[]): Promise<void> {
    const { drive, entries, changed } = this.#deps;
    const source = await this.#asBefore(from);
    const target = await this.#asBefore(to);
    const there = await this.#rowsOf(target.handle);
    const { rows } = await stillIn(drive, source.handle, left);
    const taken = new Set(there.map(({ name }) => canonical(name)));
    const clash = left.find(({ name }) => taken.has(canonical(name)));
    if (clash !== undefined) throw new NameExists(clash.name);
    const names = left.map(({ name }) => name);
    await drive.move(source.handle, rows, target.handle).finally(() => {
      changed(entries.path(source.item), 'removed', names);
      changed(entries.path(target.item), 'added', names);
    });
    for (const [at, { name: now }] of rows.entries()) {
      const { name } = left[at]!;
      // Beside another of its name it was given a new one.
      if (now !== name) {
        const row = await drive.find(target.handle, now);
        if (row !== undefined) await drive.rename(target.handle, row, name);
      }
      await this.#child(target.item, target.handle, name);
    }
    changed(entries.path(target.item), 'renamed', names);
  }

  /** Something long into a folder; what was done of it shows there however it ends. */
  #act(
    kind: 'copy' | 'move',
    ids: readonly string[],
    target: Item,
    signal: AbortSignal | undefined,
    work: (run: OperationRun) => Promise<void>,
  ): Promise<void> {
    const { operations, entries, changed } = this.#deps;
    const name = ids[0] === undefined ? '' : (entries.item(ids[0]).listed?.name ?? '');
    const folderPath = entries.path(target);
    return operations
      .run({ kind, name, folderPath }, work, signal)
      .finally(() => changed(entries.path(target), 'added', []));
  }

  async #child(parent: Item, folder: Handle, name: string): Promise<Item> {
    const row = await this.#deps.drive.find(folder, name);
    if (row === undefined) throw new PathNotFound([name]);
    return this.#deps.entries.add(parent, row);
  }

  #describeFolder(item: Item, handle: Handle): Folder {
    const { entries } = this.#deps;
    return {
      entry: entries.describe(item),
      path: entries.path(item),
      writable: handle.signer !== undefined,
    };
  }
}

function failureOf({ path, error }: LeftOut): TransferFailure {
  return { path, error: describeError(error) };
}

function renamedSince(name: string): CannotUndo {
  return new CannotUndo(`This cannot be undone: it is called “${name}” by now.`);
}

async function inTurn(ways: readonly (() => Promise<void>)[]): Promise<void> {
  for (const way of ways) await way();
}

/** What a deletion has found so far; the total is not known before the end. */
export function found(filesDone: number): OperationProgress {
  return { doneBytes: 0, totalBytes: 0, filesDone, files: 0 };
}

export function namesOf(items: readonly Item[]): string[] {
  return listedOf(items).map(({ name }) => name);
}

export function listedOf(items: readonly Item[]) {
  return items.flatMap(({ listed }) => listed ?? []);
}

export function abortable(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function detailsOf(id: string, { isDirectory, properties }: Handle): EntryDetails {
  const { thumbnail, hashBranch, created, modified } = properties;
  // An upload writes the file's own time twice (A-9 §2): nothing is known of when it was made.
  const isCreatedKnown =
    isDirectory || created.seconds !== modified.seconds || created.nanos !== modified.nanos;
  return {
    id,
    sizeBytes: properties.sizeBytes,
    modifiedMs: millisecondsOf(modified),
    ...(isCreatedKnown ? { createdMs: millisecondsOf(created) } : {}),
    mimeType: properties.mimeType,
    hidden: properties.isHidden,
    ...(thumbnail === undefined ? {} : { thumbnail: thumbnailBlob(thumbnail) }),
    ...(hashBranch === undefined ? {} : { contentHash: toHex(hashBranch.root) }),
  };
}

/** The writer of a file chooses the type of its thumbnail: only plain pictures are shown. */
function thumbnailBlob({ mimeType, bytes }: { mimeType: string; bytes: Uint8Array }): Blob {
  const type = /^image\/(webp|jpeg|png)$/.test(mimeType) ? mimeType : 'application/octet-stream';
  return new Blob([bytes.slice()], { type });
}

function unreadable(id: string, error: PyrgosError): EntryDetails {
  const empty = { sizeBytes: 0, modifiedMs: 0, mimeType: '', hidden: false };
  return { id, ...empty, error: describeError(error).message };
}
