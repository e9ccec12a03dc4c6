/**
 * The folder on screen: where it is, what is in it, in which order, filtered how, what is
 * selected. Operations on files are in `drive-actions`, questions to the person in `dialogs`.
 */
import { createContext } from 'svelte';
import type { Entry, EntryId, Folder, Transfer } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { isAbort } from '../app/describe-error.ts';
import { HAS_FINE_POINTER } from '../app/pointer.ts';
import { fold } from '../text/fold.ts';
import { shownName } from '../text/shown-name.ts';
import { DetailsCache } from './details-cache.svelte.ts';
import { Dialogs } from './dialogs.svelte.ts';
import { DriveActions } from './drive-actions.svelte.ts';
import { readDropped } from './dropped-items.ts';
import { FolderRefresh } from './folder-refresh.ts';
import { HoverFilm } from './hover-film.svelte.ts';
import { InternalDrag } from './internal-drag.svelte.ts';
import { EntryMenuState } from './entry-menu-state.svelte.ts';
import { Placeholders } from './placeholders.ts';
import { Listing } from './listing.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { SharingMarks } from './sharing-marks.svelte.ts';
import { isAnswering, isTyping } from '../app/keys.ts';
import { compareBy, ViewSettings, type Order } from './view-settings.svelte.ts';

/** A burst of changes (an upload of a thousand files) is read once in this time. */
const REREAD_MS = 300;
/** Sizes are added up for selections no larger than this. */
const ADD_UP_AT_MOST = 2_000;

export class DriveState {
  readonly app: AppState;
  readonly details: DetailsCache;
  readonly placeholders = new Placeholders();
  readonly film: HoverFilm;
  readonly listing: Listing;
  readonly marks: SharingMarks;
  readonly selection: Selection = new Selection(() => this.visible);
  readonly menu = new EntryMenuState();
  readonly view = new ViewSettings();
  readonly dialogs = new Dialogs();
  readonly drag = new InternalDrag();
  readonly actions: DriveActions;
  readonly refresh: FolderRefresh;
  /** Where we are going or are; the folder itself may still be opening. */
  path = $state.raw<readonly string[]>([]);
  folder = $state.raw<Folder | undefined>(undefined);
  failure = $state.raw<unknown>(undefined);
  /** Somebody shared the folder on screen, and has taken that back. */
  isTakenBack = $state(false);
  #filter = $state('');
  #onlyShared = $state(false);
  sorting = $state(false);
  /** Where rows should scroll to; the list watches it. */
  reveal = $state.raw<{ readonly index: number } | undefined>(undefined);
  #opening = new AbortController();
  #adding = new AbortController();
  #reread: ReturnType<typeof setTimeout> | undefined;

  /** Names as they are looked for, worked out once. */
  readonly #folded = new WeakMap<Entry, string>();

  /** What the folder shows: in order, without what is hidden or filtered out. */
  readonly visible: readonly Entry[] = $derived.by(() => this.#filtered());
  readonly selected = $derived.by(() =>
    this.selection.size === 0 ? [] : this.visible.filter((entry) => this.selection.has(entry.id)),
  );
  /** Whether files are on their way into this folder. */
  readonly isFilling = $derived.by(() =>
    this.app.transfers.some((transfer) => fills(transfer, this.path)),
  );
  /** Whether this is the top of the own tree. */
  readonly isHome = $derived.by(() => samePath(this.path, [this.app.username]));
  /** Whether this is in the own tree; a guest is shown none, also where somebody is signed in. */
  readonly isOwn = $derived.by(() => !this.app.isGuest && this.path[0] === this.app.username);
  /** What can be opened can be shared; the sheet knows what of somebody else's. */
  readonly isShareable = $derived.by(
    () => !this.app.isGuest && this.selected.every((entry) => entry.unreadable === undefined),
  );
  /** What others shared with us by itself can be left. */
  readonly canLeave = $derived.by(
    () => this.selected.length > 0 && this.selected.every((entry) => entry.given === true),
  );
  readonly loading = $derived.by(() => this.failure === undefined && this.listing.loading);

  /** How many names the path of the topmost folder has. */
  readonly topDepth: number;

  constructor(app: AppState, { topDepth = 1 } = {}) {
    this.app = app;
    this.topDepth = topDepth;
    this.details = new DetailsCache(app.client);
    this.film = new HoverFilm(app.client);
    this.listing = new Listing(app.client, compareBy(this.order, this.details));
    this.marks = new SharingMarks(app.client);
    this.listing.onShown = () => this.readMarks();
    this.actions = new DriveActions(this);
    this.refresh = new FolderRefresh(this);
  }

  get filter(): string {
    return this.#filter;
  }

  /** What it hides is no longer selected. */
  set filter(text: string) {
    this.#filter = text;
    this.selection.settle();
  }

  /** Whether only what is shared by its owner is shown. */
  get onlyShared(): boolean {
    return this.#onlyShared;
  }

  set onlyShared(only: boolean) {
    this.#onlyShared = only;
    this.selection.settle();
  }

  get order(): Order {
    return this.view.order;
  }

  /** Shows or hides what the app keeps hidden; what is hidden is no longer selected. */
  showHidden(show: boolean): void {
    this.view.showHidden = show;
    this.selection.settle();
  }

  /** Where new files go: the folder on screen, named by its path as long as it is still opening. */
  get destination(): EntryId | readonly string[] {
    return this.folder?.entry.id ?? this.path;
  }

  /** Shows a folder; going to the one on screen changes nothing. */
  async open(path: readonly string[]): Promise<void> {
    if (this.folder !== undefined && samePath(path, this.path)) return;
    this.#opening.abort();
    const opening = (this.#opening = new AbortController());
    // Coming out of a folder, the cursor is on it.
    const left = samePath(path, this.path.slice(0, path.length))
      ? this.path[path.length]
      : undefined;
    this.#leave();
    this.path = path;
    try {
      const folder = await this.app.client.openFolder(path, opening.signal);
      if (opening.signal.aborted) return;
      this.folder = folder;
      await this.listing.read(folder.entry.id);
      this.failure = this.listing.failure;
      if (left !== undefined) this.#pointAt(left);
      if (needsDetails(this.order)) await this.#sortByDetails();
    } catch (error) {
      if (!opening.signal.aborted && !isAbort(error)) this.failure = error;
    }
  }

  retry(): void {
    this.folder = undefined;
    void this.open(this.path);
  }

  /** Reads the folder again after a change, without a loading state and not too often. */
  changed(path: readonly string[]): void {
    if (this.folder === undefined || !samePath(path, this.path)) return;
    this.#reread ??= setTimeout(() => void this.readAgain(), REREAD_MS);
  }

  /** Asks how we shared the entries on screen. */
  readMarks(): void {
    if (this.folder !== undefined && !this.app.isGuest) void this.marks.read(this.folder.entry.id);
  }

  async setOrder(order: Order): Promise<void> {
    this.view.order = order;
    this.listing.sort(compareBy(order, this.details));
    if (needsDetails(order)) await this.#sortByDetails();
  }

  /** Puts the cursor on an entry by name, as after making or renaming it. */
  show(name: string): void {
    const index = this.visible.findIndex((entry) => entry.name === name);
    if (index < 0) return;
    const { id } = this.visible[index]!;
    if (HAS_FINE_POINTER) this.selection.only(id);
    else this.selection.cursor = id;
    this.reveal = { index };
  }

  #pointAt(name: string): void {
    const index = this.visible.findIndex((entry) => entry.name === name);
    if (index < 0 || this.selection.cursor !== undefined) return;
    this.selection.cursor = this.visible[index]!.id;
    this.reveal = { index };
  }

  /** Bytes of the selected files as far as known, and whether all are. */
  selectedBytes(): { bytes: number; known: boolean } {
    let bytes = 0;
    let known = true;
    for (const entry of this.selected) {
      if (entry.kind === 'folder') continue;
      const size = this.details.get(entry.id)?.sizeBytes;
      if (size === undefined) known = false;
      else bytes += size;
    }
    return { bytes, known };
  }

  /** Fetches what `selectedBytes` needs, for selections of a sensible size. */
  measureSelection(): void {
    this.#adding.abort();
    this.#adding = new AbortController();
    if (this.selection.size > ADD_UP_AT_MOST) return;
    void this.details.requestAll(this.selection.ids, this.#adding.signal);
  }

  /** Pasted files are uploaded; without any, what was cut or copied here is put here. */
  paste(event: ClipboardEvent): void {
    if (isTyping(event.target) || isAnswering()) return;
    const transfer = event.clipboardData;
    if (transfer !== null && transfer.files.length > 0) {
      const into = this.destination;
      const reading = readDropped(transfer);
      void this.app.attempt(async () => this.actions.upload(await reading, into));
    } else {
      void this.actions.paste();
    }
  }

  entry(id: EntryId): Entry | undefined {
    return this.listing.entries.find((one) => one.id === id);
  }

  stop(): void {
    this.#opening.abort();
    this.#leave();
  }

  #leave(): void {
    clearTimeout(this.#reread);
    this.#reread = undefined;
    this.#adding.abort();
    this.listing.stop();
    this.listing.entries = [];
    this.listing.loading = true;
    this.details.clear();
    this.marks.clear();
    this.film.stop();
    this.selection.clear();
    this.selection.cursor = undefined;
    this.menu.close();
    this.folder = undefined;
    this.failure = undefined;
    this.isTakenBack = false;
    this.#filter = '';
    this.#onlyShared = false;
    this.reveal = undefined;
  }

  /** Reads the folder on screen again; what is selected stays so, with `byName` under new ids too. */
  async readAgain({ byName = false } = {}): Promise<void> {
    const folder = this.folder;
    if (folder === undefined) return;
    const before = this.listing.entries;
    await this.listing.read(folder.entry.id, !this.listing.loading);
    this.#reread = undefined;
    this.details.refresh();
    if (byName) this.selection.renew(before, this.listing.entries);
    this.selection.settle();
    if (needsDetails(this.order)) await this.#sortByDetails({ onlyUnknown: true });
  }

  async #sortByDetails(options: { onlyUnknown?: boolean } = {}): Promise<void> {
    const { order, folder } = this;
    this.sorting = true;
    const ids = this.listing.entries.map((entry) => entry.id);
    await this.details.requestAll(ids, this.#opening.signal, options);
    if (this.order === order && this.folder === folder) {
      this.listing.sort(compareBy(order, this.details));
    }
    this.sorting = false;
  }

  #filtered(): readonly Entry[] {
    const hidden = this.view.showHidden;
    const text = fold(this.#filter.trim());
    const { entries } = this.listing;
    const onlyShared = this.#onlyShared;
    if (text === '' && !onlyShared && !entries.some((entry) => entry.hidden)) return entries;
    return entries.filter(
      (entry) =>
        (hidden || !entry.hidden) &&
        (text === '' || this.folded(entry).includes(text)) &&
        (!onlyShared || this.marks.get(entry.name) !== undefined),
    );
  }

  /** The name of an entry as it is looked for. */
  folded(entry: Entry): string {
    const known = this.#folded.get(entry);
    if (known !== undefined) return known;
    const folded = fold(shownName(entry.name));
    this.#folded.set(entry, folded);
    return folded;
  }
}

function needsDetails({ column }: Order): boolean {
  return column === 'size' || column === 'modified';
}

const GOES_ON = new Set<Transfer['state']>(['waiting', 'running']);

/** Whether a transfer puts files into the folder at `path`. */
function fills(
  { direction, state, folderPath, name, items, current }: Transfer,
  path: readonly string[],
): boolean {
  if (direction === 'down' || direction === 'remove' || !GOES_ON.has(state)) return false;
  if (samePath(folderPath, path)) return true;
  // A folder is named by itself: all that is below it may still come.
  if (direction === 'up' && items === undefined) return isBelow(path, [...folderPath, name]);
  const into = [...folderPath, ...(current ?? []).slice(0, -1)];
  return path.length > folderPath.length && samePath(into.slice(0, path.length), path);
}

function isBelow(path: readonly string[], top: readonly string[]): boolean {
  return samePath(path.slice(0, top.length), top);
}

export function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

export const [getDrive, setDrive] = createContext<DriveState>();
