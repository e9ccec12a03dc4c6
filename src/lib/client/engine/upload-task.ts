/**
 * One upload in the list: some files and folders into one folder.
 *
 * What is stored stays stored: a pause, a failure or a reload never takes back a finished file. A
 * file that cannot be stored does not stop the others; it stays in the list with its reason and
 * can be tried again. Only what concerns everything (no room left, signed out) stops everything.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Progress } from '#lib/drive/index.ts';
import type { ErrorDescription, Transfer, TransferFailure, TransferState } from '../types.ts';
import { describeError } from '../wire/rpc.ts';
import { Gate } from './gate.ts';
import { Meter } from './meter.ts';
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
  /** Parts that are stored for good, as soon as they are. */
  readonly onStored: (paths: readonly (readonly string[])[]) => void;
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

/** Errors that no other file would escape. */
const STOPS_ALL = new Set([
  'StoreFull',
  'StoreUnavailable',
  'QuotaExceeded',
  'NotWritable',
  'NodeUnreachable',
  'PathNotFound',
  'DanglingEntry',
]);
/** A person reads a few reasons, not ten thousand. */
const SHOWN_FAILURES = 100;

export class UploadTask implements TransferTask {
  readonly #deps: UploadTaskDeps;
  readonly #gate = new Gate();
  readonly #parts: readonly UploadPart[];
  readonly #totalBytes: number;
  readonly #meter: Meter;
  readonly #pending = new Map<string, UploadPart>();
  readonly #failures = new Map<string, TransferFailure>();
  #controller = new AbortController();
  #state: TransferState = 'waiting';
  #error: ErrorDescription | undefined;
  #storedBytes = 0;
  #current: readonly string[] | undefined;

  constructor(deps: UploadTaskDeps, parts: readonly UploadPart[]) {
    this.#deps = deps;
    this.#parts = parts;
    this.#totalBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
    this.#meter = new Meter(this.#totalBytes, deps.clock);
    for (const part of parts) this.#pending.set(keyOf(part.path), part);
  }

  describe(): Transfer {
    const { id, name, folderPath } = this.#deps;
    const failures = [...this.#failures.values()].slice(0, SHOWN_FAILURES);
    const { secondsLeft, ...reading } = this.#meter.read();
    const isRunning = this.#state === 'running';
    return {
      id,
      direction: 'up',
      name,
      folderPath,
      totalBytes: this.#totalBytes,
      files: this.#parts.length,
      filesDone: this.#parts.length - this.#pending.size - this.#failures.size,
      state: this.#state,
      ...reading,
      bytesPerSecond: isRunning ? reading.bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(isRunning && this.#current !== undefined ? { current: this.#current } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(failures.length === 0 ? {} : { failures }),
    };
  }

  async start(): Promise<void> {
    this.#state = this.#gate.isClosed ? 'paused' : 'running';
    this.#deps.changed();
    const { signal } = this.#controller;
    try {
      for (const batch of batchesOf([...this.#pending.values()])) await this.#store(batch, signal);
      if (signal.aborted) return;
      const [failure] = this.#failures.values();
      this.#finish(failure === undefined ? 'done' : 'failed', failure?.error);
    } catch (error) {
      if (!signal.aborted) this.#finish('failed', describeError(error));
    }
  }

  pause(): void {
    if (this.#state !== 'running' && this.#state !== 'waiting') return;
    this.#gate.close();
    // A task that waits for its turn keeps waiting: its place in the queue is not lost.
    if (this.#state === 'running') this.#state = 'paused';
    this.#meter.rest();
    this.#deps.changed();
  }

  resume(): void {
    if (!this.#gate.isClosed) return;
    this.#gate.open();
    if (this.#state === 'paused') this.#state = 'running';
    this.#deps.changed();
  }

  cancel(): void {
    this.#finish('cancelled', undefined);
    this.#controller.abort(CANCELLED);
    this.#gate.open();
  }

  close(): void {
    this.#controller.abort(CLOSED);
    this.#gate.open();
  }

  retry(): void {
    if (this.#state !== 'failed' && this.#state !== 'cancelled') return;
    const failed = new Set(this.#failures.keys());
    for (const part of this.#parts) {
      if (failed.has(keyOf(part.path))) this.#pending.set(keyOf(part.path), part);
    }
    this.#failures.clear();
    this.#error = undefined;
    this.#controller = new AbortController();
    this.#gate.open();
    this.#meter.rest();
    this.#state = 'waiting';
    this.#deps.changed();
  }

  /** Stores a batch; if it fails, halves it until the parts at fault are found. */
  async #store(batch: readonly UploadPart[], signal: AbortSignal): Promise<void> {
    const parts = batch.filter((part) => this.#pending.has(keyOf(part.path)));
    if (parts.length === 0) return;
    await this.#gate.pass(signal);
    const storedBefore = this.#storedBytes;
    try {
      await this.#deps.store(parts, {
        signal,
        pace: (inner) => this.#gate.pass(inner ?? signal),
        onProgress: ({ doneBytes, current }) => {
          this.#current = current;
          this.#meter.update(storedBefore + doneBytes);
          this.#deps.changed();
        },
        onStored: (paths) => this.#stored(paths),
      });
      this.#stored(parts.map(({ path }) => path));
    } catch (error) {
      if (signal.aborted || !(error instanceof PyrgosError) || STOPS_ALL.has(error.name)) {
        throw error;
      }
      await this.#storeInHalves(parts, error, signal);
    }
  }

  async #storeInHalves(
    parts: readonly UploadPart[],
    error: PyrgosError,
    signal: AbortSignal,
  ): Promise<void> {
    const [only, ...more] = parts;
    if (only !== undefined && more.length === 0) {
      this.#pending.delete(keyOf(only.path));
      this.#failures.set(keyOf(only.path), { path: only.path, error: describeError(error) });
      this.#deps.changed();
      return;
    }
    const middle = Math.ceil(parts.length / 2);
    await this.#store(parts.slice(0, middle), signal);
    await this.#store(parts.slice(middle), signal);
  }

  #stored(paths: readonly (readonly string[])[]): void {
    for (const path of paths) {
      this.#storedBytes += this.#pending.get(keyOf(path))?.sizeBytes ?? 0;
      this.#pending.delete(keyOf(path));
    }
    this.#deps.changed();
  }

  #finish(state: TransferState, error: ErrorDescription | undefined): void {
    this.#state = state;
    this.#error = error;
    this.#current = undefined;
    this.#deps.changed();
  }
}

/** Names hold no `/`. */
function keyOf(path: readonly string[]): string {
  return path.join('/');
}
