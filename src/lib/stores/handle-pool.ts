/**
 * Handles to one database, each of which has at most one transaction at a time.
 *
 * WebKit loses transactions of a worker that ends, as it does with its page: one that has not begun
 * stays with the database while another one of the same handle commits, and keeps everybody from
 * writing until the browser ends (https://bugs.webkit.org/show_bug.cgi?id=324094). A transaction that
 * has its handle to itself is ended with it.
 *
 * A handle gives way when another tab wants to upgrade or delete the database, and another one is
 * opened at the next use; so is one for a handle that the browser closed.
 */
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';
import { nameOf } from './browser-errors.ts';
import { StoreUnavailable } from './types.ts';

/** The number of simultaneous transactions; the browser would make more wait for each other. */
export const MAX_HANDLES = 8;

type Handle<Schema extends DBSchema> = IDBPDatabase<Schema>;

export class HandlePool<Schema extends DBSchema> {
  readonly #openHandle: () => Promise<Handle<Schema>>;
  readonly #open = new Set<Handle<Schema>>();
  readonly #idle: Handle<Schema>[] = [];
  /** Callers that wait for a handle, in order: transactions begin in the order of the calls. */
  readonly #waiting: PromiseWithResolvers<Handle<Schema>>[] = [];
  #opening = 0;
  #isClosed = false;

  constructor(openHandle: () => Promise<Handle<Schema>>) {
    this.#openHandle = openHandle;
  }

  /** Opens a handle if none is open, to learn whether that can be done. */
  async open(): Promise<void> {
    this.#release(await this.#take());
  }

  /** Begins a transaction, as soon as it can have a handle to itself. */
  async begin<Mode extends 'readonly' | 'readwrite'>(
    tables: readonly StoreNames<Schema>[],
    mode: Mode,
    durability: IDBTransactionDurability = 'default',
  ): Promise<IDBPTransaction<Schema, StoreNames<Schema>[], Mode>> {
    for (let attempt = 0; ; attempt++) {
      const handle = await this.#take();
      try {
        const transaction = handle.transaction([...tables], mode, { durability });
        const release = (): void => this.#release(handle);
        transaction.done.then(release, release);
        return transaction;
      } catch (error) {
        const isGone = nameOf(error) === 'InvalidStateError'; // it gave way since it was last used
        if (isGone) this.#forget(handle);
        else this.#release(handle);
        if (!isGone || attempt === MAX_HANDLES) throw error;
      }
    }
  }

  /** Begins no more transactions; those that run are not cut off. */
  close(): void {
    this.#isClosed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(closed());
    for (const handle of this.#open) handle.close();
    this.#open.clear();
    this.#idle.length = 0;
  }

  #take(): Promise<Handle<Schema>> {
    if (this.#isClosed) return Promise.reject(closed());
    const waiting = Promise.withResolvers<Handle<Schema>>();
    this.#waiting.push(waiting);
    this.#serve();
    return waiting.promise;
  }

  #serve(): void {
    while (this.#waiting.length > 0 && this.#idle.length > 0) {
      this.#waiting.shift()!.resolve(this.#idle.pop()!);
    }
    while (this.#waiting.length > this.#opening && this.#open.size + this.#opening < MAX_HANDLES) {
      void this.#openAnother();
    }
  }

  async #openAnother(): Promise<void> {
    this.#opening++;
    try {
      const handle = await this.#openHandle();
      this.#opening--;
      this.#add(handle);
    } catch (error) {
      this.#opening--;
      // As long as there is another handle, that one serves.
      if (this.#open.size + this.#opening > 0) return;
      for (const { reject } of this.#waiting.splice(0)) reject(error);
    }
  }

  #add(handle: Handle<Schema>): void {
    if (this.#isClosed) {
      handle.close();
      return;
    }
    handle.addEventListener('versionchange', () => {
      this.#forget(handle);
      handle.close();
    });
    handle.addEventListener('close', () => this.#forget(handle));
    this.#open.add(handle);
    this.#release(handle);
  }

  #release(handle: Handle<Schema>): void {
    if (!this.#open.has(handle)) return;
    this.#idle.push(handle);
    this.#serve();
  }

  #forget(handle: Handle<Schema>): void {
    if (!this.#open.delete(handle)) return;
    const at = this.#idle.indexOf(handle);
    if (at >= 0) this.#idle.splice(at, 1);
    this.#serve();
  }
}

function closed(): StoreUnavailable {
  return new StoreUnavailable('The storage was closed.');
}
