/**
 * One upload in the list: some files and folders into one folder.
 *
 * What is stored stays stored: a pause, a failure or a reload never takes back a finished file. A
 * file that cannot be stored does not stop the others; it stays in the list with its reason and
 * can be tried again. Only what concerns everything (no room left, signed out) stops everything.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { ErrorKind } from '#lib/bytes/index.ts';
import { DanglingEntry, PathNotFound } from '#lib/drive/index.ts';
import type { Progress, Uploaded } from '#lib/drive/index.ts';
import type { ErrorDescription, Transfer, TransferState } from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';
import { PauseController } from './pause-controller.ts';
import { Meter } from './progress-meter.ts';
import { TransferFiles } from './transfer-files.ts';
import type { TransferTask } from './transfers.ts';
import { batchesOf } from './upload-batches.ts';

/** A file or an empty folder to store. */
export interface UploadPart {
  /** Below the folder; the last is the name. */
  readonly path: readonly string[];
  readonly sizeBytes: number;
  readonly file?: Blob | undefined;
}

export interface UploadRun {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** What became of parts, as soon as it is settled for good. */
  readonly onSettled: (uploaded: readonly Uploaded[]) => void;
  readonly pace: (signal?: AbortSignal) => Promise<void>;
}

export interface UploadTaskDeps {
  readonly id: string;
  readonly name: string;
  readonly folderPath: readonly string[];
  readonly clock: () => number;
  /** Stores some parts; throws if one of them cannot be stored. */
  readonly store: (parts: readonly UploadPart[], run: UploadRun) => Promise<void>;
  readonly changed: () => void;
}

/** Why a signal was aborted: a person gave the upload up; or the session ends and it may go on later. */
export const CANCELLED = new DOMException('The upload was cancelled.', 'AbortError');
const CLOSED = new DOMException('The session ended.', 'AbortError');

const OF_EVERY_FILE: ReadonlySet<ErrorKind> = new Set(['quota', 'offline', 'refused']);

/** Whether no other file would escape it; the folder they all go to may have gone. */
function concernsAll(error: unknown): boolean {
  const isGone = error instanceof PathNotFound || error instanceof DanglingEntry;
  return !(error instanceof PyrgosError) || OF_EVERY_FILE.has(error.kind) || isGone;
}

export class UploadTask implements TransferTask {
  readonly files: TransferFiles;
  readonly #deps: UploadTaskDeps;
  readonly #pause = new PauseController();
  readonly #parts: readonly UploadPart[];
  readonly #totalBytes: number;
  /** Files and folders directly in the target. */
  readonly #items: number;
  readonly #meter: Meter;
  #controller = new AbortController();
  #state: TransferState = 'waiting';
  #error: ErrorDescription | undefined;
  #current: readonly string[] | undefined;

  constructor(deps: UploadTaskDeps, parts: readonly UploadPart[]) {
    this.#deps = deps;
    // Of two with one path the later one counts.
    this.#parts = [...new Map(parts.map((part) => [part.path.join('/'), part])).values()];
    this.files = new TransferFiles(this.#parts.map(({ path, sizeBytes }) => ({ path, sizeBytes })));
    this.#items = new Set(this.#parts.map(({ path }) => path[0])).size;
    this.#totalBytes = this.#parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    this.#meter = new Meter(this.#totalBytes, deps.clock, this.#parts.length);
  }

  describe(): Transfer {
    const { id, name, folderPath } = this.#deps;
    const { counts, failure, skippedBytes } = this.files;
    const { secondsLeft, ...reading } = this.#meter.read();
    const isRunning = this.#state === 'running';
    return {
      id,
      direction: 'up',
      name,
      ...(this.#items > 1 ? { items: this.#items } : {}),
      folderPath,
      totalBytes: this.#totalBytes - skippedBytes,
      files: this.#parts.length,
      filesDone: counts.done,
      filesSkipped: counts.skipped,
      filesFailed: counts.failed,
      state: this.#state,
      ...reading,
      bytesPerSecond: isRunning ? reading.bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(isRunning && this.#current !== undefined ? { current: this.#current } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  async start(): Promise<void> {
    this.#state = this.#pause.isPaused ? 'paused' : 'running';
    this.#count();
    const { signal } = this.#controller;
    try {
      const open = this.#parts.filter(({ path }) => this.files.isOpen(path));
      for (const batch of batchesOf(open)) await this.#store(batch, signal);
      if (signal.aborted) return;
      const { failure } = this.files;
      this.#finish(failure === undefined ? 'done' : 'failed', failure?.error);
    } catch (error) {
      if (!signal.aborted) this.#finish('failed', describeError(error));
    }
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return;
    this.#pause.pause();
    // A task that waits for its turn keeps waiting: its place in the queue is not lost.
    if (this.#state === 'running') this.#state = 'paused';
    this.#meter.rest();
    this.#deps.changed();
  }

  resume(): void {
    if (!this.#pause.isPaused) return;
    this.#pause.resume();
    if (this.#state === 'paused') this.#state = 'running';
    this.#deps.changed();
  }

  cancel(): void {
    this.files.cancelRest();
    this.#finish('cancelled', undefined);
    this.#controller.abort(CANCELLED);
    this.#pause.resume();
  }

  close(): void {
    this.#controller.abort(CLOSED);
    this.#pause.resume();
  }

  retry(): void {
    if (this.#state !== 'failed' && this.#state !== 'cancelled') return;
    this.files.restart(['failed', 'cancelled', 'running']);
    this.#error = undefined;
    this.#controller = new AbortController();
    this.#pause.resume();
    this.#meter.rest();
    this.#state = 'waiting';
    this.#deps.changed();
  }

  /** Stores a batch; if it fails, halves it until the parts at fault are found. */
  async #store(batch: readonly UploadPart[], signal: AbortSignal): Promise<void> {
    const parts = batch.filter(({ path }) => this.files.isOpen(path));
    if (parts.length === 0) return;
    const paths = parts.map(({ path }) => path);
    this.files.restart(['running'], paths);
    await this.#pause.untilResumed(signal);
    let toldBytes = 0;
    try {
      await this.#deps.store(parts, {
        signal,
        pace: (inner) => this.#pause.untilResumed(inner ?? signal),
        onProgress: ({ doneBytes, current }) => {
          if (current !== undefined) this.files.advance(current, doneBytes - toldBytes);
          toldBytes = doneBytes;
          this.#current = current;
          this.#count();
        },
        onSettled: (uploaded) => {
          for (const { path, outcome } of uploaded) {
            this.files.settle(path, outcome === 'skipped' ? 'skipped' : 'done');
          }
          this.#count();
        },
      });
      for (const path of paths) this.files.settle(path, 'done');
      this.#count();
    } catch (error) {
      if (signal.aborted || concernsAll(error)) throw error;
      await this.#storeInHalves(parts, error, signal);
    }
  }

  async #storeInHalves(
    parts: readonly UploadPart[],
    error: unknown,
    signal: AbortSignal,
  ): Promise<void> {
    const [only, ...more] = parts;
    if (only !== undefined && more.length === 0) {
      this.files.fail(only.path, describeError(error));
      this.#deps.changed();
      return;
    }
    const middle = Math.ceil(parts.length / 2);
    await this.#store(parts.slice(0, middle), signal);
    await this.#store(parts.slice(middle), signal);
  }

  #count(): void {
    this.#meter.totalBytes = this.#totalBytes - this.files.skippedBytes;
    const { done, skipped, failed } = this.files.counts;
    this.#meter.update(this.files.doneBytes, done + skipped + failed);
    this.#deps.changed();
  }

  #finish(state: TransferState, error: ErrorDescription | undefined): void {
    this.#state = state;
    this.#error = error;
    this.#current = undefined;
    this.#deps.changed();
  }
}
