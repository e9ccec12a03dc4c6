/** A long act within the drive as a line of the list: copying, moving across spaces, deleting. */
import type { ErrorDescription, Transfer, TransferDirection, TransferState } from '../types.ts';
import { Meter } from './meter.ts';
import type { TransferTask } from './transfers.ts';

/** How far an act has come; what is unknown yet is 0. */
export interface ActProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly files: number;
  readonly current?: readonly string[];
}

export interface ActTaskDeps {
  readonly id: string;
  readonly kind: Exclude<TransferDirection, 'up' | 'down'>;
  readonly name: string;
  readonly folderPath: readonly string[];
  readonly clock: () => number;
  /** Breaks the work off; what was done stays and is whole. */
  readonly stop: () => void;
  readonly changed: () => void;
}

export class ActTask implements TransferTask {
  readonly #deps: ActTaskDeps;
  readonly #meter: Meter;
  #progress: ActProgress = { doneBytes: 0, totalBytes: 0, filesDone: 0, files: 0 };
  #state: TransferState = 'running';
  #error: ErrorDescription | undefined;

  constructor(deps: ActTaskDeps) {
    this.#deps = deps;
    this.#meter = new Meter(0, deps.clock);
  }

  readonly progress = (progress: ActProgress): void => {
    this.#progress = progress;
    this.#meter.totalBytes = progress.totalBytes;
    this.#meter.update(progress.doneBytes);
    this.#deps.changed();
  };

  end(state: 'done' | 'failed' | 'cancelled', error?: ErrorDescription): void {
    this.#state = state;
    this.#error = error;
    this.#deps.changed();
  }

  describe(): Transfer {
    const { id, kind, name, folderPath } = this.#deps;
    const { totalBytes, filesDone, files, current } = this.#progress;
    const { secondsLeft, doneBytes, bytesPerSecond } = this.#meter.read();
    const isRunning = this.#state === 'running';
    return {
      id,
      direction: kind,
      name,
      folderPath,
      totalBytes,
      doneBytes,
      files,
      filesDone,
      filesSkipped: 0,
      filesFailed: 0,
      state: this.#state,
      bytesPerSecond: isRunning ? bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(isRunning && current !== undefined ? { current } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  cancel(): void {
    if (this.#state === 'running') this.#deps.stop();
    this.end('cancelled');
  }

  close(): void {
    this.#deps.stop();
  }

  /** The person who asked for it was told how it ended, and asks again. */
  retry(): void {}
  pause(): void {}
  resume(): void {}
}
