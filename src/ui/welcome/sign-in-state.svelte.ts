/** The sign-in form, and the accounts this browser knows. */
import type { Account, Client } from '#lib/client/index.ts';
import { describeError, isAbort } from '../app/describe-error.ts';

export class SignInState {
  username = $state('');
  password = $state('');
  staySignedIn = $state(true);
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  /** True while the known accounts are offered, false while the form is. */
  choosing: boolean;
  readonly #client: Client;

  constructor(client: Client, accounts: readonly Account[]) {
    this.#client = client;
    this.choosing = $state(accounts.length > 0);
  }

  /** A known account: straight in if it stays signed in, else its password is asked. */
  async choose(account: Account): Promise<void> {
    this.username = account.username;
    this.password = '';
    this.failure = undefined;
    if (!account.staysSignedIn || !(await this.#run(() => this.#client.resume(account)))) {
      this.choosing = false;
    }
  }

  other(): void {
    this.username = '';
    this.failure = undefined;
    this.choosing = false;
  }

  async submit(): Promise<void> {
    const { username, password, staySignedIn } = this;
    if (this.busy || username === '' || password === '') return;
    await this.#run(async () => {
      await this.#client.signIn({ username: username.trim(), password, staySignedIn });
      return true;
    });
  }

  forget(account: Account): Promise<boolean> {
    return this.#run(async () => {
      await this.#client.forgetAccount(account);
      return true;
    });
  }

  async #run(act: () => Promise<boolean>): Promise<boolean> {
    this.busy = true;
    this.failure = undefined;
    try {
      return await act();
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
