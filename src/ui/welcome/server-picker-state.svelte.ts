/** Where a drive lives: in this browser, or on a server somebody named. */
import type { Client, ServerReport } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import { describeError } from '../app/describe-error.ts';
import { serverName } from '../text/server-name.ts';
import { chooseNode, chosenNode, nodeIn, nodeOfThisPage } from './named-node.ts';

export class WhereState {
  /** Origin of the server, or multiaddr of the node; undefined for this browser. */
  server = $state<string | undefined>(undefined);
  /** Whether the server takes new accounts without a token. */
  takesSignUps = $state(true);
  /** False until it is clear where drives go by default. */
  isKnown = $state(false);
  typed = $state('');
  /** True while an address is asked for. */
  choosing = $state(false);
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  /** By server: what one handed out is no other's business. */
  #tokens = $state.raw<ReadonlyMap<string, string>>(new Map());
  readonly #client: Client;
  #isChosen = false;
  #begun: Promise<void> | undefined;
  #confirming: Promise<void> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The server the app came from is the default, if it is a node. */
  async begin(): Promise<void> {
    if (!this.#isChosen) this.#lookForNode();
    if (!this.#isChosen) await (this.#begun ??= this.#findOwn());
  }

  /**
   * Before the form is sent: nobody is quicker than the answer where the drive goes, and the node that
   * a link filled in is meant. False: there is a failure to be shown first.
   */
  async settle(): Promise<boolean> {
    await this.begin();
    if (!this.choosing || !this.typed.startsWith('/')) return true;
    await this.confirm();
    return !this.choosing;
  }

  get host(): string | undefined {
    return this.server === undefined ? undefined : serverName(this.server);
  }

  /** What the administrator of the chosen server handed out; it goes there and nowhere else. */
  get token(): string {
    return this.#tokens.get(this.server ?? '') ?? '';
  }

  set token(token: string) {
    if (this.server !== undefined) this.invite(this.server, token);
  }

  /** A link to a server may bring its invitation along. */
  invite(server: string, token: string): void {
    this.#tokens = new Map(this.#tokens).set(server, token);
  }

  forgetTokens(): void {
    this.#tokens = new Map();
  }

  thisBrowser(): void {
    chooseNode(undefined);
    this.#isChosen = this.isKnown = true;
    this.server = undefined;
    this.takesSignUps = true;
    this.choosing = false;
    this.failure = undefined;
  }

  /** A known account says itself where it lives. */
  set(server: string | undefined): void {
    this.#isChosen = this.isKnown = true;
    this.server = server;
    this.choosing = false;
  }

  /** Asks the server that was typed whether it is one; who asks again meanwhile waits for the answer. */
  confirm(): Promise<void> {
    this.#confirming ??= this.#confirm().finally(() => (this.#confirming = undefined));
    return this.#confirming;
  }

  async #confirm(): Promise<void> {
    if (this.typed.trim() === '') return;
    this.#isChosen = true;
    this.busy = true;
    this.failure = undefined;
    try {
      const named = nodeIn(this.typed) ?? { multiaddr: this.typed };
      const report = await this.#client.checkServer(named.multiaddr);
      const token = named.token ?? nodeOfThisPage()?.token;
      if (token !== undefined && report.server.startsWith('/')) this.invite(report.server, token);
      chooseNode(report.server.startsWith('/') ? report : undefined);
      this.#take(report);
      this.choosing = false;
    } catch (error) {
      this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }

  /** What a camera saw: the link of a server is taken for its address, and anything else is said to be none. */
  async scanned(text: string): Promise<void> {
    if (this.busy || !this.choosing) return;
    if (nodeIn(text) === undefined && !/^(?:https?:\/\/|\/ip[46]\/)/u.test(text)) {
      this.failure = m.where_scan_none();
      return;
    }
    this.typed = text;
    await this.confirm();
  }

  /** The address of a link is filled in; nothing is asked before the person says so. */
  #lookForNode(): void {
    const named = nodeOfThisPage();
    const chosen = chosenNode();
    if (named !== undefined) {
      this.#isChosen = this.isKnown = this.choosing = true;
      this.typed = named.multiaddr;
    } else if (chosen !== undefined) {
      this.#isChosen = true;
      this.#take(chosen);
    }
  }

  async #findOwn(): Promise<void> {
    try {
      const own = await this.#client.ownServer();
      const report = own === undefined ? undefined : await this.#client.checkServer(own);
      if (report !== undefined && !this.#isChosen) this.#take(report);
    } catch {
      // The host of this page does not answer; the person may name a server.
    } finally {
      this.isKnown = true;
    }
  }

  #take({ server, takesSignUps }: ServerReport): void {
    this.server = server;
    this.takesSignUps = takesSignUps;
    this.isKnown = true;
  }
}
