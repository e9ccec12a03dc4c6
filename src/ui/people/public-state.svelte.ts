/** What everybody may read of one entry, for the sharing sheet. */
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { Changing } from './changing.svelte.ts';

export class PublicState extends Changing {
  /** False until it was asked. */
  isKnown = $state(false);
  /** What makes it public, from its root: its own path, or that of a folder above; undefined: nothing. */
  by = $state.raw<readonly string[]>();
  /** Where everybody can read it. */
  address = $state<string>();
  readonly #app: AppState;
  readonly #path: readonly string[];
  readonly #stop = new AbortController();

  constructor(app: AppState, path: readonly string[]) {
    super();
    this.#app = app;
    this.#path = path;
  }

  override async read(): Promise<void> {
    const { client } = this.#app;
    try {
      const by = await client.publicBy(this.#path, this.#stop.signal);
      this.address = by && (await client.publicAddress(this.#path));
      this.by = by;
      this.isKnown = true;
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    }
  }

  publish(): Promise<boolean> {
    return this.run(() => this.#app.client.publish(this.#path));
  }

  /** Gives the entry new keys. */
  unpublish(): Promise<boolean> {
    return this.run(() => this.#app.client.unpublish(this.#path));
  }

  stop(): void {
    this.#stop.abort();
  }
}
