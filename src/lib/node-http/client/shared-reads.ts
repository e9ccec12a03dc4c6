/**
 * The same question asked by several at once goes to the node once. Who aborts leaves the others
 * their answer; when nobody waits any more the request ends.
 */
import { abortable } from './abortable.ts';

interface Reading<T> {
  readonly answer: Promise<T>;
  readonly stop: AbortController;
  waiting: number;
}

export class SharedReads<T> {
  readonly #readings = new Map<string, Reading<T>>();
  readonly #copy: (answer: T) => T;

  /** `copy` gives each but the first his own bytes: a receiver may overwrite or transfer them. */
  constructor(copy: (answer: T) => T) {
    this.#copy = copy;
  }

  async read(
    key: string,
    start: (signal: AbortSignal) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    signal?.throwIfAborted();
    const known = this.#readings.get(key);
    const reading = known ?? this.#begin(key, start);
    reading.waiting++;
    try {
      const copied = known === undefined ? reading.answer : reading.answer.then(this.#copy);
      return await abortable(copied, signal);
    } finally {
      if (--reading.waiting === 0) {
        this.#end(key, reading);
        reading.stop.abort();
      }
    }
  }

  #begin(key: string, start: (signal: AbortSignal) => Promise<T>): Reading<T> {
    const stop = new AbortController();
    const reading = { answer: start(stop.signal), stop, waiting: 0 };
    this.#readings.set(key, reading);
    const end = (): void => this.#end(key, reading);
    reading.answer.then(end, end);
    return reading;
  }

  #end(key: string, reading: Reading<T>): void {
    if (this.#readings.get(key) === reading) this.#readings.delete(key);
  }
}
