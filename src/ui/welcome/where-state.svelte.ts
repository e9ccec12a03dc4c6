/** Where a drive lives: in this browser, or on a server somebody named. */
import type { Client } from '#lib/client/index.ts';
import { describeError } from '../app/describe-error.ts';

export class WhereState {
  /** Origin of the server; undefined for this browser. */
  server = $state<string | undefined>(undefined);
  /** Whether the server takes new accounts without a token. */
  takesSignUps = $state(true);
  typed = $state('');
  /** True while an address is asked for. */
  choosing = $state(false);
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  readonly #client: Client;
  #isChosen = false;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The server the app came from is the default, if it is a node. */
  async begin(): Promise<void> {
    const own = await this.#client.ownServer().catch(() => undefined);
    if (own !== undefined && !this.#isChosen) await this.#use(own);
  }

  get host(): string | undefined {
    return this.server === undefined ? undefined : new URL(this.server).host;
  }

  thisBrowser(): void {
    this.#isChosen = true;
    this.server = undefined;
    this.takesSignUps = true;
    this.choosing = false;
    this.failure = undefined;
  }

  /** A known account says itself where it lives. */
  set(server: string | undefined): void {
    this.#isChosen = true;
    this.server = server;
    this.choosing = false;
  }

  /** Asks the server that was typed whether it is one. */
  async confirm(): Promise<void> {
    if (this.busy || this.typed.trim() === '') return;
    this.#isChosen = true;
    this.busy = true;
    this.failure = undefined;
    try {
      await this.#use(this.typed);
      this.choosing = false;
    } catch (error) {
      this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }

  async #use(typed: string): Promise<void> {
    const { server, takesSignUps } = await this.#client.checkServer(typed);
    this.server = server;
    this.takesSignUps = takesSignUps;
  }
}
