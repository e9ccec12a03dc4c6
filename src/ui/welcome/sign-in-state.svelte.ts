/** The sign-in form, and the accounts this browser knows. */
import type { Account, AccountChange, Client } from '#lib/client/index.ts';
import { describeError, isAbort, nameOf } from '../app/describe-error.ts';
import { SecondFactorStep } from '../app/second-factor-step.svelte.ts';
import type { SignOutRequest } from '../app/pending-changes.svelte.ts';
import { nodeOfThisPage } from './named-node.ts';
import { typedName } from './typed-name.ts';
import { WhereState } from './server-picker-state.svelte.ts';

const CHANGES: readonly AccountChange[] = [
  'IdentityReplaced',
  'PasswordWeakened',
  'PasswordReplaced',
];

export class SignInState {
  username = $state('');
  password = $state('');
  staySignedIn = $state(true);
  failure = $state<string | undefined>(undefined);
  /** What the failure says is different about the account, until the person decides. */
  change = $state<AccountChange | undefined>(undefined);
  /** True while the known accounts are offered, false while the form is. */
  choosing: boolean;
  /** Begins once the password was right and a second factor is asked for. */
  readonly step = new SecondFactorStep();
  readonly where: WhereState;
  readonly #client: Client;
  #isWorking = $state(false);
  readonly busy = $derived(this.#isWorking && !this.step.isWaiting);
  /** An account to be forgotten although changes of it wait: to be confirmed. */
  signOutRequest = $state.raw<Required<SignOutRequest> | undefined>(undefined);

  constructor(client: Client, accounts: readonly Account[]) {
    this.#client = client;
    this.where = new WhereState(client);
    this.choosing = $state(accounts.length > 0 && nodeOfThisPage() === undefined);
  }

  /** A known account: straight in if it stays signed in, else its password is asked. */
  async choose(account: Account): Promise<void> {
    this.username = account.username;
    this.where.set(account.server);
    this.password = '';
    this.failure = undefined;
    this.change = undefined;
    if (!account.staysSignedIn || !(await this.#run(() => this.#client.resume(account)))) {
      this.choosing = false;
    }
  }

  /** An exported drive is here now; its password opens it. */
  imported(username: string): void {
    this.other();
    this.where.thisBrowser();
    this.username = username;
  }

  other(): void {
    this.username = '';
    this.failure = undefined;
    this.change = undefined;
    this.choosing = false;
  }

  /** The person agrees to what is different. */
  async agree(): Promise<void> {
    if (!this.busy && this.change !== undefined) await this.#signIn(this.change);
  }

  async submit(): Promise<void> {
    if (this.step.asked !== undefined) return this.step.submit();
    if (this.busy || this.username === '' || this.password === '') return;
    await this.#signIn();
  }

  async #signIn(accepts?: AccountChange): Promise<void> {
    const { username, password, staySignedIn, step } = this;
    await this.#run(async () => {
      if (!(await this.where.settle())) return false;
      const { server } = this.where;
      const account = {
        username: typedName(username),
        password,
        staySignedIn,
        ...(server === undefined ? {} : { server }),
        ...(accepts === undefined ? {} : { accepts }),
      };
      await this.#client.signIn(account, { prove: step.prove });
      return true;
    });
    step.end();
  }

  /** Forgets an account; where that would lose changes it is asked first. */
  forget(account: Account, discardsChanges = false): Promise<boolean> {
    this.signOutRequest = undefined;
    return this.#run(async () => {
      const changes = discardsChanges ? 0 : await this.#client.pendingChanges(account);
      if (changes > 0) this.signOutRequest = { account, changes };
      else await this.#client.forgetAccount(account, { discardsChanges });
      return changes === 0;
    });
  }

  async #run(action: () => Promise<boolean>): Promise<boolean> {
    this.#isWorking = true;
    this.failure = undefined;
    this.change = undefined;
    try {
      return await action();
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
      this.change = CHANGES.find((change) => change === nameOf(error));
      return false;
    } finally {
      this.#isWorking = false;
    }
  }
}
