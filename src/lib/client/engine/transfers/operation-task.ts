/** A long operation within the drive as a transfer: copy, move between writing spaces, delete. */
import type {
  ErrorDescription,
  Transfer,
  TransferDirection,
  TransferFailure,
  TransferState,
} from '../../types.ts';
import { Meter } from './progress-meter.ts';
import { TransferFiles } from './transfer-files.ts';
import type { TransferTask } from './transfers.ts';

/** The progress of an operation; numbers that are not known yet are 0. */
export interface OperationProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly filesDone: number;
  readonly files: number;
  readonly current?: readonly string[];
}

export interface OperationTaskDeps {
  readonly id: string;
  readonly kind: Exclude<TransferDirection, 'up' | 'down'>;
  readonly name: string;
  readonly folderPath: readonly string[];
  readonly clock: () => number;
  /** Stops the work; what was done stays and is complete. */
  readonly stop: () => void;
  readonly changed: () => void;
}

export class OperationTask implements TransferTask {
  readonly #deps: OperationTaskDeps;
  readonly #meter: Meter;
  #progress: OperationProgress = { doneBytes: 0, totalBytes: 0, filesDone: 0, files: 0 };
  #state: TransferState = 'running';
  #error: ErrorDescription | undefined;
  #leftOut: readonly TransferFailure[] = [];

  constructor(deps: OperationTaskDeps) {
    this.#deps = deps;
    this.#meter = new Meter(0, deps.clock);
  }

  readonly progress = (progress: OperationProgress): void => {
    this.#progress = progress;
    this.#meter.totalBytes = progress.totalBytes;
    this.#meter.update(progress.doneBytes);
    this.#deps.changed();
  };

  /** Adds entries that could not be read and are not in the result. */
  readonly leaveOut = (leftOut: readonly TransferFailure[]): void => {
    this.#leftOut = [...this.#leftOut, ...leftOut];
    this.#deps.changed();
  };

  /** The entries left out; the others are not listed. */
  get files(): TransferFiles {
    const files = new TransferFiles(this.#leftOut.map(({ path }) => ({ path, sizeBytes: 0 })));
    for (const { path, error } of this.#leftOut) files.fail(path, error);
    return files;
  }

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
    const [failure] = this.#leftOut;
    return {
      id,
      direction: kind,
      name,
      folderPath,
      totalBytes,
      doneBytes,
      files: Math.max(files, filesDone + this.#leftOut.length),
      filesDone,
      filesSkipped: 0,
      filesFailed: this.#leftOut.length,
      state: this.#state,
      bytesPerSecond: isRunning ? bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(isRunning && current !== undefined ? { current } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  cancel(): void {
    if (this.#state === 'running') this.#deps.stop();
    this.end('cancelled');
  }

  close(): void {
    this.#deps.stop();
  }

  /** The failure was reported to the user, who can start the operation again. */
  retry(): void {}
  pause(): void {}
  resume(): void {}
}
