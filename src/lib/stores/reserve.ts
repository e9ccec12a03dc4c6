/**
 * A few MiB kept for the moment when the medium is full to the last byte: deleting writes a little
 * before it frees anything, and a browser then refuses even that. Small writes may use the room;
 * large ones may not, and are refused until it is kept again.
 */
import type { SegmentFiles } from './segment-files.ts';
import { StoreFull } from './types.ts';

const NAME = 'reserve';
/** Moving things to the trash and emptying it takes some 100 KiB, dozens of small changes fit. */
export const RESERVE_BYTES = 4 * 1024 * 1024;

export class Reserve {
  readonly #files: SegmentFiles;
  #restoring: Promise<void> | undefined;

  constructor(files: SegmentFiles) {
    this.#files = files;
  }

  /** Does a small piece of work; should the medium be full, once more in the room kept for it. */
  async backing<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof StoreFull) || !(await this.#giveUp())) throw error;
      return work();
    }
  }

  /** Keeps the room again if it is not kept. Throws {@link StoreFull}. */
  restore(): Promise<void> {
    this.#restoring ??= this.#restore().finally(() => (this.#restoring = undefined));
    return this.#restoring;
  }

  async #restore(): Promise<void> {
    const sizeBytes = await this.#files.sizeOf(NAME);
    if (sizeBytes === RESERVE_BYTES) return;
    if (sizeBytes !== undefined) await this.#files.remove(NAME);
    await this.#files.create(NAME, [new Uint8Array(RESERVE_BYTES)]);
  }

  async #giveUp(): Promise<boolean> {
    if ((await this.#files.sizeOf(NAME)) === undefined) return false;
    await this.#files.remove(NAME);
    return true;
  }
}
