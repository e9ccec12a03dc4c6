/**
 * Gathers what is asked for at the same moment, so that it can go to the node in few requests. A
 * moment is a few turns of the microtask queue: nobody waits noticeably.
 */
const TURNS = 8;

export class Batcher<T> {
  #items: T[] = [];
  readonly #flush: (items: T[]) => void;

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  add(item: T): void {
    this.#items.push(item);
    if (this.#items.length === 1) void this.#soon();
  }

  async #soon(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await Promise.resolve();
    const items = this.#items;
    this.#items = [];
    this.#flush(items);
  }
}
