/**
 * What a progress bar shows: bytes done, speed and seconds left.
 *
 * Work may be taken back by a retry and speed varies, but what a person sees does not run
 * backwards: shown bytes never shrink and shown seconds never grow while the work runs. A slow
 * stretch holds the number still instead.
 */

/** Weight of the past halves in this time: quick enough to follow, slow enough to read. */
const HALF_LIFE_MS = 3_000;
/** Before this much was seen, an estimate would be a guess. */
const LEAST_SEEN_MS = 1_000;

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

  constructor(totalBytes: number, clock: () => number) {
    this.totalBytes = totalBytes;
    this.#clock = clock;
  }

  /** Notes how many bytes are done now; may be fewer than before. */
  update(doneBytes: number): void {
    const now = this.#clock();
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
  }

  read(): MeterReading {
    const base = {
      doneBytes: this.#doneBytes,
      bytesPerSecond: Math.round(this.#bytesPerSecond),
    };
    if (this.#seenMs < LEAST_SEEN_MS || this.#bytesPerSecond <= 0) {
      return this.#shownSeconds === undefined ? base : { ...base, secondsLeft: this.#shownSeconds };
    }
    const left = Math.ceil((this.totalBytes - this.#doneBytes) / this.#bytesPerSecond);
    this.#shownSeconds = Math.min(left, this.#shownSeconds ?? Infinity);
    return { ...base, secondsLeft: this.#shownSeconds };
  }
}
