/**
 * Operations that a server lets nobody do with the password alone: while one waits for its second factor
 * it stays open, and with it, in its own memory and nowhere else, what the password led to. The page
 * hears the question as the operation's progress and answers it by its id.
 *
 * A question ends with its answer, with the operation being cancelled, or after a while by itself.
 */
import { PyrgosError, toHex, type Random } from '#lib/bytes/index.ts';
import type { SecondFactorChallenge, SecondFactorProof } from '#lib/protocol/index.ts';
import type { SecondFactorQuestion } from '../../types.ts';
import { describeError } from '#lib/rpc/index.ts';

/** The keys of a password are dropped after this time without an answer. */
const OPEN_MS = 10 * 60 * 1000;
const ID_BYTES = 16;

/** The operation has ended, or got no answer in time. */
export class QuestionClosed extends PyrgosError {
  override readonly name = 'QuestionClosed';
  override readonly kind = 'cancelled';
  constructor() {
    super('This took too long. Please start again.');
  }
}

export class SecondFactorQuestions {
  readonly #open = new Map<string, PromiseWithResolvers<SecondFactorProof>>();
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What an operation asks with: tells the page, and waits for its answer. */
  asking(
    tell: (question: SecondFactorQuestion) => void,
    signal: AbortSignal,
  ): (asked: SecondFactorChallenge) => Promise<SecondFactorProof> {
    return async ({ factors, challenge, refusal }) => {
      signal.throwIfAborted();
      const id = toHex(this.#random(ID_BYTES));
      const open = Promise.withResolvers<SecondFactorProof>();
      const abort = (): void => open.reject(signal.reason);
      const timer = setTimeout(() => open.reject(new QuestionClosed()), OPEN_MS);
      signal.addEventListener('abort', abort, { once: true });
      this.#open.set(id, open);
      const why = refusal === undefined ? {} : { refusal: describeError(refusal) };
      tell({ id, factors, challenge, ...why });
      try {
        return await open.promise;
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#open.delete(id);
      }
    };
  }

  /** Throws {@link QuestionClosed}. */
  answer(id: string, proof: SecondFactorProof): void {
    const open = this.#open.get(id);
    if (open === undefined) throw new QuestionClosed();
    open.resolve(proof);
  }
}
