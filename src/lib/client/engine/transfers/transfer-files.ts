/**
 * The files of one transfer, each with how far it has come. Nobody need look: a listener gets
 * the whole list first and then, a few times a second, the rows that are different.
 */
import type {
  ErrorDescription,
  NumberedFile,
  TransferFile,
  TransferFileState,
} from '../../types.ts';

/** Rows of one message. */
const RUN_FILES = 1_000;
const TELL_INTERVAL_MS = 200;

export type FileFacts = Pick<TransferFile, 'path' | 'sizeBytes'>;
type FilePath = readonly string[];
type Counts = Readonly<Record<TransferFileState, number>>;

const OPEN = new Set<TransferFileState>(['waiting', 'running']);

export class TransferFiles {
  /** Bytes of all files so far. */
  doneBytes = 0;
  skippedBytes = 0;
  readonly #files: TransferFile[];
  readonly #at = new Map<string, number>();
  readonly #counts: Record<TransferFileState, number>;
  /** For each who looks, the rows not told yet. */
  readonly #watches = new Set<Set<number>>();
  #firstFailed: number | undefined;

  constructor(files: readonly FileFacts[]) {
    this.#files = files.map((file) => ({ ...file, doneBytes: 0, state: 'waiting' }));
    for (const [at, { path }] of files.entries()) this.#at.set(keyOf(path), at);
    const none = { running: 0, done: 0, failed: 0, skipped: 0, cancelled: 0 };
    this.#counts = { ...none, waiting: files.length };
  }

  get counts(): Counts {
    return this.#counts;
  }

  /** A file that failed, with its reason; the first of them. */
  get failure(): { path: FilePath; error: ErrorDescription } | undefined {
    const file = this.#firstFailed === undefined ? undefined : this.#files[this.#firstFailed];
    return file?.error && { path: file.path, error: file.error };
  }

  /** True while the file can still be stored. */
  isOpen(path: FilePath): boolean {
    return OPEN.has(this.#file(path)?.state ?? 'done');
  }

  /** More bytes of a file; fewer when some have to be done again. */
  advance(path: FilePath, bytes: number): void {
    const file = this.#file(path);
    if (file === undefined || !OPEN.has(file.state)) return;
    const doneBytes = Math.min(file.sizeBytes, Math.max(0, file.doneBytes + bytes));
    this.#put(path, { ...file, doneBytes, state: 'running' });
  }

  /** Files that are stored, or whose name was taken and which stay where they are. */
  settle(path: FilePath, state: 'done' | 'skipped'): void {
    const file = this.#file(path);
    if (file === undefined || !OPEN.has(file.state)) return;
    this.#put(path, { ...file, state, doneBytes: state === 'done' ? file.sizeBytes : 0 });
  }

  fail(path: FilePath, error: ErrorDescription): void {
    const file = this.#file(path);
    if (file !== undefined) this.#put(path, { ...file, doneBytes: 0, state: 'failed', error });
  }

  /** What is not stored waits again, from its beginning. */
  restart(states: readonly TransferFileState[], paths?: readonly FilePath[]): void {
    const files = paths?.flatMap((path) => this.#file(path) ?? []) ?? this.#files;
    for (const { path, sizeBytes, state } of files) {
      if (states.includes(state)) {
        this.#put(path, { path, sizeBytes, doneBytes: 0, state: 'waiting' });
      }
    }
  }

  /** What is not stored will not be. */
  cancelRest(): void {
    for (const file of this.#files) {
      if (OPEN.has(file.state)) this.#put(file.path, { ...file, doneBytes: 0, state: 'cancelled' });
    }
  }

  /** Tells all files in runs, then those that changed, until it is aborted. */
  async watch(tell: (files: readonly NumberedFile[]) => void, signal: AbortSignal): Promise<void> {
    const untold = new Set(this.#files.keys());
    this.#watches.add(untold);
    try {
      for (;;) {
        while (untold.size > 0) {
          const run = [...untold].slice(0, RUN_FILES);
          for (const at of run) untold.delete(at);
          tell(run.map((at) => ({ at, ...this.#files[at]! })));
        }
        await sleep(TELL_INTERVAL_MS, signal);
      }
    } finally {
      this.#watches.delete(untold);
    }
  }

  #file(path: FilePath): TransferFile | undefined {
    const at = this.#at.get(keyOf(path));
    return at === undefined ? undefined : this.#files[at];
  }

  #put(path: FilePath, file: TransferFile): void {
    const at = this.#at.get(keyOf(path))!;
    const before = this.#files[at]!;
    this.#files[at] = file;
    this.#counts[before.state] -= 1;
    this.#counts[file.state] += 1;
    this.doneBytes += file.doneBytes - before.doneBytes;
    this.skippedBytes += skippedBytesOf(file) - skippedBytesOf(before);
    if (file.state === 'failed') this.#firstFailed = Math.min(at, this.#firstFailed ?? at);
    if (this.#counts.failed === 0) this.#firstFailed = undefined;
    for (const untold of this.#watches) untold.add(at);
  }
}

function skippedBytesOf({ state, sizeBytes }: TransferFile): number {
  return state === 'skipped' ? sizeBytes : 0;
}

/** Names hold no `/`. */
function keyOf(path: FilePath): string {
  return path.join('/');
}

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason as Error);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}
