/** Counts an upload for those who watch it. */
import type { FilePlan } from './upload-plan.ts';
import type { Progress } from '../types.ts';

export class UploadMeter {
  readonly #totalBytes: number;
  readonly #files: number;
  readonly #tell: ((progress: Progress) => void) | undefined;
  #doneBytes = 0;
  #filesDone = 0;

  constructor(plans: readonly FilePlan[], tell: ((progress: Progress) => void) | undefined) {
    this.#totalBytes = plans.reduce((sum, { source }) => sum + source.sizeBytes, 0);
    this.#files = plans.length;
    this.#tell = tell;
  }

  /** Bytes that are sealed; negative when some have to be done again. */
  sealed(bytes: number, current: readonly string[]): void {
    this.#doneBytes += bytes;
    this.#report(current);
  }

  filesStored(count: number): void {
    this.#filesDone += count;
    this.#report(undefined);
  }

  #report(current: readonly string[] | undefined): void {
    this.#tell?.({
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      filesDone: this.#filesDone,
      files: this.#files,
      ...(current ? { current } : {}),
    });
  }
}
