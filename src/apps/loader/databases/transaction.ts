/**
 * Transactions: each runs its requests one after the other, commits when it has none left, and takes
 * back what it did when it is aborted. Those that write to the same stores wait for each other.
 */
import { NameList } from './names.ts';
import { IDBObjectStore } from './object-store.ts';
import type { Running, Upgradable } from './parts.ts';
import { snapshot, type StoreData } from './records.ts';
import { Handlers, type IDBRequest } from './request.ts';

export type Mode = 'readonly' | 'readwrite' | 'versionchange';

export class IDBTransaction extends Handlers implements Running {
  readonly db: Upgradable;
  readonly mode: Mode;
  readonly durability = 'default';
  error: DOMException | null = null;
  readonly stores: ReadonlyMap<string, StoreData>;
  readonly #ended: (isCommitted: boolean) => void;
  readonly #jobs: { readonly request: IDBRequest; readonly run: () => unknown }[] = [];
  readonly #undo: (() => void)[] = [];
  readonly #touched = new Set<StoreData>();
  readonly #objects = new Map<StoreData, IDBObjectStore>();
  #state: 'waiting' | 'running' | 'committing' | 'done' = 'waiting';
  #isScheduled = false;

  constructor(
    db: Upgradable,
    stores: ReadonlyMap<string, StoreData>,
    mode: Mode,
    ended: (isCommitted: boolean) => void,
  ) {
    super('abort', 'complete', 'error');
    this.db = db;
    this.stores = stores;
    this.mode = mode;
    this.#ended = ended;
  }

  get objectStoreNames(): readonly string[] {
    return NameList.named(this.stores.keys());
  }

  objectStore(name: string): IDBObjectStore {
    if (this.#state === 'done') {
      throw new DOMException('The transaction has ended.', 'InvalidStateError');
    }
    const data = this.stores.get(String(name));
    if (data === undefined) throw new DOMException('There is no such store.', 'NotFoundError');
    const known = this.#objects.get(data) ?? new IDBObjectStore(this, data);
    this.#objects.set(data, known);
    return known;
  }

  check(mustWrite = false): void {
    if (this.#state === 'done' || this.#state === 'committing') {
      throw new DOMException('The transaction is not active.', 'TransactionInactiveError');
    }
    if (mustWrite && this.mode === 'readonly') {
      throw new DOMException('The transaction is read-only.', 'ReadOnlyError');
    }
  }

  touch(store: StoreData): void {
    if (this.#touched.has(store)) return;
    this.#touched.add(store);
    this.#undo.push(snapshot(store));
  }

  /** Adds what takes back a change, should the transaction be aborted. */
  onUndo(work: () => void): void {
    this.#undo.push(work);
  }

  add(request: IDBRequest, run: () => unknown): IDBRequest {
    this.#jobs.push({ request, run });
    request.transaction = this;
    if (this.#state === 'running') this.#schedule();
    return request;
  }

  /** Its turn has come. */
  begin(): void {
    if (this.#state === 'waiting') this.#state = 'running';
    this.#schedule();
  }

  commit(): void {
    this.check();
    if (this.#state === 'running') this.#state = 'committing';
  }

  abort(): void {
    if (this.#state === 'done') {
      throw new DOMException('The transaction has ended.', 'InvalidStateError');
    }
    this.#fail(null);
  }

  #fail(error: DOMException | null): void {
    this.#state = 'done';
    this.error = error;
    for (const undo of this.#undo.toReversed()) undo();
    const jobs = this.#jobs.splice(0);
    setTask(() => {
      for (const { request } of jobs) {
        request.finish(undefined, new DOMException('It was aborted.', 'AbortError'));
        request.say(new Event('error', { bubbles: true, cancelable: true }), [this, this.db]);
      }
      this.say(new Event('abort', { bubbles: true }), [this.db]);
      this.#ended(false);
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setTask(() => {
      this.#isScheduled = false;
      if (this.#state !== 'done') this.#step();
    });
  }

  /** One request; what it brings may ask for more until the next task. */
  #step(): void {
    const job = this.#jobs.shift();
    if (job === undefined) {
      this.#state = 'done';
      this.#ended(true);
      this.say(new Event('complete'));
      return;
    }
    let error: DOMException | undefined;
    try {
      job.request.finish(job.run());
    } catch (thrown) {
      error =
        thrown instanceof DOMException ? thrown : new DOMException(String(thrown), 'UnknownError');
      job.request.finish(undefined, error);
    }
    const event =
      error === undefined
        ? new Event('success')
        : new Event('error', { bubbles: true, cancelable: true });
    const isPrevented = job.request.say(event, [this, this.db]);
    if ((this.#state as string) === 'done') return;
    if (error !== undefined && !isPrevented) this.#fail(error);
    else this.#schedule();
  }
}

const due: (() => void)[] = [];
let channel: MessageChannel | undefined;

/** A task of its own, without the least delay of timers. */
export function setTask(work: () => void): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    channel.port1.onmessage = () => due.shift()?.();
    (channel.port1 as { unref?: () => void }).unref?.();
  }
  due.push(work);
  channel.port2.postMessage(undefined);
}

/** Lets the transactions of one database begin in their order, beside each other where they may. */
export class Queue {
  readonly #waiting: IDBTransaction[] = [];
  readonly #running = new Set<IDBTransaction>();

  add(transaction: IDBTransaction): void {
    this.#waiting.push(transaction);
    setTask(() => this.#next());
  }

  ended(transaction: IDBTransaction): void {
    this.#running.delete(transaction);
    const at = this.#waiting.indexOf(transaction);
    if (at >= 0) this.#waiting.splice(at, 1);
    this.#next();
  }

  #next(): void {
    const before = [...this.#running];
    for (const transaction of [...this.#waiting]) {
      if (!before.some((other) => isInTheWay(other, transaction))) {
        this.#waiting.splice(this.#waiting.indexOf(transaction), 1);
        this.#running.add(transaction);
        transaction.begin();
      }
      before.push(transaction);
    }
  }
}

function isInTheWay(a: IDBTransaction, b: IDBTransaction): boolean {
  if (a.mode === 'readonly' && b.mode === 'readonly') return false;
  return [...b.stores.keys()].some((name) => a.stores.has(name));
}
