/** How much lies in folders, counted when somebody asks, for as long as somebody looks. */
import type { Client, EntryId, FolderSum } from '#lib/client/index.ts';
import { describeError, isAbort } from '../app/describe-error.ts';

export class FolderSizeState {
  /** What was found so far. */
  sum = $state.raw<FolderSum | undefined>(undefined);
  isCounting = $state(false);
  failure = $state<string | undefined>(undefined);
  readonly #client: Pick<Client, 'measure'>;
  #abort = new AbortController();

  constructor(client: Pick<Client, 'measure'>) {
    this.#client = client;
  }

  async count(ids: readonly EntryId[]): Promise<void> {
    this.stop();
    const { signal } = (this.#abort = new AbortController());
    Object.assign(this, { isCounting: true, failure: undefined, sum: undefined });
    const tell = (sum: FolderSum): void => {
      if (!signal.aborted) this.sum = sum;
    };
    try {
      tell(await this.#client.measure(ids, tell, signal));
    } catch (error) {
      if (!signal.aborted && !isAbort(error)) this.failure = describeError(error);
    } finally {
      if (!signal.aborted) this.isCounting = false;
    }
  }

  /** A part of a sum is none. */
  stop(): void {
    this.#abort.abort();
    if (this.isCounting) this.sum = undefined;
    this.isCounting = false;
  }
}
