/**
 * The drive: a person's tree of folders and files, by path and by handle. Every change is one
 * {@link transact} or a sequence of them of which each leaves a valid tree; reading uses one
 * snapshot per operation.
 *
 * An abort ends an operation between two commits: what was committed stays and is whole.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Snapshot, createWriterLock, readConsistently } from '#lib/writers/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import { Change } from './change.ts';
import { copyEntries, type CopyOptions } from './copy.ts';
import { findDamaged, type IsLost } from './damage.ts';
import { isSameContent } from './content-version.ts';
import { openEntries } from './open-entries.ts';
import {
  DanglingEntry,
  FileChangedMeanwhile,
  NoHome,
  NotADirectory,
  NotAFile,
  PathNotFound,
} from './errors.ts';
import type { EntryRecords } from './entry-records.ts';
import { FolderEdit } from './folder-edit.ts';
import { findRow, listFolder } from './listing.ts';
import { makeDirectory } from './make-directory.ts';
import { isCheapMove, type MovedEntry } from './move.ts';
import { isInTree, moveInTree } from './move-in-tree.ts';
import { moveAcross, type MoveOptions } from './move-across.ts';
import { handleOf, openTarget, reopened } from './open.ts';
import { openHome, openHomeIn, pathOf } from './paths.ts';
import { renameIn, setProperties, type PropertyChange } from './properties.ts';
import { createFileReader } from './reader.ts';
import { Roots } from './roots.ts';
import { removeEntries } from './remove.ts';
import { overwrite, replaceContent, truncate } from './rewrite.ts';
import {
  belowHome,
  besideSystemNames,
  checkNewName,
  checkOpenToPerson,
  checkOwnEntry,
  isSystemName,
} from './system-folders.ts';
import { transact, type DriveContext } from './transact.ts';
import type {
  ByteSource,
  Copied,
  DriveDeps,
  Handle,
  Home,
  LeftOut,
  ListedEntry,
  Uploaded,
  UploadItem,
  UploadOptions,
} from './types.ts';
import { upload } from './upload/upload.ts';
import { OpenUploads } from './upload/open-uploads.ts';

export interface Abortable {
  readonly signal?: AbortSignal;
}

export interface WriteOptions extends Abortable {
  /** Bytes written so far; begins again when the operation has to be repeated. */
  readonly onProgress?: (doneBytes: number) => void;
  /** Refuses with FileChangedMeanwhile if the content is not the one of this handle any more. */
  readonly unchangedSince?: Handle;
}

/** One person's tree. Handles show the moment they were opened; every operation looks again. */
export class Drive {
  /** Trees that paths begin in. */
  readonly roots: Roots;
  /** What else is to be changed with entries of the home. */
  records: EntryRecords | undefined;
  readonly #context: DriveContext;

  /** Without a home it is a guest's: what a link leads to is opened, read and changed the same way. */
  constructor(deps: DriveDeps, home?: Home) {
    const lock = deps.lock ?? createWriterLock();
    this.#context = { deps, home, lock, runningUploads: new Set() };
    this.roots = new Roots(home && { name: home.username, open: (signal) => this.home(signal) });
  }

  /** @throws NoHome for a guest */
  home(signal?: AbortSignal): Promise<Handle> {
    return openHome(this.#context, signal);
  }

  /** What lies at a path below the home. @throws PathNotFound, NotADirectory */
  async resolve(path: readonly string[], signal?: AbortSignal): Promise<Handle> {
    let at = await this.home(signal);
    for (const [i, name] of path.entries()) {
      const entry = await this.find(at, name, signal);
      if (!entry) throw new PathNotFound(path.slice(0, i + 1));
      at = await this.open(at, entry, signal);
    }
    return at;
  }

  /** The row of a folder with this name, else the only one of another spelling. @throws NameAmbiguous */
  async find(folder: Handle, name: string, signal?: AbortSignal): Promise<ListedEntry | undefined> {
    const rows = this.list(folder, signal ? { signal } : {});
    return findRow(rows, name, ({ unreadable }) => unreadable === undefined);
  }

  /**
   * The rows of a folder as it is now, one batch per directory chunk.
   * @throws FolderDamaged after what could be read
   */
  async *list(
    folder: Handle,
    { signal }: Abortable = {},
  ): AsyncGenerator<ListedEntry[], void, void> {
    if (!folder.isDirectory) throw new NotADirectory(folder.name);
    if (folder.partial) return yield* folder.partial.list(folder, signal);
    const view = this.#view(folder);
    yield* listFolder(view, await reopened(view, folder, signal), signal);
  }

  /** @throws DanglingEntry, or what else keeps it from being opened */
  async open(folder: Handle, entry: ListedEntry, signal?: AbortSignal): Promise<Handle> {
    const [opened] = await this.openMany(folder, [entry], signal);
    if (!opened || opened instanceof PyrgosError) throw opened ?? new PathNotFound([entry.name]);
    return opened;
  }

  /** Several at once, in few questions to the node; what cannot be opened is the error in its place. */
  openMany(
    folder: Handle,
    entries: readonly ListedEntry[],
    signal?: AbortSignal,
  ): Promise<(Handle | PyrgosError)[]> {
    if (folder.partial) return folder.partial.openMany(folder, entries, signal);
    return readConsistently(this.#context.deps, folder.capability.owner, (view) =>
      openEntries(view, folder, entries, signal),
    );
  }

  /** Bytes [start, end) of a file, piece by piece, verified. */
  async *read(
    file: Handle,
    start?: number,
    end?: number,
    signal?: AbortSignal,
  ): AsyncGenerator<Uint8Array, void, void> {
    if (file.isDirectory) throw new NotAFile(file.name);
    const reader = await createFileReader(this.#context.deps, file.capability, signal);
    yield* reader.read(start, end, signal);
  }

  /** What the loss of blocks hits, of all there is. @throws what the node itself fails with */
  async *findDamaged(isLost: IsLost, { signal }: Abortable = {}): AsyncGenerator<LeftOut> {
    const home = await this.home(signal);
    yield* findDamaged(this.#view(home), this.#context.deps, home, isLost, signal);
  }

  /** @throws NameExists, NameReserved */
  async makeDirectory(
    folder: Handle,
    name: string,
    { hidden = false, signal }: Abortable & { readonly hidden?: boolean } = {},
  ): Promise<Handle> {
    checkNewName(this.#context.home, folder, name);
    return this.#change(folder, (change) => makeDirectory(change, folder, name, hidden), signal);
  }

  /**
   * Files and folders into `folder`. What was stored before a failure stays, and is whole. What has
   * the name of one of the app's own folders is called as a copy of it would be.
   */
  async upload(
    folder: Handle,
    items: readonly UploadItem[],
    options: UploadOptions = {},
  ): Promise<Uploaded[]> {
    const { home } = this.#context;
    checkOpenToPerson(home, folder);
    const above = belowHome(home, folder);
    const named = items.map((item) => ({ ...item, path: besideSystemNames(above, item.path) }));
    return upload(this.#context, folder, named, options);
  }

  /** The app's own folders of the home that are missing, hidden, in one commit (B-4 §3). */
  async makeSystemFolders(
    paths: readonly (readonly string[])[],
    { signal }: Abortable = {},
  ): Promise<void> {
    const items = paths.filter(([name = '']) => isSystemName([], name));
    if (items.length === 0) return;
    const home = await this.home(signal);
    // Something else of that name is the person's own, and stays.
    const options = { onConflict: 'skip', ...(signal ? { signal } : {}) } as const;
    const hidden = items.map((path) => ({ path, hidden: true }));
    await upload(this.#context, home, hidden, options);
  }

  /** Writes `source` over [start, start + its size); the file grows if need be. */
  async overwrite(
    file: Handle,
    start: number,
    source: ByteSource,
    options: WriteOptions = {},
  ): Promise<Handle> {
    checkOwnEntry(this.#context.home, file.parent, file.name);
    return this.#rewrite(
      file,
      (change, tell) => overwrite(change, file, start, source, tell),
      options,
    );
  }

  /** Writes `source` at the end, wherever that is when it is committed. */
  async append(file: Handle, source: ByteSource, options: WriteOptions = {}): Promise<Handle> {
    checkOwnEntry(this.#context.home, file.parent, file.name);
    const work = async (change: Change, tell: (bytes: number) => void) => {
      const { properties } = await change.reopenFile(file);
      await overwrite(change, file, properties.sizeBytes, source, tell);
    };
    return this.#rewrite(file, work, options);
  }

  /** Puts `source` in the place of the content, for which the folder need not be writable. */
  async replaceContent(
    file: Handle,
    source: ByteSource,
    options: WriteOptions = {},
  ): Promise<Handle> {
    checkOwnEntry(this.#context.home, file.parent, file.name);
    return this.#rewrite(
      file,
      (change, tell) => replaceContent(change, file, source, tell),
      options,
    );
  }

  async truncate(file: Handle, sizeBytes: number, options: Abortable = {}): Promise<Handle> {
    checkOwnEntry(this.#context.home, file.parent, file.name);
    return this.#rewrite(file, (change) => truncate(change, file, sizeBytes), options);
  }

  /** @throws NameExists, BadFileName, NameReserved, SystemFolderKept */
  async rename(
    folder: Handle,
    entry: ListedEntry,
    name: string,
    { signal }: Abortable = {},
  ): Promise<Handle> {
    checkOwnEntry(this.#context.home, folder, entry.name);
    checkNewName(this.#context.home, folder, name);
    const work = async (change: Change) => {
      const edit = await FolderEdit.load(change, folder);
      const capability = edit.childCapability(entry.name);
      if (!capability) throw new PathNotFound([entry.name]);
      const child = await change.openChild(edit.folder, entry.name, capability);
      await renameIn(change, edit, entry.child, child, name);
      await edit.save();
      const path = this.#recordedPath(folder);
      if (path !== undefined) await this.#moved(change, [...path, entry.name], [...path, name]);
      return change.openChild(edit.folder, name, capability);
    };
    return this.#change(folder, work, signal);
  }

  async setProperties(
    handle: Handle,
    wanted: PropertyChange,
    { signal }: Abortable = {},
  ): Promise<Handle> {
    checkOwnEntry(this.#context.home, handle.parent, handle.name);
    const work = async (change: Change) => {
      await setProperties(change, handle, wanted);
      return change.reopen(handle);
    };
    return this.#change(handle, work, signal);
  }

  /**
   * Answers what was moved to where, if it was not copied into the tree of somebody else.
   * @throws MoveIncomplete, MoveIntoItself, NameExists, NameReserved, SystemFolderKept
   */
  async move(
    folder: Handle,
    entries: readonly ListedEntry[],
    target: Handle,
    options: MoveOptions = {},
  ): Promise<readonly MovedEntry[] | undefined> {
    const { onConflict, signal } = options;
    const { home } = this.#context;
    for (const { name } of entries) {
      checkOwnEntry(home, folder, name);
      checkNewName(home, target, name);
    }
    if (isCheapMove(folder, target) || isInTree(home, folder, target)) {
      const move = { from: folder, entries, to: target, onConflict };
      return moveInTree(this.#context, this.records, move, signal);
    }
    const removing = (change: Change, name: string) => this.#removed(change, folder, [name]);
    await moveAcross(this.#context, folder, entries, target, { ...options, removing });
    return undefined;
  }

  /** Copies what can be read; the answer says what was left out, and why. @throws NameReserved */
  async copy(
    folder: Handle,
    entries: readonly ListedEntry[],
    target: Handle,
    options: CopyOptions = {},
  ): Promise<Copied> {
    for (const { name } of entries) {
      checkNewName(this.#context.home, target, options.newName ?? name);
    }
    return copyEntries(this.#context, folder, entries, target, options);
  }

  /**
   * Deletes entries and all below them, in one commit; those that are gone already are no error.
   * `onFound` hears how many files and folders were found so far.
   */
  async remove(
    folder: Handle,
    entries: readonly ListedEntry[],
    { signal, onFound }: Abortable & { readonly onFound?: (count: number) => void } = {},
  ): Promise<void> {
    for (const { name } of entries) checkOwnEntry(this.#context.home, folder, name);
    const children = entries.map(({ child }) => child);
    const names = entries.map(({ name }) => name);
    const work = async (change: Change): Promise<void> => {
      await this.#removed(change, folder, names);
      await removeEntries(change, folder, children, onFound);
    };
    return this.#change(folder, work, signal);
  }

  /**
   * One change for a room above, in the writing spaces of this account: all that `work` does is one
   * commit. When another change was faster, `work` runs again from the new state. @throws NoHome
   */
  change<T>(work: (change: Change, home: Handle) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { home } = this.#context;
    if (home === undefined) return Promise.reject(new NoHome());
    const inHome = async (change: Change): Promise<T> =>
      work(change, await openHomeIn(change.commit, home, signal));
    return transact(this.#context, home, inHome, signal);
  }

  /**
   * Reads records of the home for a room above, as {@link change} would: without the lock, for
   * nothing is changed. @throws NoHome
   */
  async look<T>(
    read: (change: Change, home: Handle) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { deps, home } = this.#context;
    if (home === undefined) throw new NoHome();
    const { owner } = home;
    let change: Change;
    return readConsistently(
      deps,
      owner,
      async (commit) => read(change, await openHomeIn(commit, home, signal)),
      () => (change = new Change(deps, home, owner, signal)).commit,
    );
  }

  /** Opens what a capability leads to, apart from any tree. @throws DanglingEntry */
  async openCapability(capability: Capability, signal?: AbortSignal): Promise<Handle> {
    return readConsistently(this.#context.deps, capability.owner, async (view) => {
      const target = await openTarget(view, capability, signal);
      if (target === undefined) throw new DanglingEntry('this item');
      return handleOf(target, undefined);
    });
  }

  /** Large uploads that were begun and not ended (A-9 §3). */
  uploads(): OpenUploads {
    return new OpenUploads(this.#context);
  }

  /** The path of a folder of the home from its root, where somebody keeps records by paths. */
  #recordedPath(folder: Handle): string[] | undefined {
    const { home } = this.#context;
    if (this.records === undefined || home === undefined) return undefined;
    return belowHome(home, folder) === undefined ? undefined : pathOf(folder);
  }

  /** The home as it is in a change. @throws NoHome */
  #homeIn(change: Change): Promise<Handle> {
    const { home } = this.#context;
    if (home === undefined) throw new NoHome();
    return openHomeIn(change.commit, home, change.signal);
  }

  async #moved(change: Change, from: readonly string[], to: readonly string[]): Promise<void> {
    await this.records?.moved(change, await this.#homeIn(change), from, to);
  }

  /** Tells of entries of a folder that are about to be removed. */
  async #removed(change: Change, folder: Handle, names: readonly string[]): Promise<void> {
    const path = this.#recordedPath(folder);
    if (path === undefined) return;
    for (const name of names) {
      await this.records?.removed(change, await this.#homeIn(change), [...path, name]);
    }
  }

  #view({ capability }: Handle): Snapshot {
    return new Snapshot(this.#context.deps, capability.owner);
  }

  #change<T>(
    place: Handle,
    work: (change: Change) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    return transact(this.#context, place, work, signal);
  }

  #rewrite(
    file: Handle,
    work: (change: Change, tell: (bytes: number) => void) => Promise<void>,
    { signal, onProgress, unchangedSince }: WriteOptions,
  ): Promise<Handle> {
    return this.#change(
      file,
      async (change) => {
        if (unchangedSince !== undefined) {
          if (!isSameContent((await change.reopen(file)).properties, unchangedSince.properties)) {
            throw new FileChangedMeanwhile(file.name);
          }
        }
        let done = 0;
        await work(change, (bytes) => onProgress?.((done += bytes)));
        return change.reopen(file);
      },
      signal,
    );
  }
}
