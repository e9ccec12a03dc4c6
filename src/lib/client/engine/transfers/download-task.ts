/** One download in the list. The bytes flow elsewhere; this counts them and can stop them. */
import type { ErrorDescription, Transfer, TransferState } from '../../types.ts';
import { Meter } from './progress-meter.ts';
import type { TicketProgress } from '../session/ticket-issuer.ts';
import { TransferFiles, type FileFacts } from './transfer-files.ts';
import type { TransferTask } from './transfers.ts';

export interface DownloadTaskDeps {
  readonly id: string;
  readonly name: string;
  readonly folderPath: readonly string[];
  /** In the order in which they are saved. */
  readonly files: readonly FileFacts[];
  /** What could not be read before it began. */
  readonly leftOut: readonly LeftOutFile[];
  readonly clock: () => number;
  /** Takes the right to read back, which breaks the stream off. */
  readonly stop: () => void;
  readonly changed: () => void;
}

/** A file that is not saved, and why. */
export interface LeftOutFile {
  readonly path: readonly string[];
  readonly reason: string;
}

export interface DownloadProgress extends Omit<TicketProgress, 'unreadable'> {
  readonly leftOut?: readonly LeftOutFile[];
}

export class DownloadTask implements TransferTask {
  readonly files: TransferFiles;
  readonly #deps: DownloadTaskDeps;
  readonly #meter: Meter;
  readonly #totalBytes: number;
  /** The file being saved, and the bytes of those before it. */
  #at = 0;
  #bytesBefore = 0;
  #state: TransferState = 'waiting';
  #error: ErrorDescription | undefined;

  constructor(deps: DownloadTaskDeps) {
    this.#deps = deps;
    const leftOut = deps.leftOut.map(({ path }) => ({ path, sizeBytes: 0 }));
    this.files = new TransferFiles([...deps.files, ...leftOut]);
    for (const { path, reason } of deps.leftOut) this.files.fail(path, unreadable(reason));
    this.#totalBytes = deps.files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    this.#meter = new Meter(this.#totalBytes, deps.clock);
  }

  /** What the reader of the bytes reports. */
  readonly progress = ({ doneBytes, state, error, leftOut = [] }: DownloadProgress): void => {
    if (this.#state === 'cancelled' || this.#state === 'done') return;
    this.#meter.update(doneBytes);
    for (const { path, reason } of leftOut) this.files.fail(path, unreadable(reason));
    this.#advance(doneBytes);
    this.#state = state;
    this.#error = error === undefined ? undefined : downloadFailed(error);
    if (state === 'done') for (const { path } of this.#deps.files) this.files.settle(path, 'done');
    else if (state !== 'running') this.files.cancelRest();
    if (state !== 'running') this.#deps.stop();
    this.#deps.changed();
  };

  /** The bytes were never requested: the browser or the user refused the download. */
  expire(): void {
    if (this.#state !== 'waiting') return;
    this.progress({ doneBytes: 0, state: 'failed', error: 'The browser did not start it.' });
  }

  describe(): Transfer {
    const { id, name, folderPath, files, leftOut } = this.#deps;
    const { failure } = this.files;
    const totalBytes = this.#totalBytes;
    const { secondsLeft, ...reading } = this.#meter.read();
    const isRunning = this.#state === 'running';
    const isDone = this.#state === 'done';
    return {
      id,
      direction: 'down',
      name,
      folderPath,
      totalBytes,
      files: files.length + leftOut.length,
      filesDone: this.files.counts.done,
      filesSkipped: 0,
      filesFailed: this.files.counts.failed,
      state: this.#state,
      doneBytes: isDone ? totalBytes : reading.doneBytes,
      bytesPerSecond: isRunning ? reading.bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
      ...(failure === undefined ? {} : { failure }),
    };
  }

  cancel(): void {
    this.#state = 'cancelled';
    this.files.cancelRest();
    this.#deps.stop();
    this.#deps.changed();
  }

  close(): void {
    this.#deps.stop();
  }

  /** One file after the other: how far a byte count has come among them. */
  #advance(doneBytes: number): void {
    const { files } = this.#deps;
    for (let file = files[this.#at]; file; file = files[this.#at]) {
      if (!this.files.isOpen(file.path)) {
        this.#at += 1;
        continue;
      }
      const inFile = doneBytes - this.#bytesBefore;
      this.files.restart(['running'], [file.path]);
      this.files.advance(file.path, inFile);
      if (inFile < file.sizeBytes) return;
      this.files.settle(file.path, 'done');
      this.#bytesBefore += file.sizeBytes;
      this.#at += 1;
    }
  }

  /** A browser's download is paused, resumed and retried where the browser shows it. */
  pause(): void {}
  resume(): void {}
  retry(): void {}
}

function unreadable(message: string): ErrorDescription {
  return { name: 'FileLeftOut', kind: 'damaged', message };
}

function downloadFailed(message: string): ErrorDescription {
  return { name: 'DownloadFailed', kind: 'offline', message };
}
