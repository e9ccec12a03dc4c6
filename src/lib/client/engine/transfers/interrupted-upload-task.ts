/** An upload that an earlier visit left unfinished: the user chooses its file again, or cancels. */
import type { Transfer } from '../../types.ts';
import type { TransferTask } from './transfers.ts';

export class InterruptedUploadTask implements TransferTask {
  readonly id: string;
  /** Below the home; the last is the file's name. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly #forget: () => void;

  constructor(id: string, path: readonly string[], sizeBytes: number, forget: () => void) {
    this.id = id;
    this.path = path;
    this.sizeBytes = sizeBytes;
    this.#forget = forget;
  }

  describe(): Transfer {
    return {
      id: this.id,
      direction: 'up',
      name: this.path.at(-1) ?? '',
      folderPath: this.path.slice(0, -1),
      totalBytes: this.sizeBytes,
      doneBytes: 0,
      files: 1,
      filesDone: 0,
      filesSkipped: 0,
      filesFailed: 0,
      state: 'paused',
      bytesPerSecond: 0,
      needsFile: true,
      error: {
        name: 'UploadInterrupted',
        kind: 'cancelled',
        message: 'This upload was interrupted. Choose the file again to continue.',
      },
    };
  }

  /** Deletes the stored part. */
  cancel(): void {
    this.#forget();
  }

  /** Nothing runs: signing out leaves the record for the next visit. */
  close(): void {}
  pause(): void {}
  resume(): void {}
  retry(): void {}
}
