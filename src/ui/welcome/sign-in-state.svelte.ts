/** The sign-in form, and the accounts this browser knows. */
import type { Account, Client, SecondFactorProof, SignInResult } from '#lib/client/index.ts';
import { codeProof } from '../app/code-proof.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { proveWithKey } from '../app/security-key.ts';
import { WhereState } from './where-state.svelte.ts';

type Asked = Extract<SignInResult, { kind: 'second-factor' }>;

export class SignInState {
  username = $state('');
  password = $state('');
  staySignedIn = $state(true);
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  /** True while the known accounts are offered, false while the form is. */
  choosing: boolean;
  /** Set once the password was right and a second factor is asked for. */
  asked = $state.raw<Asked | undefined>(undefined);
  code = $state('');
  readonly where: WhereState;
  readonly #client: Client;

  constructor(client: Client, accounts: readonly Account[]) {
    this.#client = client;
    this.where = new WhereState(client);
    this.choosing = $state(accounts.length > 0);
  }

  /** A known account: straight in if it stays signed in, else its password is asked. */
  async choose(account: Account): Promise<void> {
    this.username = account.username;
    this.where.set(account.server);
    this.password = '';
    this.failure = undefined;
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
    this.choosing = false;
  }

  async submit(): Promise<void> {
    if (this.busy || this.username === '' || this.password === '') return;
    if (this.asked === undefined) await this.#signIn();
    else if (this.code.trim() !== '') await this.#signIn(codeProof(this.asked.factors, this.code));
  }

  async submitKey(): Promise<void> {
    const { asked } = this;
    if (this.busy || asked === undefined) return;
    let proof: SecondFactorProof | undefined;
    await this.#run(async () => {
      proof = await proveWithKey(asked.factors, asked.challenge);
      return true;
    });
    if (proof !== undefined) await this.#signIn(proof);
  }

  /** Back to name and password. */
  back(): void {
    this.asked = undefined;
    this.code = '';
    this.failure = undefined;
  }

  async #signIn(secondFactor?: SecondFactorProof): Promise<void> {
    const { username, password, staySignedIn } = this;
    await this.#run(async () => {
      await this.where.begin(); // nobody is quicker than the answer where the drive is
      const { server } = this.where;
      const result = await this.#client.signIn({
        username: username.trim(),
        password,
        staySignedIn,
        ...(server === undefined ? {} : { server }),
        ...(secondFactor === undefined ? {} : { secondFactor }),
      });
      if (result.kind === 'second-factor') this.asked = result;
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
