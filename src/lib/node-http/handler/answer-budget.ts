/**
 * How much all answers together may take: those being made, by the most they may become, and those
 * that wait for their clients to take them. What does not fit waits a while, the earliest first, and
 * is refused then. Answers too small to matter are made at once.
 */
import { PyrgosError } from '#lib/bytes/index.ts';

/** No room for the answer came free in time. */
export class TooManyAnswers extends PyrgosError {
  override readonly name: string = 'TooManyAnswers';
  override readonly kind = 'offline';
  constructor() {
    super('The server holds too many answers that nobody has taken. Please try again in a while.');
  }
}

export interface AnswerLimits {
  readonly allBytes: number;
  /** One client's share. */
  readonly perClientBytes: number;
  readonly waitMs: number;
}

const DEFAULTS: AnswerLimits = {
  allBytes: 512 * 1024 * 1024,
  // Six look-ups of as much as one may be answered, or a hundred blocks.
  perClientBytes: 128 * 1024 * 1024,
  waitMs: 10_000,
};

interface Waiting {
  readonly client: string | undefined;
  readonly bytes: number;
  readonly begin: () => void;
}

export class AnswerBudget {
  readonly #limits: AnswerLimits;
  readonly #clients = new Map<string, number>();
  readonly #waiting = new Set<Waiting>();
  #bytes = 0;

  constructor(limits: Partial<AnswerLimits> = {}) {
    this.#limits = { ...DEFAULTS, ...limits };
  }

  /** Counts bytes that exist already until the result is called, once. */
  hold(client: string | undefined, bytes: number): () => void {
    this.#add(client, bytes);
    return () => {
      this.#add(client, -bytes);
      this.#admit();
    };
  }

  /**
   * Waits until an answer of so many bytes fits; the result gives them back. Rejects with
   * {@link TooManyAnswers}, or the signal's reason.
   */
  async reserve(
    client: string | undefined,
    bytes: number,
    signal: AbortSignal,
  ): Promise<() => void> {
    if (bytes > 0 && !this.#fits(client, bytes)) await this.#turn(client, bytes, signal);
    else if (bytes > 0) this.#add(client, bytes);
    return () => {
      if (bytes === 0) return;
      this.#add(client, -bytes);
      this.#admit();
    };
  }

  #turn(client: string | undefined, bytes: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        this.#waiting.delete(waiting);
        settle();
      };
      const giveUp = (): void => end(() => reject(signal.reason as Error));
      const refuse = (): void => end(() => reject(new TooManyAnswers()));
      const begin = (): void => {
        this.#add(client, bytes);
        end(resolve);
      };
      const waiting = { client, bytes, begin };
      const timer = setTimeout(refuse, this.#limits.waitMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(waiting);
    });
  }

  /** One client's place in the queue is behind its own earlier ones; others need not wait for it. */
  #admit(): void {
    const passed = new Set<string | undefined>();
    for (const { client, bytes, begin } of [...this.#waiting]) {
      if (passed.has(client)) continue;
      if (this.#fits(client, bytes)) begin();
      else passed.add(client);
    }
  }

  /** An answer larger than the whole budget is made alone. */
  #fits(client: string | undefined, bytes: number): boolean {
    const { allBytes, perClientBytes } = this.#limits;
    const own = client === undefined ? 0 : (this.#clients.get(client) ?? 0);
    const fitsAll = this.#bytes === 0 || this.#bytes + bytes <= allBytes;
    return fitsAll && (own === 0 || own + bytes <= perClientBytes);
  }

  #add(client: string | undefined, bytes: number): void {
    this.#bytes += bytes;
    if (client === undefined) return;
    const own = (this.#clients.get(client) ?? 0) + bytes;
    if (own === 0) this.#clients.delete(client);
    else this.#clients.set(client, own);
  }
}
