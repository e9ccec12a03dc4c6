/** What was deleted and can still come back. */
import type { EntryId, TrashedEntry } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { isAbort } from '../app/describe-error.ts';
import { DetailsCache } from '../drive/details-cache.svelte.ts';
import { m } from '../text/messages.ts';
import { routeInTrash } from './trash-route.ts';

export class TrashState {
  entries = $state.raw<readonly TrashedEntry[]>([]);
  loading = $state(true);
  failure = $state.raw<unknown>(undefined);
  /** The question on screen: what is to go forever. */
  asking = $state<'selected' | 'all' | undefined>(undefined);
  readonly details: DetailsCache;
  readonly #app: AppState;
  #chosen = $state.raw<ReadonlySet<EntryId>>(new Set());
  #abort = new AbortController();

  /** The selected entries that are still in the list: operations use only these. */
  readonly selected: ReadonlySet<EntryId> = $derived.by(() => {
    const ids = this.entries.map(({ id }) => id);
    return new Set(ids.filter((id) => this.#chosen.has(id)));
  });

  constructor(app: AppState) {
    this.#app = app;
    this.details = new DetailsCache(app.client);
  }

  async read(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    const found: TrashedEntry[] = [];
    this.failure = undefined;
    try {
      await this.#app.client.listTrash((entries) => found.push(...entries), signal);
      if (signal.aborted) return;
      this.entries = found.sort((a, b) => b.trashedMs - a.trashedMs);
      this.#chosen = this.selected;
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  stop(): void {
    this.#abort.abort();
    this.details.clear();
  }

  toggle(id: EntryId): void {
    const next = new Set(this.selected);
    if (!next.delete(id)) next.add(id);
    this.#chosen = next;
  }

  toggleAll(): void {
    const all = this.selected.size === this.entries.length;
    this.#chosen = new Set(all ? [] : this.entries.map((entry) => entry.id));
  }

  /** A look at a file, without taking it out. */
  open(entry: TrashedEntry): void {
    if (entry.unreadable !== undefined) this.#app.toasts.failed(entry.unreadable);
    else this.#app.router.go(routeInTrash(entry));
  }

  async restore(ids: readonly EntryId[]): Promise<void> {
    const restoring = this.#app.attempt(async () => {
      this.#app.undoHistory.did(await this.#app.client.restore(ids), ids.length, sayRestored);
    });
    await this.#app.undoHistory.during(restoring);
    await this.read();
  }

  /** Does what was asked about. */
  async remove(): Promise<void> {
    const { asking } = this;
    const ids = [...this.selected];
    this.asking = undefined;
    await this.#app.attempt(async () => {
      if (asking === 'all') await this.#app.client.emptyTrash();
      else await this.#app.client.removeForever(ids);
      this.#app.toasts.done(
        asking === 'all' ? m.trash_emptied() : m.trash_removed({ count: ids.length }),
      );
    });
    await this.read();
  }
}

const sayRestored = (count: number): string => m.trash_restored({ count });
