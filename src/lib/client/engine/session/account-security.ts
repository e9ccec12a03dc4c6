/** What keeps others out of the account that is open: its password and its second factors. */
import { asInSession, changePassword, continueSession, SecondFactors } from '#lib/account/index.ts';
import type { SecondFactorQuestion } from '../../types.ts';
import type { Accounts } from './accounts.ts';
import type { SecondFactorQuestions } from './second-factor-questions.ts';

export class AccountSecurity {
  readonly #accounts: Accounts;
  readonly #questions: SecondFactorQuestions;

  constructor(accounts: Accounts, questions: SecondFactorQuestions) {
    this.#accounts = accounts;
    this.#questions = questions;
  }

  /** The session goes on; of an account of the oldest kind as a new one, for its identity changes. */
  async changePassword(
    passwords: { readonly oldPassword: string; readonly newPassword: string },
    signal: AbortSignal,
    onQuestion: (question: SecondFactorQuestion) => void,
  ): Promise<void> {
    const { current } = this.#accounts;
    const { username, accountNode, session } = current;
    await current.pendingSync?.flush();
    const secondFactor = this.#questions.asking(onQuestion, signal);
    const deps = this.#accounts.depsAt(accountNode);
    const change = { username, ...passwords, secondFactor, ...asInSession(session) };
    const keys = await changePassword(deps, change, signal);
    const next = await continueSession(deps, session, keys);
    if (next.identity.hash.equals(session.identity.hash)) {
      current.session = next;
      await this.#accounts.keepAgain(current);
      return;
    }
    this.#accounts.endElsewhere(current);
    await this.#accounts.goOn(next, accountNode);
  }

  /** The second factors of the user. */
  get secondFactors(): SecondFactors {
    const { session, accountNode } = this.#accounts.current;
    return new SecondFactors(this.#accounts.depsAt(accountNode), session);
  }
}
