/**
 * How the entries of the folder on screen are shared: one question about the folder, asked when its
 * first rows are there, so that no row waits for it.
 */
import type { Client, EntryId, EntrySharing } from '#lib/client/index.ts';

export class SharingMarks {
  #byName = $state.raw<ReadonlyMap<string, EntrySharing>>(new Map());
  readonly #client: Client;
  #abort = new AbortController();

  constructor(client: Client) {
    this.#client = client;
  }

  /** Undefined: not shared, or not known yet. */
  get(name: string): EntrySharing | undefined {
    return this.#byName.get(name);
  }

  /** What is known stays until the answer is there. */
  async read(folder: EntryId): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    try {
      const entries = await this.#client.sharingIn(folder, signal);
      if (!signal.aborted) this.#byName = new Map(entries.map((entry) => [entry.name, entry]));
    } catch {
      // The list says what is wrong with a folder; without an answer there is nothing to mark.
    }
  }

  clear(): void {
    this.#abort.abort();
    this.#byName = new Map();
  }
}
