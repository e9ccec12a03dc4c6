/** What the sharing sheet shows and does, for one or several entries. */
import type {
  EntryAccess,
  EntryId,
  ResealProgress,
  ShareRecipient,
  ShareRight,
} from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { m } from '../text/messages.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { Changing } from './changing.svelte.ts';

export class ShareState extends Changing {
  access = $state.raw<readonly EntryAccess[]>([]);
  loading = $state(true);
  /** How far contents are sealed anew; undefined: not at it. */
  resealed = $state.raw<ResealProgress>();
  readonly #app: AppState;
  readonly #ids: readonly EntryId[];
  #abort = new AbortController();
  #resealing: AbortController | undefined;

  constructor(app: AppState, ids: readonly EntryId[]) {
    super();
    this.#app = app;
    this.#ids = ids;
  }

  /** Who has access already; of several entries that is not shown. */
  override async read(): Promise<void> {
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
    return this.run(() => this.#app.client.share(this.#ids, recipients, right));
  }

  /** Takes away what was given to the entry itself; then, if it is to be certain, seals it anew. */
  unshare({ recipient, right }: EntryAccess, isCertain: boolean): Promise<boolean> {
    const [only] = this.#ids;
    return this.run(async () => {
      if (only === undefined) return;
      await this.#app.client.unshare(only, [recipient], right);
      if (isCertain) await this.#reseal(only);
    });
  }

  /** What is left is sealed anew when it next changes. */
  leaveTheRest(): void {
    this.#resealing?.abort();
  }

  async #reseal(id: EntryId): Promise<void> {
    const { signal } = (this.#resealing = new AbortController());
    this.resealed = { files: 0, bytes: 0 };
    try {
      const onProgress = (progress: ResealProgress): void => void (this.resealed = progress);
      const left = await this.#app.client.reseal(id, onProgress, signal);
      if (left.length === 0) this.#app.toasts.done(m.share_certain_done());
      else this.failure = m.share_certain_left({ count: left.length });
    } catch (error) {
      if (!isAbort(error)) throw error;
    } finally {
      this.resealed = undefined;
    }
  }
}
