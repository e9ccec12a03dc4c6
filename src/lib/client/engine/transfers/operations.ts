/**
 * Operations within the drive that may take long. Each starts at once. One that takes longer than a
 * moment appears in the list of transfers, where it can be watched and cancelled; one that left
 * something out appears there in any case.
 */
import type { Random } from '#lib/bytes/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { TransferFailure } from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import { OperationTask, type OperationProgress, type OperationTaskDeps } from './operation-task.ts';
import type { Transfers } from './transfers.ts';

/** An operation that ends earlier is not listed. */
const SHOWN_AFTER_MS = 500;

export interface DriveOperationsDeps {
  readonly transfers: Transfers;
  readonly random: Random;
  readonly clock: () => number;
}

export interface OperationRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: OperationProgress) => void;
  /** Called with what could not be read; the rest goes on. */
  readonly onLeftOut: (leftOut: readonly TransferFailure[]) => void;
}

export class DriveOperations {
  readonly #deps: DriveOperationsDeps;

  constructor(deps: DriveOperationsDeps) {
    this.#deps = deps;
  }

  /** Runs the work. Throws what it throws, and an AbortError when it was cancelled. */
  async run<T>(
    about: Pick<OperationTaskDeps, 'kind' | 'name' | 'folderPath'>,
    work: (run: OperationRun) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const { transfers, random, clock } = this.#deps;
    const controller = new AbortController();
    const task: OperationTask = new OperationTask({
      ...about,
      id: ticketId(random),
      clock,
      stop: () => controller.abort(),
      changed: transfers.changed,
    });
    let isShown = false;
    const show = (): void => {
      if (!isShown) transfers.add(task);
      isShown = true;
    };
    const timer = setTimeout(show, SHOWN_AFTER_MS);
    const onLeftOut: OperationRun['onLeftOut'] = (leftOut) => {
      if (leftOut.length === 0) return;
      task.leaveOut(leftOut);
      show();
    };
    const either = signal ? AbortSignal.any([signal, controller.signal]) : controller.signal;
    try {
      const result = await work({ signal: either, onProgress: task.progress, onLeftOut });
      task.end('done');
      return result;
    } catch (error) {
      if (either.aborted) task.end('cancelled');
      else task.end('failed', describeError(error));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Adds up the progress of several parts of one operation, which run one after the other. */
export class ProgressSum {
  readonly #tell: (progress: OperationProgress) => void;
  #before: OperationProgress = { doneBytes: 0, totalBytes: 0, filesDone: 0, files: 0 };
  #now = this.#before;

  constructor(tell: (progress: OperationProgress) => void) {
    this.#tell = tell;
  }

  readonly onProgress = (part: OperationProgress): void => {
    const { doneBytes, totalBytes, filesDone, files } = this.#before;
    this.#now = {
      ...part,
      doneBytes: doneBytes + part.doneBytes,
      totalBytes: totalBytes + part.totalBytes,
      filesDone: filesDone + part.filesDone,
      files: files + part.files,
    };
    this.#tell(this.#now);
  };

  /** The current part has ended. */
  next(): void {
    this.#before = this.#now;
  }
}
