/**
 * The sign-up form: rules are answered while typing, by the same functions that decide in the
 * end. Answers may come back out of order, so each one is matched with the text it was about.
 */
import { describeError, isAbort } from '../app/describe-error.ts';
import { nodeOfThisPage } from './named-node.ts';
import { typedName } from './typed-name.ts';
import { WhereState } from './server-picker-state.svelte.ts';
import type { Client } from '#lib/client/index.ts';

type Check = { readonly about: string; readonly ok: boolean; readonly reason?: string };
type Strength = Check & { readonly score: number };

const PAUSE_MS = 180;

export class SignUpState {
  username = $state('');
  password = $state('');
  passwordShown = $state(false);
  staySignedIn = $state(true);
  readonly where: WhereState;
  suggestion = $state('');
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  #name = $state.raw<Check | undefined>(undefined);
  #strength = $state.raw<Strength | undefined>(undefined);
  readonly #client: Client;
  #nameTimer: ReturnType<typeof setTimeout> | undefined;
  #passwordTimer: ReturnType<typeof setTimeout> | undefined;

  readonly nameCheck = $derived(this.#name?.about === this.username ? this.#name : undefined);
  readonly strength = $derived(
    this.#strength?.about === this.password ? this.#strength : undefined,
  );
  readonly usesSuggestion = $derived(this.suggestion !== '' && this.password === this.suggestion);

  constructor(client: Client) {
    this.#client = client;
    this.where = new WhereState(client);
  }

  /** Finds where new drives go, and an invitation of this page's own server in the address. */
  async begin(): Promise<void> {
    nodeOfThisPage(); // its invitation is not one of this page's own server
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if (token !== null && /^[0-9a-f]{64}$/u.test(token)) {
      this.where.invite(location.origin, token);
      history.replaceState(history.state, '', location.pathname + location.search);
    }
    await this.where.begin();
  }

  async suggest(): Promise<void> {
    const used = this.usesSuggestion;
    this.suggestion = await this.#client.suggestPassphrase();
    if (used) this.takeSuggestion();
  }

  takeSuggestion(): void {
    this.password = this.suggestion;
    this.passwordShown = true;
    this.passwordTyped();
  }

  nameTyped(): void {
    this.failure = undefined;
    clearTimeout(this.#nameTimer);
    if (this.username !== '') this.#nameTimer = setTimeout(() => void this.#checkName(), PAUSE_MS);
    if (this.password !== '') this.passwordTyped(); // a password may not be the name
  }

  /** Shows the name as it will be. */
  nameLeft(): void {
    const name = typedName(this.username);
    if (name === this.username) return;
    this.username = name;
    this.nameTyped();
  }

  passwordTyped(): void {
    this.failure = undefined;
    clearTimeout(this.#passwordTimer);
    if (this.password !== '') {
      this.#passwordTimer = setTimeout(() => void this.#checkPassword(), PAUSE_MS);
    }
  }

  async submit(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = undefined;
    try {
      if (!(await this.where.settle())) return;
      const [name, strength] = await Promise.all([this.#checkName(), this.#checkPassword()]);
      if (!name.ok || !strength.ok) return;
      const { password, staySignedIn } = this;
      const username = typedName(this.username);
      const { server } = this.where;
      const token = this.where.token.trim();
      await this.#client.signUp({
        username,
        password,
        staySignedIn,
        ...(server === undefined ? {} : { server }),
        ...(token === '' ? {} : { token }),
      });
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }

  async #checkName(): Promise<Check> {
    const about = this.username;
    await this.where.begin();
    this.#name = {
      about,
      ...(await this.#client.checkUsername(typedName(about), this.where.server)),
    };
    return this.#name;
  }

  async #checkPassword(): Promise<Strength> {
    const about = this.password;
    this.#strength = {
      about,
      ...(await this.#client.checkPassword(about, typedName(this.username))),
    };
    return this.#strength;
  }
}
