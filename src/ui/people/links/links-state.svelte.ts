/** Secret links as a screen shows and changes them: those to one entry, or all there are. */
import type { EntryId, SecretLink, SecretLinkTerms, ShareRight } from '#lib/client/index.ts';
import type { AppState } from '../../app/app-state.svelte.ts';
import { describeError, isAbort } from '../../app/describe-error.ts';
import { Changing } from '../changing.svelte.ts';

/** What a link is made with where nothing was chosen. */
export const PLAIN_TERMS: SecretLinkTerms = { password: '', opens: false };

export class LinksState extends Changing {
  /** Undefined until it is known. */
  list = $state.raw<readonly SecretLink[]>();
  readonly #app: AppState;
  readonly #read: (signal: AbortSignal) => Promise<readonly SecretLink[]>;
  #abort = new AbortController();

  constructor(app: AppState, read: (signal: AbortSignal) => Promise<readonly SecretLink[]>) {
    super();
    this.#app = app;
    this.#read = read;
  }

  override async read(): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      const list = await this.#read(signal);
      if (signal.aborted) return;
      // Until now nothing but reading can have failed.
      if (this.list === undefined) this.failure = undefined;
      this.list = list;
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.failure = describeError(error);
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  /** The new link; undefined if there is none. */
  async make(
    id: EntryId,
    right: ShareRight,
    terms: SecretLinkTerms = PLAIN_TERMS,
  ): Promise<SecretLink | undefined> {
    let made: SecretLink | undefined;
    await this.run(async () => {
      made = await this.#app.client.makeLink(id, right, terms);
    });
    return made;
  }

  change(link: SecretLink, terms: SecretLinkTerms): Promise<boolean> {
    return this.run(() => this.#app.client.changeLink(link, terms));
  }

  remove(link: SecretLink): Promise<boolean> {
    return this.run(() => this.#app.client.removeLink(link));
  }
}
