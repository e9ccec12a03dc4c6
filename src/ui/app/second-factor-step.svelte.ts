/**
 * The second step of whatever a server does not do for a password alone. The operation stays open while
 * it waits: what was asked is answered here, a refused answer is asked for again, and calling it off
 * ends the operation.
 */
import type { SecondFactorProof, SecondFactorQuestion } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import { describeError, nameOf } from './describe-error.ts';
import { proveWithKey } from './security-key.ts';

export class SecondFactorStep {
  /** Set from the first question until the operation has ended. */
  asked = $state.raw<SecondFactorQuestion | undefined>(undefined);
  code = $state('');
  failure = $state<string | undefined>(undefined);
  /** Whether it is the person's turn, not the server's. */
  isWaiting = $state(false);
  #answer: PromiseWithResolvers<SecondFactorProof> | undefined;

  readonly #kinds = $derived(new Set(this.asked?.factors.map(({ kind }) => kind)));
  readonly takesTotp = $derived(this.#kinds.has('totp'));
  readonly takesBackup = $derived(this.#kinds.has('backup-codes'));
  readonly takesCode = $derived(this.takesTotp || this.takesBackup);
  readonly takesKey = $derived(this.#kinds.has('security-key'));

  /** What an operation of the client asks with. */
  readonly prove = (question: SecondFactorQuestion): Promise<SecondFactorProof> => {
    this.asked = question;
    this.code = '';
    this.failure = question.refusal && describeError(question.refusal);
    this.isWaiting = true;
    this.#answer = Promise.withResolvers();
    return this.#answer.promise;
  };

  /** Answers with the code that was typed. */
  submit(): void {
    if (this.isWaiting && this.code.trim() !== '') this.#give({ code: this.code });
  }

  /** Answers with a touch of a security key. */
  async useKey(): Promise<void> {
    const { asked } = this;
    if (!this.isWaiting || asked === undefined) return;
    this.failure = undefined;
    try {
      const proof = await proveWithKey(asked.factors, asked.challenge);
      if (proof !== undefined && asked === this.asked) this.#give(proof);
    } catch (error) {
      const isSilent = nameOf(error) === 'NotAllowedError';
      this.failure = isSilent ? m.factor_key_silent() : describeError(error);
    }
  }

  /** Cancels the operation. */
  cancel(): void {
    this.#answer?.reject(new DOMException('Called off.', 'AbortError'));
    this.end();
  }

  /** The operation has ended. */
  end(): void {
    this.asked = this.#answer = this.failure = undefined;
    this.isWaiting = false;
    this.code = '';
  }

  #give(proof: SecondFactorProof): void {
    this.failure = undefined;
    this.isWaiting = false;
    this.#answer?.resolve(proof);
  }
}
