/** What was deleted and can still come back. */
import type { EntryId, TrashedEntry } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { isAbort } from '../app/describe-error.ts';
import { m } from '../text/messages.ts';

export class TrashState {
  entries = $state.raw<readonly TrashedEntry[]>([]);
  loading = $state(true);
  failure = $state.raw<unknown>(undefined);
  selected = $state.raw<ReadonlySet<EntryId>>(new Set());
  /** The question on screen: what is to go forever. */
  asking = $state<'selected' | 'all' | undefined>(undefined);
  readonly #app: AppState;
  #abort = new AbortController();

  constructor(app: AppState) {
    this.#app = app;
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
      this.selected = new Set(found.map((entry) => entry.id).filter((id) => this.selected.has(id)));
    } catch (error) {
      if (!isAbort(error)) this.failure = error;
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  toggle(id: EntryId): void {
    const next = new Set(this.selected);
    if (!next.delete(id)) next.add(id);
    this.selected = next;
  }

  toggleAll(): void {
    const all = this.selected.size === this.entries.length;
    this.selected = new Set(all ? [] : this.entries.map((entry) => entry.id));
  }

  async restore(ids: readonly EntryId[]): Promise<void> {
    await this.#app.attempt(async () => {
      await this.#app.client.restore(ids);
      this.#app.toasts.done(m.trash_restored({ count: ids.length }));
    });
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
