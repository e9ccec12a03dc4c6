/** Cursors: one record after the other, of a store or an index. */
import { compareKeys, dataError, toKey, type IDBKeyRange, type Key } from './keys.ts';
import type { Writable } from './parts.ts';
import { inRange, type RecordOf } from './records.ts';
import type { IDBRequest } from './request.ts';

const DIRECTIONS = ['next', 'nextunique', 'prev', 'prevunique'] as const;
export type Direction = (typeof DIRECTIONS)[number];

export function checkedDirection(direction: unknown = 'next'): Direction {
  if (DIRECTIONS.includes(direction as Direction)) return direction as Direction;
  throw new TypeError(`This is no direction: ${String(direction)}`);
}

interface CursorInit {
  /** A store or an index, and the store below it. */
  readonly source: unknown;
  readonly store: Writable;
  readonly records: () => readonly RecordOf[];
  readonly range: IDBKeyRange;
  readonly direction: Direction;
  readonly request: IDBRequest;
  readonly isOfStore: boolean;
}

export class IDBCursor {
  readonly direction: Direction;
  readonly request: IDBRequest;
  readonly source: unknown;
  key: unknown;
  primaryKey: unknown;
  readonly #init: CursorInit;
  #at: RecordOf | undefined;
  #isAsking = false;

  constructor(init: CursorInit) {
    this.#init = init;
    this.direction = init.direction;
    this.request = init.request;
    this.source = init.source;
  }

  /** Moves on; the cursor itself, or null at the end. To be run as a request. */
  move(steps = 1, key?: Key, primaryKey?: Key): this | null {
    const isBack = this.direction.startsWith('prev');
    const isUnique = this.direction.endsWith('unique');
    const sign = isBack ? -1 : 1;
    const found = inRange(this.#init.records(), this.#init.range);
    let records = isBack ? found.toReversed() : found;
    if (isUnique) {
      const first = found.filter(
        (each, i) => i === 0 || compareKeys(each.key, found[i - 1]!.key) !== 0,
      );
      records = isBack ? first.toReversed() : first;
    }
    const at = this.#at;
    let left = steps;
    const next = records.find((record) => {
      if (at !== undefined) {
        const order = compareKeys(record.key, at.key) * sign;
        const isBeside = order === 0 && !isUnique;
        const later = isBeside ? compareKeys(record.primaryKey, at.primaryKey) * sign : order;
        if (later <= 0) return false;
      }
      if (key !== undefined) {
        const order = compareKeys(record.key, key) * sign;
        if (order < 0) return false;
        if (primaryKey !== undefined && order === 0) {
          if (compareKeys(record.primaryKey, primaryKey) * sign < 0) return false;
        }
      }
      left -= 1;
      return left <= 0;
    });
    this.#at = next;
    this.#isAsking = false;
    this.key = next?.key;
    this.primaryKey = next?.primaryKey;
    this.take(next);
    return next === undefined ? null : this;
  }

  /** With values, in the class below. */
  protected take(_record: RecordOf | undefined): void {
    // A cursor over keys has none.
  }

  continue(key?: unknown): void {
    this.#check();
    const wanted = key === undefined ? undefined : toKey(key);
    if (wanted !== undefined && this.#isBehind(wanted)) {
      throw dataError('The key is behind the position of the cursor.');
    }
    this.#ask(1, wanted);
  }

  continuePrimaryKey(key: unknown, primaryKey: unknown): void {
    this.#check();
    if (this.#init.isOfStore || this.direction.endsWith('unique')) {
      throw new DOMException('The cursor goes over no index.', 'InvalidAccessError');
    }
    const [to, primary] = [toKey(key), toKey(primaryKey)];
    const isBehind = this.#isBehind(to) && compareKeys(to, this.#at!.key) !== 0;
    const sign = this.direction === 'prev' ? -1 : 1;
    const isSame = compareKeys(to, this.#at!.key) === 0;
    if (isBehind || (isSame && compareKeys(primary, this.#at!.primaryKey) * sign <= 0)) {
      throw dataError('The key is behind the position of the cursor.');
    }
    this.#ask(1, to, primary);
  }

  advance(count: number): void {
    if (!Number.isInteger(count) || count < 1) throw new TypeError('A count begins with 1.');
    this.#check();
    this.#ask(count);
  }

  update(value: unknown): IDBRequest {
    const { store } = this.#init;
    this.#check(true);
    const key = this.#at!.primaryKey;
    if (store.keyPath === null) return store.write(value, key, true, this);
    const own = store.keyOf(value);
    if (own === undefined || compareKeys(own, key) !== 0) {
      throw dataError('The value has another key than the cursor.');
    }
    return store.write(value, undefined, true, this);
  }

  delete(): IDBRequest {
    this.#check(true);
    return this.#init.store.removeOne(this.#at!.primaryKey, this);
  }

  #isBehind(key: Key): boolean {
    const order = compareKeys(key, this.#at!.key);
    return this.direction.startsWith('prev') ? order >= 0 : order <= 0;
  }

  #check(mustWrite = false): void {
    this.#init.store.transaction.check(mustWrite);
    if (this.#isAsking || this.#at === undefined) {
      throw new DOMException('The cursor is at no record.', 'InvalidStateError');
    }
  }

  #ask(steps: number, key?: Key, primaryKey?: Key): void {
    this.#isAsking = true;
    this.request.restart();
    this.#init.store.transaction.add(this.request, () => this.move(steps, key, primaryKey));
  }
}

export class IDBCursorWithValue extends IDBCursor {
  value: unknown;

  protected override take(record: RecordOf | undefined): void {
    this.value = record && structuredClone(record.value);
  }
}
