/** Walking the drive to choose files or folders for an app. */
import type { Client, Entry } from '#lib/client/index.ts';
import { extensionOf, kindByHints } from '#lib/content/index.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { compareNames, mergeSorted } from '../text/natural-order.ts';

export interface ItemWish {
  readonly kind: 'file' | 'folders';
  /** Without dot; undefined for every file. */
  readonly extension?: string | undefined;
  /** Pictures, sound and films only. */
  readonly media?: boolean;
  /** Several folders may be chosen. */
  readonly isMultiple?: boolean;
}

const MEDIA: ReadonlySet<string> = new Set(['image', 'video', 'audio']);
const foldersFirst = (a: Entry, b: Entry): number =>
  a.kind === b.kind ? compareNames(a.name, b.name) : a.kind === 'folder' ? -1 : 1;

export class ItemPickerState {
  path = $state.raw<readonly string[]>([]);
  entries = $state.raw<readonly Entry[]>([]);
  loading = $state(true);
  failure = $state<string | undefined>(undefined);
  /** Paths of folders that were chosen. */
  chosen = $state.raw<readonly (readonly string[])[]>([]);
  readonly #client: Client;
  readonly #wish: ItemWish;
  #abort = new AbortController();

  constructor(client: Client, wish: ItemWish) {
    this.#client = client;
    this.#wish = wish;
  }

  async open(path: readonly string[]): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    Object.assign(this, { path, entries: [], loading: true, failure: undefined });
    try {
      const folder = await this.#client.openFolder(path, signal);
      await this.#client.list(folder.entry.id, (entries) => this.#take(entries, signal), signal);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.failure = describeError(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  isChosen(path: readonly string[]): boolean {
    const text = path.join('/');
    return this.chosen.some((one) => one.join('/') === text);
  }

  toggle(path: readonly string[]): void {
    const others = this.chosen.filter((one) => one.join('/') !== path.join('/'));
    if (this.isChosen(path)) this.chosen = others;
    else this.chosen = this.#wish.isMultiple === true ? [...others, path] : [path];
  }

  stop(): void {
    this.#abort.abort();
  }

  #take(entries: readonly Entry[], signal: AbortSignal): void {
    if (signal.aborted) return;
    const found = entries.filter((entry) => this.#isShown(entry));
    this.entries = mergeSorted(this.entries, found.sort(foldersFirst), foldersFirst);
  }

  #isShown({ kind, hidden, unreadable, name, mimeType }: Entry): boolean {
    if (hidden || unreadable !== undefined) return false;
    if (kind === 'folder') return true;
    const { kind: wanted, extension, media } = this.#wish;
    if (wanted === 'folders') return false;
    if (extension !== undefined && extensionOf(name) !== extension.toLowerCase()) return false;
    return media !== true || MEDIA.has(kindByHints(name, mimeType));
  }
}
