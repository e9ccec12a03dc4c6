import { RateLimited } from '#lib/protocol/index.ts';
/**
 * How much is done at once: so many requests are worked on, so many more may send their body or
 * wait their turn, and their bodies together may be so large. A request above that is turned
 * away at once: a queue without end would only make everybody late. One client gets a share of the
 * places at most, so that one that takes all it can get leaves room for others.
 */

export interface AdmissionLimits {
  readonly running: number;
  readonly waiting: number;
  readonly bodyBytes: number;
  /** How many of the running requests may belong to one client. */
  readonly perClient: number;
}

export class AdmissionControl {
  readonly #limits: AdmissionLimits;
  readonly #queue: (() => void)[] = [];
  /** Requests there by client, of clients with any. */
  readonly #clients = new Map<string, number>();
  #admitted = 0;
  #running = 0;
  #heldBytes = 0;

  constructor(limits: AdmissionLimits) {
    this.#limits = limits;
  }

  /**
   * Throws {@link RateLimited} at once if too many are there already, or too many of `client`'s;
   * `undefined` is somebody who cannot be told from others, and is not counted alone.
   */
  async admit<T>(
    client: string | undefined,
    work: (slot: AdmissionSlot) => Promise<T>,
  ): Promise<T> {
    if (this.#admitted >= this.#limits.running + this.#limits.waiting) {
      throw new RateLimited('requests');
    }
    this.#countClient(client, 1);
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
      this.#countClient(client, -1);
    }
  }

  #countClient(client: string | undefined, change: 1 | -1): void {
    if (client === undefined) return;
    const count = (this.#clients.get(client) ?? 0) + change;
    if (count > this.#limits.perClient) throw new RateLimited('requests');
    if (count === 0) this.#clients.delete(client);
    else this.#clients.set(client, count);
  }

  async #run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    await this.#turn(signal);
    try {
      return await work();
    } finally {
      // The slot passes directly to the longest waiting request.
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
export interface AdmissionSlot {
  /** Counts bytes it keeps until it is done; throws {@link RateLimited}. */
  hold(bytes: number): void;
  /** Waits for a turn, then works. Rejects if `signal` aborts while waiting. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T>;
}
