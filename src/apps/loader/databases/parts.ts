/** What the parts of a database know of each other. */
import type { Key, KeyPath } from './keys.ts';
import type { StoreData } from './records.ts';
import type { IDBRequest } from './request.ts';

export interface Upgradable extends EventTarget {
  /** Throws InvalidStateError outside of an upgrade. */
  checkUpgrade(): unknown;
  renameStore(store: StoreData, name: string): void;
}

export interface Running {
  readonly db: Upgradable;
  /** Stores by name, as this transaction sees them. */
  readonly stores: ReadonlyMap<string, StoreData>;
  /** Throws TransactionInactiveError, and ReadOnlyError where it must write. */
  check(mustWrite?: boolean): void;
  /** To be called before a store is changed. */
  touch(store: StoreData): void;
  add(request: IDBRequest, run: () => unknown): IDBRequest;
}

export interface Writable {
  readonly transaction: Running;
  readonly keyPath: KeyPath;
  /** The key that a value has in itself. Throws DataError where it is none. */
  keyOf(value: unknown): Key | undefined;
  write(value: unknown, key: unknown, mayReplace: boolean, source: unknown): IDBRequest;
  removeOne(key: Key, source: unknown): IDBRequest;
}
