/** What databases hold: stores of records in the order of their keys, and indexes over them. */
import {
  asKey,
  compareKeys,
  isInRange,
  valueAt,
  type IDBKeyRange,
  type Key,
  type KeyPath,
} from './keys.ts';

export interface RecordOf {
  readonly key: Key;
  /** Of the store. */
  readonly primaryKey: Key;
  readonly value: unknown;
}

export interface IndexData {
  name: string;
  readonly keyPath: KeyPath;
  readonly unique: boolean;
  readonly multiEntry: boolean;
  records: readonly RecordOf[];
}

export interface StoreData {
  name: string;
  readonly keyPath: KeyPath;
  readonly autoIncrement: boolean;
  nextKey: number;
  records: readonly RecordOf[];
  readonly indexes: Map<string, IndexData>;
}

export interface DatabaseData {
  readonly name: string;
  version: number;
  stores: Map<string, StoreData>;
}

function compareRecords(a: RecordOf, b: RecordOf): number {
  return compareKeys(a.key, b.key) || compareKeys(a.primaryKey, b.primaryKey);
}

/** Where a record is, or would be. */
function placeOf(records: readonly RecordOf[], wanted: RecordOf): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareRecords(records[middle]!, wanted) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function findKey(records: readonly RecordOf[], key: Key): RecordOf | undefined {
  const found = records[placeOf(records, { key, primaryKey: -Infinity, value: undefined })];
  return found !== undefined && compareKeys(found.key, key) === 0 ? found : undefined;
}

export function inRange(records: readonly RecordOf[], range: IDBKeyRange): readonly RecordOf[] {
  const { lower } = range;
  const from =
    lower === undefined
      ? 0
      : placeOf(records, { key: lower as Key, primaryKey: -Infinity, value: undefined });
  const found: RecordOf[] = [];
  for (let i = from; i < records.length; i++) {
    const record = records[i]!;
    if (isInRange(range, record.key)) found.push(record);
    else if (found.length > 0) break;
    else if (range.upper !== undefined && compareKeys(record.key, range.upper as Key) > 0) break;
  }
  return found;
}

function withRecord(records: readonly RecordOf[], record: RecordOf): readonly RecordOf[] {
  return records.toSpliced(placeOf(records, record), 0, record);
}

/** Keys of a record in an index. */
function indexKeys({ keyPath, multiEntry }: IndexData, value: unknown): readonly Key[] {
  const found = valueAt(value, keyPath);
  if (!multiEntry || !Array.isArray(found)) {
    const key = asKey(found);
    return key === undefined ? [] : [key];
  }
  const keys = found
    .map((item) => asKey(item))
    .filter((key) => key !== undefined)
    .sort(compareKeys);
  return keys.filter((key, i) => i === 0 || compareKeys(key, keys[i - 1]!) !== 0);
}

export function addToIndex(index: IndexData, primaryKey: Key, value: unknown): void {
  for (const key of indexKeys(index, value)) {
    if (index.unique && findKey(index.records, key) !== undefined) {
      throw new DOMException(`The index “${index.name}” has this key already.`, 'ConstraintError');
    }
    index.records = withRecord(index.records, { key, primaryKey, value });
  }
}

/** Throws ConstraintError, after which the store is as before. */
export function storeRecord(store: StoreData, key: Key, value: unknown, mayReplace: boolean): void {
  const before = snapshot(store);
  try {
    if (findKey(store.records, key) !== undefined) {
      if (!mayReplace) throw new DOMException('The key exists already.', 'ConstraintError');
      removeKeys(store, (each) => compareKeys(each, key) === 0);
    }
    store.records = withRecord(store.records, { key, primaryKey: key, value });
    for (const index of store.indexes.values()) addToIndex(index, key, value);
  } catch (error) {
    before();
    throw error;
  }
}

export function removeKeys(store: StoreData, isRemoved: (key: Key) => boolean): void {
  store.records = store.records.filter(({ key }) => !isRemoved(key));
  for (const index of store.indexes.values()) {
    index.records = index.records.filter(({ primaryKey }) => !isRemoved(primaryKey));
  }
}

/** Puts a store back as it was; lists of records are never changed in place. */
export function snapshot(store: StoreData): () => void {
  const { records, nextKey, name } = store;
  const indexes = [...store.indexes].map(
    ([key, index]) => [key, index, index.records, index.name] as const,
  );
  return () => {
    Object.assign(store, { records, nextKey, name });
    store.indexes.clear();
    for (const [key, index, kept, indexName] of indexes) {
      Object.assign(index, { records: kept, name: indexName });
      store.indexes.set(key, index);
    }
  };
}
