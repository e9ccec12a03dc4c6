/** What the sharing sheet shows and does, for one or several entries. */
import type { EntryAccess, EntryId, ShareRecipient, ShareRight } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';

export class ShareState {
  access = $state.raw<readonly EntryAccess[]>([]);
  loading = $state(true);
  busy = $state(false);
  failure = $state<string>();
  readonly #app: AppState;
  readonly #ids: readonly EntryId[];
  #abort = new AbortController();

  constructor(app: AppState, ids: readonly EntryId[]) {
    this.#app = app;
    this.#ids = ids;
  }

  /** Who has access already; of several entries that is not shown. */
  async read(): Promise<void> {
    const [only, ...others] = this.#ids;
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      if (only !== undefined && others.length === 0) {
        this.access = await this.#app.client.access(only, signal);
      }
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      if (!signal.aborted) this.loading = false;
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  share(recipients: readonly ShareRecipient[], right: ShareRight): Promise<boolean> {
    return this.#run(() => this.#app.client.share(this.#ids, recipients, right));
  }

  /** Takes away what was given to the entry itself. */
  unshare({ recipient, right }: EntryAccess): Promise<boolean> {
    const [only] = this.#ids;
    return this.#run(async () => {
      if (only !== undefined) await this.#app.client.unshare(only, [recipient], right);
    });
  }

  async #run(act: () => Promise<unknown>): Promise<boolean> {
    this.busy = true;
    this.failure = undefined;
    try {
      await act();
      await this.read();
      return true;
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
