/**
 * Bytes of any file: a window of rows that moves over it, read in pieces as they come in sight.
 * The window is bounded because no page is tall enough for the rows of a large file.
 */
import { SvelteMap } from 'svelte/reactivity';
import type { Client, EntryId } from '#lib/client/index.ts';

const PIECE_BYTES = 4_096;
const WINDOW_BYTES = 1 << 20;

export class HexState {
  sizeBytes = $state<number | undefined>(undefined);
  failure = $state.raw<unknown>(undefined);
  windowStart = $state(0);
  /** How many bytes stand in a row: 16, or 8 where there is no room for them. */
  rowBytes = $state<8 | 16>(16);
  readonly #client: Client;
  readonly #id: EntryId;
  readonly #pieces = new SvelteMap<number, Uint8Array>();
  readonly #asked = new Set<number>();
  readonly #abort = new AbortController();

  readonly windowEnd = $derived(Math.min(this.sizeBytes ?? 0, this.windowStart + WINDOW_BYTES));
  readonly rows = $derived(
    Array.from(
      { length: Math.ceil((this.windowEnd - this.windowStart) / this.rowBytes) },
      (_, at) => this.windowStart + at * this.rowBytes,
    ),
  );

  constructor(client: Client, id: EntryId) {
    this.#client = client;
    this.#id = id;
  }

  async open(): Promise<void> {
    this.failure = undefined;
    try {
      const [details] = await this.#client.details([this.#id], this.#abort.signal);
      this.sizeBytes = details?.sizeBytes ?? 0;
    } catch (error) {
      this.failure = error;
    }
  }

  /** The bytes of a row, if they have come. */
  row(start: number): Uint8Array | undefined {
    const piece = start - (start % PIECE_BYTES);
    const bytes = this.#pieces.get(piece);
    return bytes?.subarray(start - piece, start - piece + this.rowBytes);
  }

  /** Call in an effect for each row in sight. */
  want(start: number): void {
    const piece = start - (start % PIECE_BYTES);
    if (this.#asked.has(piece)) return;
    this.#asked.add(piece);
    void this.#read(piece);
  }

  /** Moves the window so that it holds this byte; answers with the row to scroll to. */
  go(byte: number): number {
    const last = Math.max(0, (this.sizeBytes ?? 0) - 1);
    const at = Math.min(last, Math.max(0, Math.floor(byte)));
    this.windowStart = at - (at % WINDOW_BYTES);
    return Math.floor((at - this.windowStart) / this.rowBytes);
  }

  /** To the window before or after. */
  page(by: 1 | -1): void {
    this.go(this.windowStart + by * WINDOW_BYTES);
  }

  stop(): void {
    this.#abort.abort();
  }

  async #read(piece: number): Promise<void> {
    const end = Math.min(this.sizeBytes ?? 0, piece + PIECE_BYTES);
    try {
      const bytes = await this.#client.readBytes(this.#id, piece, end, this.#abort.signal);
      this.#pieces.set(piece, bytes);
    } catch (error) {
      this.#asked.delete(piece);
      if (!this.#abort.signal.aborted) this.failure = error;
    }
  }
}
