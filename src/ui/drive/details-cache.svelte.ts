/**
 * Sizes, times and thumbnails of the rows on screen. A row requests its details while
 * it is mounted; requests are collected for 16 ms, the newest are answered first, and those of rows
 * that scrolled away are dropped.
 */
import { SvelteMap } from 'svelte/reactivity';
import type { Client, EntryDetails, EntryId } from '#lib/client/index.ts';

const BATCH = 48;
const GATHER_MS = 16;
const THUMBNAILS_KEPT = 600;

export class DetailsCache {
  /** Grows when what was known may be out of date; rows on screen then ask again. */
  generation = $state(0);
  readonly #client: Client;
  readonly #known = new SvelteMap<EntryId, EntryDetails>();
  readonly #asked = new Map<EntryId, number>();
  readonly #requested = new Set<EntryId>();
  readonly #thumbnails = new Map<EntryId, { blob: Blob; url: string }>();
  #gathering = false;
  #working = false;

  constructor(client: Client) {
    this.#client = client;
  }

  get(id: EntryId): EntryDetails | undefined {
    return this.#known.get(id);
  }

  /** Asks for the details of a mounted row; call the result to cancel the request. Call in an effect. */
  request(id: EntryId): () => void {
    if (this.#asked.get(id) !== this.generation) {
      this.#requested.add(id);
      if (!this.#gathering) setTimeout(() => void this.#work(), GATHER_MS);
      this.#gathering = true;
    }
    return () => this.#requested.delete(id);
  }

  /** Details of many entries, for sorting or adding up; those known from before may be enough. */
  async requestAll(
    ids: Iterable<EntryId>,
    signal: AbortSignal,
    { onlyUnknown = false } = {},
  ): Promise<void> {
    const missing = [...ids].filter((id) =>
      onlyUnknown ? !this.#asked.has(id) : this.#asked.get(id) !== this.generation,
    );
    for (let at = 0; at < missing.length && !signal.aborted; at += BATCH * 4) {
      await this.#ask(missing.slice(at, at + BATCH * 4));
    }
  }

  /** An address for the thumbnail, made once and given back when many newer ones came. */
  thumbnailUrl(id: EntryId): string | undefined {
    const blob = this.#known.get(id)?.thumbnail;
    if (blob === undefined) return undefined;
    const kept = this.#thumbnails.get(id);
    if (kept?.blob === blob) return kept.url;
    this.#dropThumbnail(id);
    const url = URL.createObjectURL(blob);
    this.#thumbnails.set(id, { blob, url });
    if (this.#thumbnails.size > THUMBNAILS_KEPT) {
      this.#dropThumbnail(this.#thumbnails.keys().next().value);
    }
    return url;
  }

  /** What is known may have changed: it stays on screen until the answer comes. */
  refresh(): void {
    this.generation += 1;
  }

  clear(): void {
    this.#requested.clear();
    this.#asked.clear();
    this.#known.clear();
    for (const id of [...this.#thumbnails.keys()]) this.#dropThumbnail(id);
  }

  async #work(): Promise<void> {
    this.#gathering = false;
    if (this.#working) return;
    this.#working = true;
    try {
      while (this.#requested.size > 0) {
        const batch = [...this.#requested].slice(-BATCH);
        for (const id of batch) this.#requested.delete(id);
        await this.#ask(batch);
      }
    } finally {
      this.#working = false;
    }
  }

  async #ask(ids: readonly EntryId[]): Promise<void> {
    for (const id of ids) this.#asked.set(id, this.generation);
    try {
      for (const details of await this.#client.details(ids)) this.#known.set(details.id, details);
    } catch {
      // The rows stay without details; the folder itself says if it cannot be read.
      for (const id of ids) this.#asked.delete(id);
    }
  }

  #dropThumbnail(id: EntryId | undefined): void {
    if (id === undefined) return;
    const kept = this.#thumbnails.get(id);
    if (kept !== undefined) URL.revokeObjectURL(kept.url);
    this.#thumbnails.delete(id);
  }
}
