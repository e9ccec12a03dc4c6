/**
 * What a progress bar shows: bytes done, speed and seconds left.
 *
 * Work may be taken back by a retry and speed varies, but what a person sees does not run
 * backwards: shown bytes never shrink and shown seconds never grow while the work runs. A slow
 * stretch holds the number still instead.
 *
 * Many small files cost their number, not their bytes, and are stored in groups. Their time left is
 * told by what the files stored so far have cost, the last ones most; it grows only by much. While a
 * group takes longer than those before, what waits behind it is not counted down. Of several files
 * a share is told that counts files as well as bytes: bytes are sealed long before a file is stored.
 */

/** Weight of the past halves in this time: quick enough to follow, slow enough to read. */
const HALF_LIFE_MS = 3_000;
/** Before this much was seen, an estimate would be a guess. */
const LEAST_SEEN_MS = 1_000;
/** What storing one more file costs, in bytes of a large one. */
const FILE_COST_BYTES = 64 * 1024;
/** What storing files has cost weighs half after this share of all the work. */
const HALF_SHARE = 0.2;
/** An estimate this much longer than the one on screen is news, and told. */
const NEWS = 1.5;

export interface MeterReading {
  readonly doneBytes: number;
  readonly bytesPerSecond: number;
  readonly secondsLeft?: number;
  /** From 0 to 1, of several files. */
  readonly share?: number;
}

/** What groups of files have cost; work is in bytes, a file counting as some. */
interface Stored {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** All work done until then, and that of the last group. */
  readonly done: number;
  readonly lastGroup: number;
  /** How long groups took and what was in them, earlier ones weighing less. */
  readonly ms: number;
  readonly work: number;
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
  #share = 0;
  #stored: Stored | undefined;

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
    const share = (doneBytes + doneFiles * FILE_COST_BYTES) / this.#totalWork;
    this.#share = Math.min(1, Math.max(this.#share, share));
  }

  /** Forgets the speed: after a pause, the time before says nothing. */
  rest(): void {
    this.#lastMs = undefined;
    this.#bytesPerSecond = 0;
    this.#seenMs = 0;
    this.#stored = undefined;
    this.#shownSeconds = undefined;
  }

  read(): MeterReading {
    const secondsLeft = this.#isManyFiles ? this.#leftByFiles() : this.#leftByBytes();
    this.#shownSeconds = secondsLeft;
    return {
      doneBytes: this.#doneBytes,
      bytesPerSecond: Math.round(this.#bytesPerSecond),
      ...(secondsLeft === undefined ? {} : { secondsLeft }),
      ...(this.#files > 1 ? { share: this.#share } : {}),
    };
  }

  #leftByBytes(): number | undefined {
    if (this.#seenMs < LEAST_SEEN_MS || this.#bytesPerSecond <= 0) return this.#shownSeconds;
    const left = Math.ceil((this.totalBytes - this.#doneBytes) / this.#bytesPerSecond);
    return Math.min(left, this.#shownSeconds ?? Infinity);
  }

  #leftByFiles(): number | undefined {
    const { sinceMs, untilMs, done, lastGroup, ms, work } = this.#stored ?? NOTHING;
    if (untilMs - sinceMs < LEAST_SEEN_MS || work <= 0) return this.#shownSeconds;
    const msOf = (more: number): number => (ms / work) * more;
    const left = this.#totalWork - done;
    const untilEndMs = untilMs + msOf(left) - this.#clock();
    const seconds = Math.max(1, Math.ceil(Math.max(untilEndMs, msOf(left - lastGroup)) / 1000));
    const shown = this.#shownSeconds ?? Infinity;
    return seconds > shown * NEWS ? seconds : Math.min(seconds, shown);
  }

  #noteStored(now: number, doneBytes: number, doneFiles: number): void {
    const done = doneBytes + doneFiles * FILE_COST_BYTES;
    this.#stored ??= { ...NOTHING, sinceMs: now, untilMs: now, done };
    if (doneFiles > this.#doneFiles) {
      const { sinceMs, untilMs, done: before, ms, work } = this.#stored;
      const lastGroup = Math.max(0, done - before);
      const kept = 0.5 ** (lastGroup / (HALF_SHARE * this.#totalWork));
      this.#stored = {
        sinceMs,
        untilMs: now,
        done,
        lastGroup,
        ms: ms * kept + now - untilMs,
        work: work * kept + lastGroup,
      };
    }
    this.#doneFiles = doneFiles;
  }

  get #totalWork(): number {
    return this.totalBytes + this.#files * FILE_COST_BYTES;
  }

  get #isManyFiles(): boolean {
    return this.#files > 1 && this.#files * FILE_COST_BYTES > this.totalBytes;
  }
}

const NOTHING: Stored = { sinceMs: 0, untilMs: 0, done: 0, lastGroup: 0, ms: 0, work: 0 };
