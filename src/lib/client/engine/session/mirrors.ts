/** Copies of the account on other servers: asking for one, and going on at one. */
import {
  asInSession,
  endMirror,
  mirrorAccount,
  mirrorWithPassword,
  takeOver,
} from '#lib/account/index.ts';
import type { AccountDeps } from '#lib/account/index.ts';
import type { MirrorStatus } from '#lib/node/index.ts';
import { createPointerMemory } from '#lib/writers/index.ts';
import type { MirrorState, SecondFactorQuestion } from '../../types.ts';
import type { Accounts } from './accounts.ts';
import { serverOrigin } from './node-directory.ts';
import type { SecondFactorQuestions } from './second-factor-questions.ts';

interface Asking {
  readonly signal: AbortSignal;
  readonly onQuestion: (question: SecondFactorQuestion) => void;
}

export class Mirrors {
  readonly #accounts: Accounts;
  readonly #questions: SecondFactorQuestions;

  constructor(accounts: Accounts, questions: SecondFactorQuestions) {
    this.#accounts = accounts;
    this.#questions = questions;
  }

  async begin(
    options: { readonly server: string; readonly password: string; readonly token?: string },
    { signal, onQuestion }: Asking,
  ): Promise<MirrorState> {
    const { username, session } = this.#accounts.current;
    const { password, token, server } = options;
    const secondFactor = this.#questions.asking(onQuestion, signal);
    const credentials = { username, password, secondFactor, ...asInSession(session) };
    const places = await this.#places(server);
    const mirroring = { ...places, ...(token === undefined ? {} : { token }) };
    return stateOf(await mirrorWithPassword(mirroring, credentials, signal));
  }

  async state(server: string): Promise<MirrorState> {
    const { session } = this.#accounts.current;
    return stateOf(await mirrorAccount({ ...(await this.#places(server)), session }));
  }

  async end(server: string): Promise<void> {
    const { session } = this.#accounts.current;
    await endMirror({ ...(await this.#places(server)), session });
  }

  /** The account goes on at the server that shows a copy of it. */
  async takeOver(): Promise<void> {
    const { session } = this.#accounts.current;
    await takeOver(this.#here(), session);
  }

  #here(): AccountDeps {
    const { accountNode } = this.#accounts.current;
    return {
      ...this.#accounts.depsAt(accountNode),
      node: accountNode.direct ?? accountNode.node,
    };
  }

  async #places(server: string): Promise<{ from: AccountDeps; to: AccountDeps }> {
    const other = await this.#accounts.openNode(serverOrigin(server));
    const to = {
      ...this.#accounts.depsAt(other),
      node: other.direct ?? other.node,
      pointerMemory: createPointerMemory(),
    };
    return { from: this.#here(), to };
  }
}

function stateOf({ seenMs, doneBytes, isBusy, failure }: MirrorStatus): MirrorState {
  return {
    doneBytes,
    isBusy,
    ...(seenMs === undefined ? {} : { seenMs }),
    ...(failure === undefined ? {} : { failure }),
  };
}
