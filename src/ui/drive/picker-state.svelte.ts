/** Walking the folders to choose one, or a file in one, and why a folder cannot be chosen. */
import type { Client, Entry, EntryId, Folder } from '#lib/client/index.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { fold } from '../text/fold.ts';
import { compareNames, mergeSorted } from '../text/natural-order.ts';
import { shownName } from '../text/shown-name.ts';

/** What is to go into the folder that is chosen. */
export interface PickerTask {
  /** Whether it leaves where it is: then there is no sense in choosing that folder. */
  readonly isMove: boolean;
  readonly ids: readonly EntryId[];
  /** The folder they are in. */
  readonly from: readonly string[];
  /** Whether files are shown, too. */
  readonly withFiles?: boolean;
}

/** Why the folder on screen cannot be chosen. */
export type Obstacle = 'already' | 'inside' | 'read-only';

export class PickerState {
  path = $state.raw<readonly string[]>([]);
  folder = $state.raw<Folder | undefined>(undefined);
  /** What there is to go into, or to choose. */
  choices = $state.raw<readonly Entry[]>([]);
  loading = $state(true);
  failure = $state<string | undefined>(undefined);
  filter = $state('');
  readonly #client: Client;
  readonly #task: PickerTask;
  #abort = new AbortController();

  /** The same, filtered. */
  readonly shown = $derived.by(() => {
    const text = fold(this.filter.trim());
    if (text === '') return this.choices;
    return this.choices.filter(({ name }) => fold(shownName(name)).includes(text));
  });

  constructor(client: Client, task: PickerTask) {
    this.#client = client;
    this.#task = task;
  }

  /** Why the folder on screen is no place for what is to go; undefined when it is one. */
  get obstacle(): Obstacle | undefined {
    const { folder } = this;
    const { isMove, ids, from } = this.#task;
    if (folder === undefined) return undefined;
    if (ids.includes(folder.entry.id)) return 'inside';
    if (isMove && samePath(folder.path, from)) return 'already';
    return folder.writable ? undefined : 'read-only';
  }

  /** A folder cannot go into itself, nor into what lies in it. */
  isItself(entry: Entry): boolean {
    return this.#task.ids.includes(entry.id);
  }

  async open(path: readonly string[]): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    Object.assign(this, { path, folder: undefined, choices: [], loading: true, filter: '' });
    this.failure = undefined;
    try {
      const folder = await this.#client.openFolder(path, signal);
      if (signal.aborted) return;
      this.folder = folder;
      await this.#client.list(folder.entry.id, (entries) => this.#take(entries, signal), signal);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.failure = describeError(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  /** Makes a folder in the one on screen and goes into it. Throws what the client throws. */
  async makeFolder(name: string): Promise<{ undo?: string }> {
    const { folder, path } = this;
    if (folder === undefined) return {};
    const made = await this.#client.makeFolder(folder.entry.id, name);
    if (this.folder === folder) await this.open([...path, made.name]);
    return made;
  }

  stop(): void {
    this.#abort.abort();
  }

  #take(entries: readonly Entry[], signal: AbortSignal): void {
    if (signal.aborted) return;
    const withFiles = this.#task.withFiles === true;
    const found = entries.filter(
      ({ kind, hidden, unreadable }) =>
        (withFiles || kind === 'folder') && !hidden && unreadable === undefined,
    );
    if (found.length === 0) return;
    this.choices = mergeSorted(this.choices, found.sort(foldersFirst), foldersFirst);
  }
}

function foldersFirst(a: Entry, b: Entry): number {
  if (a.kind !== b.kind) return a.kind === 'folder' ? -1 : 1;
  return compareNames(a.name, b.name);
}

function samePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}
