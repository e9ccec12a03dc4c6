/**
 * The trash: a hidden folder `.trash` in the home. Each time something is thrown away, a folder of
 * its own is made in it that holds the things and a small record of where they came from. So two
 * tabs never write the same record, names cannot clash, and other clients just see folders.
 *
 * The record (`origin.cbor`): map `{"v": 1, "from": [names below the home], "t": milliseconds}`.
 * It is our own, and parsed like any other: without a good one, things go back to the home.
 */
import { concat, PyrgosError, toHex, type Random } from '#lib/bytes/index.ts';
import {
  asInteger,
  asList,
  asMap,
  asText,
  cborMap,
  decodeCbor,
  encodeCbor,
  field,
} from '#lib/codec/index.ts';
import {
  bytesSource,
  PathNotFound,
  TRASH_FOLDER as TRASH,
  type Drive,
  type Handle,
  type ListedEntry,
} from '#lib/drive/index.ts';
import type { Copied, Entry, Made, TrashedEntry, Undoable } from '../../types.ts';
import { ProgressSum, type OperationRun, type DriveOperations } from '../transfers/operations.ts';
import type { TellChange } from '../events.ts';
import type { Entries, Item } from './entries.ts';
import { abortable, found, listedOf, namesOf, type Folders, type Group } from './folders.ts';
import { CannotUndo, leftByMove, leftOf, type Left, type UndoLog } from '../undo.ts';
import { dateMilliseconds, millisecondsOf } from './time-format.ts';

const RECORD = 'origin.cbor';
const RECORD_VERSION = 1;
const RECORD_MAX_BYTES = 64 * 1024;

export interface TrashDeps {
  readonly drive: Drive;
  readonly entries: Entries;
  readonly folders: Folders;
  readonly operations: DriveOperations;
  readonly undo: UndoLog;
  readonly random: Random;
  readonly clock: () => number;
  readonly changed: TellChange;
}

interface Origin {
  readonly from: readonly string[];
  readonly trashedMs: number;
}

/** One deletion: a folder in the trash. */
interface Batch {
  readonly item: Item;
  readonly handle: Handle;
  readonly origin: Origin;
  readonly rows: readonly ListedEntry[];
}

export class Trash {
  readonly #deps: TrashDeps;
  readonly #path: readonly string[];

  constructor(deps: TrashDeps) {
    this.#deps = deps;
    this.#path = [deps.entries.home.root, TRASH];
  }

  /** Moves items into the trash. */
  async add(ids: readonly string[]): Promise<Undoable> {
    const names = await this.#add(ids);
    return { undo: this.#deps.undo.keep(() => this.#takeOut(names)) };
  }

  /** A new folder; taken back, it goes into the trash with whatever came into it. */
  async makeFolder(id: string, name: string): Promise<Made> {
    return this.#canGo(await this.#deps.folders.makeFolder(id, name));
  }

  /** A new empty file; taken back, it goes into the trash. */
  async makeFile(id: string, name: string): Promise<Made> {
    return this.#canGo(await this.#deps.folders.makeFile(id, name));
  }

  #canGo(made: Entry): Made {
    const { entries, undo } = this.#deps;
    const { parent } = entries.item(made.id);
    const left = leftOf(listedOf([entries.item(made.id)]));
    const back = undo.keep(async () => {
      if (parent !== undefined) await this.#throwAgain(parent, left, this.#deps.clock());
    });
    return { ...made, undo: back };
  }

  /** Copies entries; taken back, the copies go into the trash. */
  async copy(ids: readonly string[], targetId: string, signal?: AbortSignal): Promise<Copied> {
    const { folders, undo, clock } = this.#deps;
    const { target, made, leftOut } = await folders.copy(ids, targetId, signal);
    return { undo: undo.keep(() => this.#throwAgain(target, made, clock())), leftOut };
  }

  async list(
    onBatch: (batch: { entries: readonly TrashedEntry[]; done: boolean }) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { entries } = this.#deps;
    for await (const { item, origin, rows } of this.#batches(signal)) {
      const batch = rows.map((row) => ({
        ...entries.describe(entries.add(item, row)),
        ...origin,
        path: [...entries.path(item), row.name],
      }));
      if (batch.length > 0) onBatch({ entries: batch, done: false });
    }
    onBatch({ entries: [], done: true });
  }

  /** Puts items back where they came from; missing folders are made again. */
  async restore(ids: readonly string[]): Promise<Undoable> {
    const { entries, folders, undo } = this.#deps;
    const ways: (() => Promise<void>)[] = [];
    for (const { parent, items } of folders.groups(ids)) {
      const batch = await this.#read(parent, await entries.open(parent));
      const { target, left } = await this.#restore(batch, listedOf(items));
      entries.drop(items);
      ways.unshift(() => this.#throwAgain(target, left, batch.origin.trashedMs));
    }
    const back = undo.keep(async () => {
      for (const way of ways) await way();
    });
    return { undo: back };
  }

  async removeForever(ids: readonly string[]): Promise<void> {
    const { operations, entries, folders } = this.#deps;
    const batches = folders.groups(ids).filter(({ parent }) => this.#isBatch(parent));
    const name = ids[0] === undefined ? '' : (entries.item(ids[0]).listed?.name ?? '');
    const about = { kind: 'remove', name, folderPath: this.#path } as const;
    await operations.run(about, (run) => folders.remove(ids, run));
    for (const { parent } of batches) {
      await this.#clean(await this.#read(parent, await entries.open(parent)));
    }
  }

  async empty(): Promise<void> {
    const { operations, drive, changed } = this.#deps;
    const home = await drive.home();
    const row = await drive.find(home, TRASH);
    if (row === undefined) return;
    const trash = await drive.open(home, row);
    const about = { kind: 'remove', name: TRASH, folderPath: this.#path.slice(0, -1) } as const;
    const remove = async ({ signal, onProgress }: OperationRun): Promise<void> => {
      const sum = new ProgressSum(onProgress);
      for await (const rows of drive.list(trash, { signal })) {
        const onFound = (count: number): void => sum.onProgress(found(count));
        await drive.remove(trash, rows, { signal, onFound });
        sum.next();
      }
    };
    await operations.run(about, remove).finally(() => changed(this.#path, 'removed', []));
  }

  async #add(ids: readonly string[], trashedMs = this.#deps.clock()): Promise<string[]> {
    const names: string[] = [];
    for (const group of this.#deps.folders.groups(ids)) {
      names.push(await this.#addGroup(group, trashedMs));
    }
    return names;
  }

  /** What an operation left in a folder goes into the trash. @throws CannotUndo */
  async #throwAgain(folder: Item, left: readonly Left[], trashedMs: number): Promise<void> {
    const items = await this.#deps.folders.stillThere(folder, left);
    await this.#add(
      items.map(({ id }) => id),
      trashedMs,
    );
  }

  /** Puts back what one operation took away. @throws CannotUndo */
  async #takeOut(names: readonly string[]): Promise<void> {
    const { folders } = this.#deps;
    for (const name of names) {
      const { item, handle } = await folders.walk([...this.#path, name]).catch((error: unknown) => {
        if (!(error instanceof PathNotFound)) throw error;
        throw new CannotUndo('This cannot be undone: it is no longer in the trash.');
      });
      const batch = await this.#read(item, handle);
      await this.#restore(batch, batch.rows);
    }
  }

  async #addGroup({ parent, items }: Group, trashedMs: number): Promise<string> {
    const { drive, entries, folders, random, clock, changed } = this.#deps;
    await folders.ensure(this.#path);
    const nowMs = clock();
    const name = `${nowMs.toString(36)}-${toHex(random(6))}`;
    const from = entries.path(parent);
    const { handle: batch } = await folders.ensure([...this.#path, name], { hidden: true });
    const record = cborMap([
      ['v', RECORD_VERSION],
      ['from', [...(entries.belowHome(from) ?? [])]],
      ['t', trashedMs],
    ]);
    const source = bytesSource(encodeCbor(record), nowMs);
    await drive.upload(batch, [{ path: [RECORD], source, hidden: true }]);
    await drive.move(await entries.open(parent), listedOf(items), batch);
    changed(from, 'removed', namesOf(items));
    changed(this.#path, 'added', [name]);
    return name;
  }

  /** The folder they went to, and what they are there. */
  async #restore(
    batch: Batch,
    rows: readonly ListedEntry[],
  ): Promise<{ target: Item; left: readonly Left[] }> {
    const { drive, folders, changed } = this.#deps;
    const { from } = batch.origin;
    const { item, handle: target } = await folders.ensure(from);
    const moved = await drive.move(batch.handle, rows, target, { onConflict: 'keep-both' });
    changed(
      from,
      'added',
      rows.map(({ name }) => name),
    );
    await this.#clean(await this.#read(batch.item, batch.handle));
    return { target: item, left: leftByMove(moved ?? []) };
  }

  /** Removes the folder of an operation when nothing but its record is left. */
  async #clean(batch: Batch): Promise<void> {
    const { drive, changed } = this.#deps;
    if (batch.rows.length === 0 && batch.handle.parent !== undefined) {
      await drive.remove(batch.handle.parent, listedOf([batch.item]));
    }
    changed(this.#path, 'removed', []);
  }

  #isBatch(item: Item): boolean {
    const path = this.#deps.entries.path(item);
    return path.length === 3 && path[0] === this.#path[0] && path[1] === TRASH;
  }

  async *#batches(signal?: AbortSignal): AsyncGenerator<Batch, void, void> {
    const { drive, entries } = this.#deps;
    const home = await drive.home(signal);
    const row = await drive.find(home, TRASH, signal);
    if (row === undefined) return;
    const trash = await drive.open(home, row, signal);
    const trashItem = entries.add(entries.home, row);
    for await (const rows of drive.list(trash, abortable(signal))) {
      const handles = await drive.openMany(trash, rows, signal);
      for (const [i, handle] of handles.entries()) {
        if (handle instanceof PyrgosError || !handle.isDirectory) continue;
        yield await this.#read(entries.add(trashItem, rows[i]!), handle, signal);
      }
    }
  }

  async #read(item: Item, handle: Handle, signal?: AbortSignal): Promise<Batch> {
    const { drive } = this.#deps;
    const all: ListedEntry[] = [];
    for await (const rows of drive.list(handle, abortable(signal))) all.push(...rows);
    const record = all.find((row) => row.name === RECORD);
    const rows = all.filter((row) => row !== record);
    const origin = await this.#origin(handle, record, signal);
    return { item, handle, origin, rows };
  }

  async #origin(
    batch: Handle,
    record: ListedEntry | undefined,
    signal?: AbortSignal,
  ): Promise<Origin> {
    const { drive } = this.#deps;
    const home = [this.#deps.entries.home.root];
    const unknown = { from: home, trashedMs: millisecondsOf(batch.properties.created) };
    if (record === undefined) return unknown;
    try {
      const file = await drive.open(batch, record, signal);
      const pieces: Uint8Array[] = [];
      for await (const piece of drive.read(file, 0, RECORD_MAX_BYTES, signal)) pieces.push(piece);
      const { from, trashedMs } = originFrom(concat(...pieces));
      return { from: [...home, ...from], trashedMs };
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      return unknown; // a damaged record must not hold its neighbours back
    }
  }
}

function originFrom(bytes: Uint8Array): Origin {
  const map = asMap(decodeCbor(bytes), 'the record of the trash');
  const from = asList(field(map, 'from', 'the record'), 'its path').map((name) =>
    asText(name, 'a name in it'),
  );
  const trashedMs = dateMilliseconds(asInteger(field(map, 't', 'the record'), 'its time'));
  return { from, trashedMs };
}
