/**
 * What a progress bar shows: bytes done, speed and seconds left.
 *
 * Work may be taken back by a retry and speed varies, but what a person sees does not run
 * backwards: shown bytes never shrink and shown seconds never grow while the work runs. A slow
 * stretch holds the number still instead.
 *
 * Many small files cost their number, not their bytes, and are stored in groups. Their time left is
 * told by what all files stored so far have cost, from the first one on; it grows only by much.
 */

/** Weight of the past halves in this time: quick enough to follow, slow enough to read. */
const HALF_LIFE_MS = 3_000;
/** Before this much was seen, an estimate would be a guess. */
const LEAST_SEEN_MS = 1_000;
/** What storing one more file costs, in bytes of a large one. */
const FILE_COST_BYTES = 64 * 1024;
/** An estimate this much longer than the one on screen is news, and told. */
const NEWS = 2;

export interface MeterReading {
  readonly doneBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
}

export class Meter {
  readonly #clock: () => number;
  /** What there is to do, as far as known. */
  totalBytes: number;
  #doneBytes = 0;
  #bytesPerSecond = 0;
  #seenMs = 0;
  #lastMs: number | undefined;
  #lastBytes = 0;
  #shownSeconds: number | undefined;
  readonly #files: number;
  #doneFiles = 0;
  /** Since when, with what already done, the files stored until `untilMs` were stored. */
  #stored: { sinceMs: number; before: number; untilMs: number; after: number } | undefined;

  constructor(totalBytes: number, clock: () => number, files = 1) {
    this.totalBytes = totalBytes;
    this.#clock = clock;
    this.#files = files;
  }

  /** Notes how many bytes and files are done now; bytes may be fewer than before. */
  update(doneBytes: number, doneFiles = 0): void {
    const now = this.#clock();
    this.#noteStored(now, doneBytes, doneFiles);
    if (this.#lastMs === undefined) {
      this.#lastMs = now;
      this.#lastBytes = doneBytes;
    }
    const elapsedMs = now - this.#lastMs;
    if (elapsedMs > 0) {
      const speed = (Math.max(0, doneBytes - this.#lastBytes) * 1000) / elapsedMs;
      // The first stretches count by their own length, later ones by the half-life.
      const kept = Math.min(0.5 ** (elapsedMs / HALF_LIFE_MS), this.#seenMs / HALF_LIFE_MS);
      this.#bytesPerSecond = this.#bytesPerSecond * kept + speed * (1 - kept);
      this.#seenMs += elapsedMs;
      this.#lastMs = now;
      this.#lastBytes = doneBytes;
    }
    this.#doneBytes = Math.max(this.#doneBytes, Math.min(doneBytes, this.totalBytes));
  }

  /** Forgets the speed: after a pause, the time before says nothing. */
  rest(): void {
    this.#lastMs = undefined;
    this.#bytesPerSecond = 0;
    this.#seenMs = 0;
    this.#stored = undefined;
  }

  read(): MeterReading {
    const base = {
      doneBytes: this.#doneBytes,
      bytesPerSecond: Math.round(this.#bytesPerSecond),
    };
    this.#shownSeconds = this.#isManyFiles ? this.#leftByFiles() : this.#leftByBytes();
    return this.#shownSeconds === undefined ? base : { ...base, secondsLeft: this.#shownSeconds };
  }

  #leftByBytes(): number | undefined {
    if (this.#seenMs < LEAST_SEEN_MS || this.#bytesPerSecond <= 0) return this.#shownSeconds;
    const left = Math.ceil((this.totalBytes - this.#doneBytes) / this.#bytesPerSecond);
    return Math.min(left, this.#shownSeconds ?? Infinity);
  }

  #leftByFiles(): number | undefined {
    const { sinceMs, before, untilMs, after } = this.#stored ?? NOTHING;
    if (untilMs - sinceMs < LEAST_SEEN_MS || after <= before) return this.#shownSeconds;
    const total = this.totalBytes + this.#files * FILE_COST_BYTES;
    const leftMs = ((untilMs - sinceMs) / (after - before)) * (total - after);
    const left = Math.max(1, Math.ceil((untilMs + leftMs - this.#clock()) / 1000));
    const shown = this.#shownSeconds ?? Infinity;
    return left > shown * NEWS ? left : Math.min(left, shown);
  }

  #noteStored(now: number, doneBytes: number, doneFiles: number): void {
    const done = doneBytes + doneFiles * FILE_COST_BYTES;
    this.#stored ??= { sinceMs: now, before: done, untilMs: now, after: done };
    if (doneFiles > this.#doneFiles) this.#stored = { ...this.#stored, untilMs: now, after: done };
    this.#doneFiles = doneFiles;
  }

  get #isManyFiles(): boolean {
    return this.#files > 1 && this.#files * FILE_COST_BYTES > this.totalBytes;
  }
}

const NOTHING = { sinceMs: 0, before: 0, untilMs: 0, after: 0 };
