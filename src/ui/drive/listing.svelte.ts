/**
 * What is in a folder: batches arrive while the first rows are already on screen, and are merged
 * into the order the person chose. A folder of 100,000 entries is sorted once per batch merge,
 * never as a whole on each arrival; the screen is refreshed at a pace the merging can keep.
 *
 * When the folder changes, a second listing is read behind the first and put in its place at
 * once, so nothing flickers.
 */
import type { Client, Entry, EntryId } from '#lib/client/index.ts';
import { isAbort } from '../app/describe-error.ts';
import { mergeSorted } from '../text/natural-order.ts';

export type CompareEntries = (a: Entry, b: Entry) => number;

/** The least time between two refreshes while batches stream in. */
const REFRESH_MS = 60;
/** Merging may take at most this share of the time. */
const REFRESH_COST = 4;

export class Listing {
  /** In order, everything read so far. */
  entries = $state.raw<readonly Entry[]>([]);
  loading = $state(true);
  failure = $state.raw<unknown>(undefined);
  /** Called when the first rows of a listing are there, or a second listing is in its place. */
  onShown: () => void = () => undefined;
  readonly #client: Client;
  #compare: CompareEntries;
  #abort = new AbortController();

  constructor(client: Client, compare: CompareEntries) {
    this.#client = client;
    this.#compare = compare;
  }

  /** Reads the folder; `quiet` keeps what is shown until the new listing is whole. */
  async read(folder: EntryId, quiet = false): Promise<void> {
    this.#abort.abort();
    const abort = (this.#abort = new AbortController());
    if (!quiet) {
      this.entries = [];
      this.loading = true;
    }
    this.failure = undefined;
    try {
      await this.#gather(folder, quiet, abort.signal);
    } catch (error) {
      if (!isAbort(error) && !abort.signal.aborted) this.failure = error;
    } finally {
      if (!abort.signal.aborted) this.loading = false;
    }
  }

  stop(): void {
    this.#abort.abort();
  }

  sort(compare: CompareEntries): void {
    this.#compare = compare;
    this.entries = [...this.entries].sort(compare);
  }

  /** Shows an entry that was just made, before the folder is read again. */
  add(entry: Entry): void {
    const others = this.entries.filter((one) => one.id !== entry.id && one.name !== entry.name);
    this.entries = mergeSorted(others, [entry], this.#compare);
  }

  remove(ids: ReadonlySet<EntryId>): void {
    this.entries = this.entries.filter((entry) => !ids.has(entry.id));
  }

  async #gather(folder: EntryId, quiet: boolean, signal: AbortSignal): Promise<void> {
    let sorted: readonly Entry[] = [];
    let pending: Entry[] = [];
    let refreshed = -Infinity;
    let cost = 0;
    let isShown = false;
    const show = (entries: readonly Entry[]) => {
      this.entries = entries;
      if (!isShown) this.onShown();
      isShown = true;
    };
    const merge = () => {
      const began = performance.now();
      sorted = mergeSorted(sorted, pending.sort(this.#compare), this.#compare);
      pending = [];
      if (!quiet) show(sorted);
      refreshed = performance.now();
      cost = refreshed - began;
    };
    const compareAtStart = this.#compare;
    await this.#client.list(
      folder,
      (entries) => {
        if (signal.aborted) return;
        pending.push(...entries);
        const due = refreshed + Math.max(REFRESH_MS, cost * REFRESH_COST);
        if (performance.now() >= due) merge();
      },
      signal,
    );
    if (signal.aborted) return;
    merge();
    show(compareAtStart === this.#compare ? sorted : [...sorted].sort(this.#compare));
  }
}
