/** Stores and indexes, as transactions show them. */
import { checkedDirection, IDBCursor, IDBCursorWithValue } from './cursor.ts';
import {
  asKey,
  canPut,
  checkedPath,
  dataError,
  isInRange,
  putAt,
  toKey,
  toRange,
  valueAt,
  type Key,
  type KeyPath,
} from './keys.ts';
import { NameList } from './names.ts';
import {
  addToIndex,
  inRange,
  removeKeys,
  storeRecord,
  type IndexData,
  type RecordOf,
  type StoreData,
} from './records.ts';
import { IDBRequest } from './request.ts';
import type { Running, Writable } from './parts.ts';

/** The largest key that is generated. */
const LAST_KEY = 2 ** 53;

/** What stores and indexes can both be asked. */
abstract class Source {
  protected abstract readonly records: readonly RecordOf[];
  protected abstract readonly store: IDBObjectStore;
  protected abstract checkAlive(): void;

  get(query: unknown): IDBRequest {
    return this.#first(query, ({ value }) => structuredClone(value));
  }
  getKey(query: unknown): IDBRequest {
    return this.#first(query, ({ primaryKey }) => primaryKey);
  }
  getAll(query?: unknown, count?: number): IDBRequest {
    return this.#all(query, count, ({ value }) => structuredClone(value));
  }
  getAllKeys(query?: unknown, count?: number): IDBRequest {
    return this.#all(query, count, ({ primaryKey }) => primaryKey);
  }
  count(query?: unknown): IDBRequest {
    const range = toRange(query);
    return this.ask(() => inRange(this.records, range).length);
  }
  openCursor(query?: unknown, direction?: unknown): IDBRequest {
    return this.#cursor(IDBCursorWithValue, query, direction);
  }
  openKeyCursor(query?: unknown, direction?: unknown): IDBRequest {
    return this.#cursor(IDBCursor, query, direction);
  }

  protected ask(run: () => unknown, source: unknown = this): IDBRequest {
    this.checkAlive();
    const { transaction } = this.store;
    transaction.check();
    return transaction.add(new IDBRequest(source), run);
  }

  #first(query: unknown, of: (record: RecordOf) => unknown): IDBRequest {
    const range = toRange(query, true);
    return this.ask(() => inRange(this.records, range).slice(0, 1).map(of)[0]);
  }

  #all(query: unknown, count: number | undefined, of: (record: RecordOf) => unknown): IDBRequest {
    const range = toRange(query);
    const most = count === undefined || count === 0 ? Infinity : count;
    return this.ask(() => inRange(this.records, range).slice(0, most).map(of));
  }

  #cursor(Kind: typeof IDBCursor, query: unknown, direction: unknown): IDBRequest {
    const range = toRange(query);
    const checked = checkedDirection(direction);
    const made: { cursor?: IDBCursor } = {};
    const request = this.ask(() => made.cursor?.move());
    made.cursor = new Kind({
      source: this,
      store: this.store,
      records: () => this.records,
      range,
      direction: checked,
      request,
      isOfStore: this.store === (this as unknown),
    });
    return request;
  }
}

export class IDBIndex extends Source {
  readonly objectStore: IDBObjectStore;
  readonly data: IndexData;

  constructor(objectStore: IDBObjectStore, data: IndexData) {
    super();
    this.objectStore = objectStore;
    this.data = data;
  }

  get name(): string {
    return this.data.name;
  }
  set name(name: string) {
    const { transaction, data } = this.objectStore;
    transaction.db.checkUpgrade();
    if (name !== this.name && data.indexes.has(name)) {
      throw new DOMException('There is such an index.', 'ConstraintError');
    }
    transaction.touch(data);
    data.indexes.delete(this.name);
    this.data.name = String(name);
    data.indexes.set(this.name, this.data);
  }
  get keyPath(): KeyPath {
    return this.data.keyPath;
  }
  get unique(): boolean {
    return this.data.unique;
  }
  get multiEntry(): boolean {
    return this.data.multiEntry;
  }

  protected get records(): readonly RecordOf[] {
    return this.data.records;
  }
  protected get store(): IDBObjectStore {
    return this.objectStore;
  }
  protected checkAlive(): void {
    const { indexes } = this.objectStore.data;
    if (indexes.get(this.data.name) === this.data) return;
    throw new DOMException('The index was deleted.', 'InvalidStateError');
  }
}

export class IDBObjectStore extends Source implements Writable {
  readonly transaction: Running;
  readonly data: StoreData;
  readonly #indexes = new Map<IndexData, IDBIndex>();

  constructor(transaction: Running, data: StoreData) {
    super();
    this.transaction = transaction;
    this.data = data;
  }

  get name(): string {
    return this.data.name;
  }
  set name(name: string) {
    this.transaction.db.renameStore(this.data, String(name));
  }
  get keyPath(): KeyPath {
    return this.data.keyPath;
  }
  get autoIncrement(): boolean {
    return this.data.autoIncrement;
  }
  get indexNames(): readonly string[] {
    return NameList.named(this.data.indexes.keys());
  }

  protected get records(): readonly RecordOf[] {
    return this.data.records;
  }
  protected get store(): IDBObjectStore {
    return this;
  }
  protected checkAlive(): void {
    if (this.transaction.stores.get(this.data.name) === this.data) return;
    throw new DOMException('The store was deleted.', 'InvalidStateError');
  }

  add(value: unknown, key?: unknown): IDBRequest {
    return this.write(value, key, false);
  }
  put(value: unknown, key?: unknown): IDBRequest {
    return this.write(value, key, true);
  }
  delete(query: unknown): IDBRequest {
    const range = toRange(query, true);
    return this.#change(() => removeKeys(this.data, (key) => isInRange(range, key)));
  }
  removeOne(key: Key, source: unknown): IDBRequest {
    const range = toRange(key);
    return this.#change(() => removeKeys(this.data, (each) => isInRange(range, each)), source);
  }
  clear(): IDBRequest {
    return this.#change(() => removeKeys(this.data, () => true));
  }

  createIndex(name: string, path: unknown, options: IDBIndexParameters = {}): IDBIndex {
    this.transaction.db.checkUpgrade();
    this.transaction.check();
    this.checkAlive();
    const { indexes, records } = this.data;
    if (indexes.has(String(name))) {
      throw new DOMException('There is such an index.', 'ConstraintError');
    }
    const keyPath = checkedPath(path);
    const { unique = false, multiEntry = false } = options;
    if (multiEntry && Array.isArray(keyPath)) {
      throw new DOMException('A list of paths has no entries.', 'InvalidAccessError');
    }
    const index: IndexData = { name: String(name), keyPath, unique, multiEntry, records: [] };
    this.transaction.touch(this.data);
    // What is there already may break it; the transaction then fails, as with any request.
    this.transaction.add(new IDBRequest(this), () => {
      for (const { key, value } of records) addToIndex(index, key, value);
    });
    indexes.set(index.name, index);
    return this.index(index.name);
  }

  deleteIndex(name: string): void {
    this.transaction.db.checkUpgrade();
    if (!this.data.indexes.has(String(name))) {
      throw new DOMException('There is no such index.', 'NotFoundError');
    }
    this.transaction.touch(this.data);
    this.data.indexes.delete(String(name));
  }

  index(name: string): IDBIndex {
    const data = this.data.indexes.get(String(name));
    if (data === undefined) throw new DOMException('There is no such index.', 'NotFoundError');
    const known = this.#indexes.get(data) ?? new IDBIndex(this, data);
    this.#indexes.set(data, known);
    return known;
  }

  keyOf(value: unknown): Key | undefined {
    const own = valueAt(value, this.keyPath);
    return own === undefined ? undefined : toKey(own);
  }

  write(value: unknown, key: unknown, mayReplace: boolean, source: unknown = this): IDBRequest {
    const { keyPath, autoIncrement } = this;
    this.checkAlive();
    this.transaction.check(true);
    if (keyPath !== null && key !== undefined) {
      throw dataError('The store finds keys in values.');
    }
    if (keyPath === null && !autoIncrement && key === undefined) {
      throw dataError('The store needs a key.');
    }
    const given = key === undefined ? undefined : toKey(key);
    const clone = structuredClone(value);
    const own = keyPath === null ? given : this.keyOf(clone);
    const mustMake = own === undefined;
    if (mustMake && (!autoIncrement || (keyPath !== null && !canPut(clone, keyPath as string)))) {
      throw dataError('The value has no key.');
    }
    return this.#change(() => {
      const made = own ?? this.#nextKey();
      if (mustMake && keyPath !== null) putAt(clone, keyPath as string, made);
      storeRecord(this.data, made, clone, mayReplace);
      if (autoIncrement && typeof made === 'number' && made >= this.data.nextKey) {
        this.data.nextKey = Math.min(Math.floor(made) + 1, LAST_KEY + 1);
      }
      return asKey(made);
    }, source);
  }

  #nextKey(): Key {
    if (this.data.nextKey > LAST_KEY) {
      throw new DOMException('There are no more keys.', 'ConstraintError');
    }
    return this.data.nextKey;
  }

  #change(run: () => unknown, source: unknown = this): IDBRequest {
    this.transaction.check(true);
    return this.ask(() => {
      this.transaction.touch(this.data);
      return run();
    }, source);
  }
}
