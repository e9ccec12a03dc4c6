/**
 * The list of transfers: uploads and downloads, running, waiting and finished. It starts what may
 * run, passes on a person's commands, and tells the screens a few times a second.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { Transfer } from '../../types.ts';
import type { TransferFiles } from './transfer-files.ts';

/** One line of the list. It calls `changed` whenever its description does. */
export interface TransferTask {
  describe(): Transfer;
  /** Absent: it is not known which files there are. */
  readonly files?: TransferFiles;
  /** Begins to work; called once it is its turn. Absent: it runs by itself. */
  start?(): Promise<void>;
  pause(): void;
  resume(): void;
  cancel(): void;
  retry(): void;
  /** The session ends; what can go on later stays as it is. */
  close(): void;
}

/** The transfer is not (or no longer) in the list. */
export class UnknownTransfer extends PyrgosError {
  override readonly name = 'UnknownTransfer';
  override readonly kind = 'not-found';
  constructor() {
    super('This transfer is no longer in the list.');
  }
}

const TELL_INTERVAL_MS = 200;
/** More would only share the same processor. */
const UPLOADS_AT_ONCE = 2;
const FINISHED = new Set<Transfer['state']>(['done', 'cancelled', 'failed']);

export class Transfers {
  readonly #tell: (transfers: readonly Transfer[]) => void;
  readonly #tasks = new Map<string, TransferTask>();
  readonly #running = new Set<TransferTask>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #lastStates = '';

  constructor(tell: (transfers: readonly Transfer[]) => void) {
    this.#tell = tell;
  }

  add(task: TransferTask): string {
    const { id } = task.describe();
    this.#tasks.set(id, task);
    this.changed();
    return id;
  }

  /** Something about a task is different. A change of state is told at once, numbers a bit later. */
  readonly changed = (): void => {
    this.#startWaiting();
    const states = [...this.#tasks.values()].map((task) => task.describe().state).join();
    if (states !== this.#lastStates) {
      this.#lastStates = states;
      this.#tellNow();
    } else {
      this.#timer ??= setTimeout(() => this.#tellNow(), TELL_INTERVAL_MS);
    }
  };

  /** Throws UnknownTransfer. */
  task(id: string): TransferTask {
    const task = this.#tasks.get(id);
    if (task === undefined) throw new UnknownTransfer();
    return task;
  }

  remove(id: string): void {
    this.#tasks.delete(id);
    this.changed();
    this.#tellNow();
  }

  clearFinished(): void {
    for (const [id, task] of this.#tasks) {
      if (FINISHED.has(task.describe().state)) this.#tasks.delete(id);
    }
    this.#tellNow();
  }

  get isIdle(): boolean {
    return [...this.#tasks.values()].every((task) => task.describe().state !== 'running');
  }

  /** Ends everything: the session is over. */
  close(): void {
    const tasks = [...this.#tasks.values()];
    this.#tasks.clear();
    for (const task of tasks) if (!FINISHED.has(task.describe().state)) task.close();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #startWaiting(): void {
    for (const task of this.#tasks.values()) {
      if (this.#running.size >= UPLOADS_AT_ONCE) return;
      if (task.start === undefined || this.#running.has(task)) continue;
      if (task.describe().state !== 'waiting') continue;
      this.#running.add(task);
      void task.start().finally(() => {
        this.#running.delete(task);
        this.changed();
      });
    }
  }

  #tellNow(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#tell([...this.#tasks.values()].map((task) => task.describe()));
  }
}
