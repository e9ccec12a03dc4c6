/** One download in the list. The bytes flow elsewhere; this counts them and can stop them. */
import type { ErrorDescription, Transfer, TransferState } from '../types.ts';
import { Meter } from './meter.ts';
import type { TicketProgress } from './ticket-office.ts';
import type { TransferTask } from './transfers.ts';

export interface DownloadTaskDeps {
  readonly id: string;
  readonly name: string;
  readonly folderPath: readonly string[];
  readonly totalBytes: number;
  readonly files: number;
  readonly clock: () => number;
  /** Takes the right to read back, which breaks the stream off. */
  readonly stop: () => void;
  readonly changed: () => void;
}

export class DownloadTask implements TransferTask {
  readonly #deps: DownloadTaskDeps;
  readonly #meter: Meter;
  #state: TransferState = 'waiting';
  #error: ErrorDescription | undefined;

  constructor(deps: DownloadTaskDeps) {
    this.#deps = deps;
    this.#meter = new Meter(deps.totalBytes, deps.clock);
  }

  /** What the reader of the bytes reports. */
  readonly progress = ({ doneBytes, state, error }: TicketProgress): void => {
    if (this.#state === 'cancelled' || this.#state === 'done') return;
    this.#meter.update(doneBytes);
    this.#state = state;
    this.#error = error === undefined ? undefined : { name: 'DownloadFailed', message: error };
    if (state !== 'running') this.#deps.stop();
    this.#deps.changed();
  };

  /** Nobody came for the bytes: the browser refused the download, or a person did. */
  expire(): void {
    if (this.#state !== 'waiting') return;
    this.progress({ doneBytes: 0, state: 'failed', error: 'The browser did not start it.' });
  }

  describe(): Transfer {
    const { id, name, folderPath, totalBytes, files } = this.#deps;
    const { secondsLeft, ...reading } = this.#meter.read();
    const isRunning = this.#state === 'running';
    const isDone = this.#state === 'done';
    return {
      id,
      direction: 'down',
      name,
      folderPath,
      totalBytes,
      files,
      filesDone: isDone ? files : 0,
      state: this.#state,
      doneBytes: isDone ? totalBytes : reading.doneBytes,
      bytesPerSecond: isRunning ? reading.bytesPerSecond : 0,
      ...(isRunning && secondsLeft !== undefined ? { secondsLeft } : {}),
      ...(this.#error === undefined ? {} : { error: this.#error }),
    };
  }

  cancel(): void {
    this.#state = 'cancelled';
    this.#deps.stop();
    this.#deps.changed();
  }

  close(): void {
    this.#deps.stop();
  }

  /** A browser's download is paused, resumed and retried where the browser shows it. */
  pause(): void {}
  resume(): void {}
  retry(): void {}
}
