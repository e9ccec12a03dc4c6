/** A map with a bound: what was neither read nor written for the longest time goes first. */
export class LruMap<K, V extends NonNullable<unknown>> implements Iterable<[K, V]> {
  /** Least recently used first: a Map keeps the order of insertion. */
  readonly #entries = new Map<K, V>();
  readonly #capacity: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /** Holds values of `capacity` together. Each weighs 1, or what `weigh` says, always the same. */
  constructor(capacity: number, weigh: (value: V) => number = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  /** The value, which thereby is the last to go. */
  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined && this.#entries.delete(key)) this.#entries.set(key, value);
    return value;
  }

  /** Keeps a value and forgets what is too much. One that is too much alone is not kept. */
  set(key: K, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#capacity) return;
      this.delete(oldest);
    }
  }

  delete(key: K): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#weight -= this.#weigh(value);
  }

  clear(): void {
    this.#entries.clear();
    this.#weight = 0;
  }

  /** Least recently used first. */
  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.#entries[Symbol.iterator]();
  }
}
