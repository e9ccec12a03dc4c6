/** Keys of databases: what is one, their order, their ranges, and how they are found in a value. */

export type Key = number | string | Date | ArrayBuffer | readonly Key[];
export type KeyPath = string | readonly string[] | null;

export function dataError(message: string): DOMException {
  return new DOMException(message, 'DataError');
}

/** The value as a key, copied. Throws DataError. */
export function toKey(value: unknown, above: readonly unknown[] = []): Key {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && !Number.isNaN(value)) return value;
  if (value instanceof Date && !Number.isNaN(value.getTime())) return new Date(value);
  if (value instanceof ArrayBuffer) return value.slice(0);
  if (ArrayBuffer.isView(value)) {
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice().buffer;
  }
  if (Array.isArray(value) && !above.includes(value)) {
    return value.map((item) => toKey(item, [...above, value]));
  }
  throw dataError('The parameter is not a valid key.');
}

/** Undefined for what is no key. */
export function asKey(value: unknown): Key | undefined {
  try {
    return toKey(value);
  } catch {
    return undefined;
  }
}

/** Numbers, dates, texts, bytes, lists: in this order. */
function rank(key: Key): number {
  if (typeof key === 'number') return 0;
  if (key instanceof Date) return 1;
  if (typeof key === 'string') return 2;
  return key instanceof ArrayBuffer ? 3 : 4;
}

function compareLists<T>(
  a: readonly T[],
  b: readonly T[],
  compare: (a: T, b: T) => number,
): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compare(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return Math.sign(a.length - b.length);
}

const plain = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0);

export function compareKeys(a: Key, b: Key): number {
  if (rank(a) !== rank(b)) return plain(rank(a), rank(b));
  if (Array.isArray(a)) return compareLists(a as readonly Key[], b as readonly Key[], compareKeys);
  if (a instanceof ArrayBuffer) {
    return compareLists([...new Uint8Array(a)], [...new Uint8Array(b as ArrayBuffer)], plain);
  }
  return plain(
    a instanceof Date ? a.getTime() : (a as string),
    b instanceof Date ? b.getTime() : (b as string),
  );
}

export class IDBKeyRange {
  readonly lower: unknown;
  readonly upper: unknown;
  readonly lowerOpen: boolean;
  readonly upperOpen: boolean;

  constructor(
    lower: Key | undefined,
    upper: Key | undefined,
    lowerOpen: boolean,
    upperOpen: boolean,
  ) {
    this.lower = lower;
    this.upper = upper;
    this.lowerOpen = lowerOpen;
    this.upperOpen = upperOpen;
  }

  static only(value: unknown): IDBKeyRange {
    const key = toKey(value);
    return new IDBKeyRange(key, key, false, false);
  }
  static lowerBound(lower: unknown, isOpen = false): IDBKeyRange {
    return new IDBKeyRange(toKey(lower), undefined, isOpen, true);
  }
  static upperBound(upper: unknown, isOpen = false): IDBKeyRange {
    return new IDBKeyRange(undefined, toKey(upper), true, isOpen);
  }
  static bound(lower: unknown, upper: unknown, lowerOpen = false, upperOpen = false): IDBKeyRange {
    const [from, to] = [toKey(lower), toKey(upper)];
    const order = compareKeys(from, to);
    if (order > 0 || (order === 0 && (lowerOpen || upperOpen))) {
      throw dataError('The lower key is greater than the upper key.');
    }
    return new IDBKeyRange(from, to, lowerOpen, upperOpen);
  }
  includes(value: unknown): boolean {
    return isInRange(this, toKey(value));
  }
}

export function isInRange({ lower, upper, lowerOpen, upperOpen }: IDBKeyRange, key: Key): boolean {
  return (
    (lower === undefined || compareKeys(key, lower as Key) >= (lowerOpen ? 1 : 0)) &&
    (upper === undefined || compareKeys(key, upper as Key) <= (upperOpen ? -1 : 0))
  );
}

const EVERYTHING = new IDBKeyRange(undefined, undefined, false, false);

/** A query is a key, a range, or nothing for everything. */
export function toRange(query: unknown, isRequired = false): IDBKeyRange {
  if (query instanceof IDBKeyRange) return query;
  if (query === undefined || query === null) {
    if (isRequired) throw dataError('No key or key range specified.');
    return EVERYTHING;
  }
  return IDBKeyRange.only(query);
}

const PATH =
  /^(?:|[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*(?:\.[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)*)$/u;

/** Throws SyntaxError. */
export function checkedPath(path: unknown): KeyPath {
  if (path === null || path === undefined) return null;
  const paths = Array.isArray(path) ? path.map(String) : [String(path)];
  if (paths.length === 0 || !paths.every((each) => PATH.test(each))) {
    throw new DOMException('The keyPath is not valid.', 'SyntaxError');
  }
  return Array.isArray(path) ? paths : paths[0]!;
}

/** What lies at a key path in a value; undefined where nothing does. */
export function valueAt(value: unknown, path: KeyPath): unknown {
  if (Array.isArray(path)) {
    const values = path.map((each: string) => valueAt(value, each));
    return values.includes(undefined) ? undefined : values;
  }
  if (path === '' || path === null) return value;
  return (path as string).split('.').reduce<unknown>((at, name) => {
    if (typeof at === 'string' && name === 'length') return at.length;
    if (at instanceof Blob && (name === 'size' || name === 'type')) return at[name];
    if (typeof at !== 'object' || at === null) return undefined;
    return Object.hasOwn(at, name) ? (at as Record<string, unknown>)[name] : undefined;
  }, value);
}

/** Whether a generated key can be put at a path of the value. */
export function canPut(value: unknown, path: string): boolean {
  const names = path.split('.');
  let at = value;
  for (const name of names.slice(0, -1)) {
    if (typeof at !== 'object' || at === null) return false;
    if (!Object.hasOwn(at, name)) return true;
    at = (at as Record<string, unknown>)[name];
  }
  return typeof at === 'object' && at !== null;
}

export function putAt(value: unknown, path: string, key: Key): void {
  const names = path.split('.');
  const last = names.pop()!;
  let at = value as Record<string, unknown>;
  for (const name of names) at = (at[name] ??= {}) as Record<string, unknown>;
  at[last] = key;
}
