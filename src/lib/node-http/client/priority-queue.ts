/**
 * How many requests run at once, and who goes first (B-1 §1): what a person waits for before the
 * contents of files, and those before what is sent in bulk. Within a priority the order is that of
 * asking. Nobody starves: after a few in a row a priority with people waiting lets another one go.
 */

/** What a person waits for; contents of files; uploads. */
export type Priority = 'interactive' | 'content' | 'bulk';

const ORDER: readonly Priority[] = ['interactive', 'content', 'bulk'];
/** Turns a priority takes while a later one waits. */
const TURNS_IN_A_ROW = 8;

interface Waiting {
  readonly begin: () => void;
}

export class PriorityQueue {
  readonly #limit: number;
  readonly #queues = new Map<Priority, Waiting[]>(ORDER.map((priority) => [priority, []]));
  #running = 0;
  #turns = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` when it is its turn. Aborting while it waits gives the place up. */
  async run<T>(priority: Priority, work: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    await this.#enter(priority, signal);
    try {
      return await work();
    } finally {
      this.#running--;
      this.#admit();
    }
  }

  #enter(priority: Priority, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const queue = this.#queues.get(priority)!;
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiting), 1);
        reject(signal?.reason as Error);
      };
      const begin = (): void => {
        signal?.removeEventListener('abort', giveUp);
        resolve();
      };
      const waiting = { begin };
      queue.push(waiting);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#admit();
    });
  }

  #admit(): void {
    while (this.#running < this.#limit) {
      const next = this.#next();
      if (next === undefined) return;
      this.#running++;
      next.begin();
    }
  }

  #next(): Waiting | undefined {
    const waiting = ORDER.map((priority) => this.#queues.get(priority)!).filter(
      ({ length }) => length > 0,
    );
    const [first, ...later] = waiting;
    if (later.length === 0) {
      this.#turns = 0;
      return first?.shift();
    }
    if (++this.#turns <= TURNS_IN_A_ROW) return first!.shift();
    this.#turns = 0;
    return later[0]!.shift();
  }
}
