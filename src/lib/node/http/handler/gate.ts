/**
 * How much is done at once: so many requests are worked on, so many more may send their body or
 * wait their turn, and their bodies together may be so large. Whoever comes above that is turned
 * away at once: a queue without end would only make everybody late.
 */
import { RateLimited } from '../../errors.ts';

export interface GateLimits {
  readonly running: number;
  readonly waiting: number;
  readonly bodyBytes: number;
}

export class Gate {
  readonly #limits: GateLimits;
  readonly #queue: (() => void)[] = [];
  #admitted = 0;
  #running = 0;
  #heldBytes = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Throws {@link RateLimited} at once if too many are there already. */
  async admit<T>(work: (place: Place) => Promise<T>): Promise<T> {
    if (this.#admitted >= this.#limits.running + this.#limits.waiting) {
      throw new RateLimited('requests');
    }
    this.#admitted++;
    let heldBytes = 0;
    try {
      return await work({
        hold: (bytes) => {
          if (this.#heldBytes + bytes > this.#limits.bodyBytes) throw new RateLimited('requests');
          this.#heldBytes += bytes;
          heldBytes += bytes;
        },
        run: (inner, signal) => this.#run(inner, signal),
      });
    } finally {
      this.#admitted--;
      this.#heldBytes -= heldBytes;
    }
  }

  async #run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      // The place goes to whoever waits longest, without being free in between.
      const next = this.#queue.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  async #turn(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#running < this.#limits.running) {
      this.#running++;
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const enter = () => {
        signal.removeEventListener('abort', leave);
        resolve();
      };
      const leave = () => {
        this.#queue.splice(this.#queue.indexOf(enter), 1);
        reject(signal.reason as Error);
      };
      this.#queue.push(enter);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}

/** What an admitted request may do. */
export interface Place {
  /** Counts bytes it keeps until it is done; throws {@link RateLimited}. */
  hold(bytes: number): void;
  /** Waits for a turn, then works. Rejects if `signal` aborts while waiting. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}
