/** Walking the folders to choose one. */
import type { Client, Entry, Folder } from '#lib/client/index.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { compareNames, mergeSorted } from '../text/natural-order.ts';

export class PickerState {
  path = $state.raw<readonly string[]>([]);
  folder = $state.raw<Folder | undefined>(undefined);
  folders = $state.raw<readonly Entry[]>([]);
  loading = $state(true);
  failure = $state<string | undefined>(undefined);
  readonly #client: Client;
  #abort = new AbortController();

  constructor(client: Client) {
    this.#client = client;
  }

  async open(path: readonly string[]): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    Object.assign(this, { path, folder: undefined, folders: [], loading: true });
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

  stop(): void {
    this.#abort.abort();
  }

  #take(entries: readonly Entry[], signal: AbortSignal): void {
    if (signal.aborted) return;
    const found = entries.filter(
      (entry) => entry.kind === 'folder' && !entry.hidden && entry.unreadable === undefined,
    );
    if (found.length === 0) return;
    const byName = (a: Entry, b: Entry) => compareNames(a.name, b.name);
    this.folders = mergeSorted(this.folders, found.sort(byName), byName);
  }
}
