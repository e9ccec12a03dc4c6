import { isAway } from '#lib/protocol/index.ts';
/** Whether the node answers, as its answers show, and what is answered from this device instead. */

export interface CacheState {
  readonly isOnline: boolean;
  /** When the node last answered, in milliseconds since 1970; absent: not since the start. */
  readonly answeredMs: number | undefined;
}

export class Reachability {
  readonly #clock: () => number;
  readonly #onState: ((state: CacheState) => void) | undefined;
  #isOnline: boolean | undefined;
  #answeredMs: number | undefined;

  constructor(clock: () => number, onState: ((state: CacheState) => void) | undefined) {
    this.#clock = clock;
    this.#onState = onState;
  }

  /** Asks the node; says whether that worked. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      const answer = await question();
      this.#set(true);
      return answer;
    } catch (error) {
      // A refusal is an answer; a caller who gave up learned nothing.
      if (isAway(error)) this.#set(false);
      throw error;
    }
  }

  /** Asks the node, or while it is away what is kept here. Nothing kept: `NodeUnreachable` stays. */
  async askOrRecall<T>(
    question: () => Promise<T>,
    recall: () => Promise<{ readonly known: T } | undefined>,
  ): Promise<T> {
    try {
      return await this.ask(question);
    } catch (error) {
      if (!isAway(error)) throw error;
      const recalled = await recall();
      if (recalled === undefined) throw error;
      return recalled.known;
    }
  }

  #set(isOnline: boolean): void {
    if (isOnline) this.#answeredMs = this.#clock();
    if (this.#isOnline === isOnline) return;
    this.#isOnline = isOnline;
    this.#onState?.({ isOnline, answeredMs: this.#answeredMs });
  }
}
