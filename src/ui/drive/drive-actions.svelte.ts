/** The operations on files: each shows its effect and reports what it did, or why it failed. */
import type { ConflictChoice, Entry, EntryId, Folder, Made, Undoable } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { nameOf } from '../app/describe-error.ts';
import type { PickedItem } from '../app/kept-files.ts';
import { installedRoute, pagesRoute } from '../apps/app-route.ts';
import { isWebPage } from '../apps/web-page.ts';
import { mediaKindOf } from '../text/media-kind.ts';
import { lookOf } from '../text/fold.ts';
import { m } from '../text/messages.ts';
import { shownName } from '../text/shown-name.ts';
import { chooseFiles } from './choose-files.ts';
import type { Dialogs } from './dialogs.svelte.ts';
import type { Listing } from './listing.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import type { SharingMarks } from './sharing-marks.svelte.ts';

interface Clip {
  readonly kind: 'cut' | 'copy';
  readonly ids: readonly EntryId[];
  readonly from: readonly string[];
}

/** The part of the drive screen that the operations need. */
interface DriveScreen {
  readonly app: AppState;
  readonly path: readonly string[];
  readonly topDepth: number;
  readonly folder: Folder | undefined;
  readonly listing: Listing;
  readonly selection: Selection;
  readonly dialogs: Dialogs;
  /** How the entries are shared. */
  readonly marks: SharingMarks;
  /** Whether it is the own tree. */
  readonly isOwn: boolean;
  /** Where uploads go. */
  readonly destination: EntryId | readonly string[];
  entry(id: EntryId): Entry | undefined;
  show(name: string): void;
}

export class DriveActions {
  clip = $state.raw<Clip | undefined>(undefined);
  readonly #drive: DriveScreen;

  constructor(drive: DriveScreen) {
    this.#drive = drive;
  }

  /** Into a folder, or into the viewer. */
  open(entry: Entry): void {
    const path = [...this.#drive.path, entry.name];
    if (entry.unreadable !== undefined) this.#drive.app.toasts.failed(entry.unreadable);
    else if (mediaKindOf(entry) === 'folder') this.#drive.app.router.openFolder(path);
    else if (isWebPage(entry)) this.#drive.app.router.go(pagesRoute(path));
    else this.#drive.app.router.go({ app: 'view', path });
  }

  /** Makes a small app that works, in a folder here. Throws what the client throws. */
  async makeApp(title: string): Promise<void> {
    const { folder, app } = this.#drive;
    if (folder === undefined) return;
    const path = await app.client.newApp(folder.entry.id, title);
    this.#drive.show(path.at(-1) ?? '');
  }

  up(): void {
    const { path, topDepth, app } = this.#drive;
    if (path.length > topDepth) app.router.openFolder(path.slice(0, -1));
  }

  /** Makes a folder and puts the cursor on it. Throws what the client throws. */
  async makeFolder(name: string): Promise<void> {
    await this.#make((folder) => this.#drive.app.client.makeFolder(folder, name));
  }

  /** Makes an empty file and opens it. Throws what the client throws. */
  async makeFile(name: string): Promise<void> {
    const made = await this.#make((folder) => this.#drive.app.client.makeFile(folder, name));
    if (made !== undefined) this.open(made);
  }

  /** Makes a file as an app begins it, and opens it with the app. Throws what the client throws. */
  async makeAppFile(
    app: { readonly name: string; readonly extension: string },
    name: string,
  ): Promise<void> {
    const { folder, path, app: state } = this.#drive;
    if (folder === undefined) return;
    const made = await state.client.newAppFile(app.name, app.extension, folder.entry.id, name);
    state.router.go(installedRoute(app.name, [...path, made]));
  }

  /** What was made; undefined when another folder is on the screen by now. */
  async #make(make: (folder: EntryId) => Promise<Made>): Promise<Entry | undefined> {
    const { folder, listing } = this.#drive;
    if (folder === undefined) return undefined;
    const { undoHistory } = this.#drive.app;
    const made = await undoHistory.during(
      make(folder.entry.id).then((one) => {
        undoHistory.remember(one);
        return one;
      }),
    );
    if (this.#drive.folder !== folder) return undefined;
    listing.add(made);
    this.#drive.show(made.name);
    return made;
  }

  async rename(entry: Entry, name: string): Promise<void> {
    if (name === entry.name) return;
    const { folder } = this.#drive;
    const { undoHistory, client } = this.#drive.app;
    const renamed = await undoHistory.during(
      client.rename(entry.id, name).then((one) => {
        undoHistory.did(one, 1, () => m.renamed({ name: shownName(one.name) }));
        return one;
      }),
    );
    if (this.#drive.folder !== folder) return;
    this.#drive.listing.remove(new Set([entry.id]));
    this.#drive.listing.add(renamed);
    this.#drive.show(renamed.name);
  }

  /** Asks first where others have access. */
  async trash(ids: readonly EntryId[] = [...this.#drive.selection.ids]): Promise<void> {
    const { isOwn, marks, dialogs } = this.#drive;
    const entries = ids.flatMap((id) => this.#drive.entry(id) ?? []);
    const shared = isOwn ? entries.filter(({ name }) => marks.get(name) !== undefined) : [];
    if (shared.length === 0) return this.throwAway(ids);
    dialogs.ask({ kind: 'trash', ids, shared });
  }

  /** Gone from sight at once; comes back if it fails, or if the person changes their mind. */
  async throwAway(ids: readonly EntryId[]): Promise<void> {
    const { app, folder, listing, selection } = this.#drive;
    if (ids.length === 0 || app.isGuest) return;
    const before = listing.entries;
    listing.remove(new Set(ids));
    selection.clear();
    const trashing = app.attempt(async () => {
      app.undoHistory.did(await app.client.trash(ids), ids.length, sayTrashed);
    });
    const done = await app.undoHistory.during(trashing);
    if (!done && this.#drive.folder === folder) listing.entries = before;
  }

  /** What somebody else shared is shown no more; gone from sight at once. */
  async leave(entries: readonly Entry[]): Promise<void> {
    const { app, folder, listing, selection } = this.#drive;
    const ids = entries.map(({ id }) => id);
    const before = listing.entries;
    listing.remove(new Set(ids));
    selection.clear();
    const leaving = app.attempt(async () => {
      app.undoHistory.did(await app.client.leave(ids), ids.length, sayLeft);
    });
    const isDone = await app.undoHistory.during(leaving);
    if (!isDone && this.#drive.folder === folder) listing.entries = before;
  }

  /** Out of sight at once; what could not be moved comes back. */
  async move(ids: readonly EntryId[], target: EntryId): Promise<void> {
    const { app, folder, listing, selection } = this.#drive;
    if (ids.length === 0 || ids.includes(target)) return;
    const before = listing.entries;
    const names = ids.map((id) => shownName(this.#drive.entry(id)?.name ?? ''));
    if (target !== folder?.entry.id) {
      listing.remove(new Set(ids));
      selection.clear();
    }
    let moved: Undoable | undefined;
    const moving = app.attempt(async () => {
      moved = await this.#settlingConflicts(names, (choice) =>
        app.client.move(ids, target, choice),
      );
      if (moved) app.undoHistory.did(moved, ids.length, sayMoved);
    });
    await app.undoHistory.during(moving);
    if (!moved && this.#drive.folder === folder) listing.entries = before;
  }

  async copy(ids: readonly EntryId[], target: EntryId): Promise<void> {
    const { app } = this.#drive;
    if (ids.length === 0) return;
    const copying = app.attempt(async () => {
      const copied = await app.client.copy(ids, target);
      const { length } = copied.leftOut;
      if (length === 0) app.undoHistory.did(copied, ids.length, sayCopied);
      else app.undoHistory.did(copied, length, sayCopiedInPart);
    });
    await app.undoHistory.during(copying);
  }

  /** Puts the selection aside for pasting. */
  hold(kind: Clip['kind']): void {
    const ids = [...this.#drive.selection.ids];
    if (ids.length === 0) return;
    this.clip = { kind, ids, from: this.#drive.path };
    const count = ids.length;
    this.#drive.app.toasts.done(kind === 'cut' ? m.clip_cut({ count }) : m.clip_copied({ count }));
  }

  async paste(): Promise<void> {
    const { clip } = this;
    const target = this.#drive.folder?.entry.id;
    if (clip === undefined || target === undefined) return;
    if (clip.kind === 'copy') return this.copy(clip.ids, target);
    this.clip = undefined;
    return this.move(clip.ids, target);
  }

  /** Asks for files and uploads them. */
  async chooseFiles(): Promise<void> {
    const into = this.#drive.destination;
    const items = await chooseFiles();
    if (items === undefined) document.getElementById('pick-files')?.click();
    else await this.upload(items, into);
  }

  async upload(items: readonly PickedItem[], into = this.#drive.destination): Promise<void> {
    const { app, folder } = this.#drive;
    if (items.length === 0) return;
    const here = into === folder?.entry.id;
    await app.attempt(async () => {
      const isOpen = typeof into === 'string';
      const target = isOpen ? into : (await app.client.openFolder(into)).entry.id;
      const named = here ? this.#underKnownNames(items) : items;
      const taken = here ? this.#takenNames(named) : [];
      const choice = taken.length === 0 ? 'keep-both' : await this.#drive.dialogs.conflict(taken);
      if (choice === undefined) return;
      const bare = named.map(({ path, file }) => (file === undefined ? { path } : { path, file }));
      const id = await app.client.upload(target, bare, choice);
      void app.keptFiles.keep(app.account ?? '', id, named);
    });
  }

  async download(ids: readonly EntryId[] = [...this.#drive.selection.ids]): Promise<void> {
    if (ids.length > 0) await this.#drive.app.attempt(() => this.#drive.app.client.download(ids));
  }

  /**
   * What would look the same as a name that is here takes that name: other systems spell letters
   * otherwise, and nobody could tell the two apart.
   */
  #underKnownNames(items: readonly PickedItem[]): readonly PickedItem[] {
    const { entries } = this.#drive.listing;
    const names = new Set(entries.map(({ name }) => name));
    const byLook = new Map(entries.map(({ name }) => [lookOf(name), name]));
    return items.map((item) => {
      const [first = '', ...rest] = item.path;
      const known = names.has(first) ? undefined : byLook.get(lookOf(first));
      return known === undefined ? item : { ...item, path: [known, ...rest] };
    });
  }

  /**
   * Top-level files whose names are taken here; folders of one name are merged. What the app keeps
   * hidden is no question to a person: the client gives such files another name.
   */
  #takenNames(items: readonly PickedItem[]): string[] {
    const there = new Set(
      this.#drive.listing.entries
        .filter((entry) => entry.kind === 'file' || !entry.hidden)
        .map((entry) => entry.name),
    );
    const names = new Set(
      items.filter((item) => item.path.length === 1).map((item) => item.path[0] ?? ''),
    );
    return [...names].filter((name) => there.has(name));
  }

  /** What the operation gives; undefined when the person called it off. */
  async #settlingConflicts<T>(
    names: readonly string[],
    action: (choice?: ConflictChoice) => Promise<T>,
  ): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      if (nameOf(error) !== 'NameExists') throw error;
      const choice = await this.#drive.dialogs.conflict(names);
      return choice === undefined ? undefined : action(choice);
    }
  }
}

const sayTrashed = (count: number): string => m.trashed({ count });
const sayLeft = (count: number): string => m.leave_done({ count });
const sayMoved = (count: number): string => m.moved({ count });
const sayCopied = (count: number): string => m.copied({ count });
/** Never a plain “copied”; the list of transfers names each. */
const sayCopiedInPart = (count: number): string => m.copied_in_part({ count });
