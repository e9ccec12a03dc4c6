/** Hands unsaved work to the engine: soon after a change, and never two at once. */
import type { fileCalls } from '#lib/frames/index.ts';
import type { Caller } from '#lib/rpc/index.ts';
import { draftToBytes, type Draft } from './draft.ts';

/** After the last change; a long run of typing is kept in between. */
const AFTER_MS = 600;
const AT_LEAST_EVERY_MS = 4_000;

export class DraftKeeper {
  readonly #file: Caller<typeof fileCalls>;
  readonly #make: () => Draft;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waitingSinceMs: number | undefined;
  /** The work was thrown away: nothing of it is kept before the next change. */
  #isOver = false;
  /** Whether the engine may have a draft. */
  #isKept = false;
  #running: Promise<void> = Promise.resolve();

  constructor(file: Caller<typeof fileCalls>, make: () => Draft) {
    this.#file = file;
    this.#make = make;
  }

  /** There was a change. */
  later(): void {
    this.#isOver = false;
    const now = performance.now();
    this.#waitingSinceMs ??= now;
    clearTimeout(this.#timer);
    const left = this.#waitingSinceMs + AT_LEAST_EVERY_MS - now;
    this.#timer = setTimeout(() => void this.now(), Math.max(0, Math.min(AFTER_MS, left)));
  }

  /** Keeps the work as it is now. What is too large, or has no room, is not kept. */
  now(): Promise<void> {
    this.#stop();
    return this.#after(async () => {
      if (this.#isOver) return;
      const bytes = draftToBytes(this.#make());
      this.#isKept = true;
      await this.#file.call('keepDraft', [bytes], { transfer: [bytes.buffer] });
    });
  }

  /** There is nothing unsaved any more. */
  drop(): void {
    this.#stop();
    void this.#after(async () => {
      if (!this.#isKept) return;
      this.#isKept = false;
      await this.#file.call('dropDraft', []);
    });
  }

  /** The user threw the work away, perhaps that of an earlier start. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#isKept = true;
    this.drop();
    await this.#running;
  }

  #stop(): void {
    clearTimeout(this.#timer);
    this.#waitingSinceMs = undefined;
  }

  #after(work: () => Promise<void>): Promise<void> {
    const run = this.#running.then(work).catch(() => undefined);
    this.#running = run;
    return run;
  }
}
