/** Connections to databases. */
import { checkedPath } from './keys.ts';
import { NameList } from './names.ts';
import type { IDBObjectStore } from './object-store.ts';
import type { DatabaseData, StoreData } from './records.ts';
import { Handlers } from './request.ts';
import { IDBTransaction, type Mode, type Queue } from './transaction.ts';

export class IDBDatabase extends Handlers {
  readonly data: DatabaseData;
  /** The transaction in which stores can be made and deleted, while it lasts. */
  upgrade: IDBTransaction | undefined;
  isClosed = false;
  readonly #queue: Queue;
  readonly #closed: () => void;
  #running = 0;

  constructor(data: DatabaseData, queue: Queue, closed: () => void) {
    super('abort', 'close', 'error', 'versionchange');
    this.data = data;
    this.#queue = queue;
    this.#closed = closed;
  }

  get name(): string {
    return this.data.name;
  }
  get version(): number {
    return this.data.version;
  }
  get objectStoreNames(): readonly string[] {
    return NameList.named(this.data.stores.keys());
  }

  transaction(names: string | Iterable<string>, mode: Mode = 'readonly'): IDBTransaction {
    if (this.upgrade !== undefined || this.isClosed) {
      throw new DOMException('The database is closed or changes.', 'InvalidStateError');
    }
    const wanted = typeof names === 'string' ? [names] : [...names];
    if (wanted.length === 0) throw new DOMException('No store was named.', 'InvalidAccessError');
    if (mode !== 'readonly' && mode !== 'readwrite') throw new TypeError('This is no mode.');
    const stores = new Map<string, StoreData>();
    for (const name of wanted.map(String)) {
      const store = this.data.stores.get(name);
      if (store === undefined) throw new DOMException('There is no such store.', 'NotFoundError');
      stores.set(name, store);
    }
    return this.run(stores, mode);
  }

  /** Begins a transaction when its turn comes. */
  run(
    stores: ReadonlyMap<string, StoreData>,
    mode: Mode,
    ended: (isCommitted: boolean) => void = () => undefined,
  ): IDBTransaction {
    this.#running += 1;
    const transaction: IDBTransaction = new IDBTransaction(this, stores, mode, (isCommitted) => {
      this.#running -= 1;
      this.#queue.ended(transaction);
      ended(isCommitted);
      this.#tellClosed();
    });
    this.#queue.add(transaction);
    return transaction;
  }

  close(): void {
    this.isClosed = true;
    this.#tellClosed();
  }

  createObjectStore(name: string, options: IDBObjectStoreParameters = {}): IDBObjectStore {
    const upgrade = this.checkUpgrade();
    const { autoIncrement = false } = options ?? {};
    const keyPath = checkedPath(options?.keyPath);
    const { stores } = this.data;
    if (stores.has(String(name))) {
      throw new DOMException('There is such a store.', 'ConstraintError');
    }
    if (autoIncrement && (keyPath === '' || Array.isArray(keyPath))) {
      throw new DOMException('Keys cannot be put there.', 'InvalidAccessError');
    }
    const store: StoreData = {
      name: String(name),
      keyPath,
      autoIncrement,
      nextKey: 1,
      records: [],
      indexes: new Map(),
    };
    stores.set(store.name, store);
    upgrade.onUndo(() => stores.delete(store.name));
    return upgrade.objectStore(store.name);
  }

  deleteObjectStore(name: string): void {
    const upgrade = this.checkUpgrade();
    const { stores } = this.data;
    const store = stores.get(String(name));
    if (store === undefined) throw new DOMException('There is no such store.', 'NotFoundError');
    stores.delete(store.name);
    upgrade.onUndo(() => stores.set(store.name, store));
  }

  renameStore(store: StoreData, name: string): void {
    const upgrade = this.checkUpgrade();
    const { stores } = this.data;
    if (name !== store.name && stores.has(name)) {
      throw new DOMException('There is such a store.', 'ConstraintError');
    }
    const old = store.name;
    const rename = (from: string, to: string): void => {
      stores.delete(from);
      store.name = to;
      stores.set(to, store);
    };
    rename(old, name);
    upgrade.onUndo(() => rename(name, old));
  }

  /** Throws InvalidStateError outside of an upgrade. */
  checkUpgrade(): IDBTransaction {
    if (this.upgrade === undefined) {
      throw new DOMException('Stores change in an upgrade only.', 'InvalidStateError');
    }
    this.upgrade.check();
    return this.upgrade;
  }

  #tellClosed(): void {
    if (this.isClosed && this.#running === 0) this.#closed();
  }
}
