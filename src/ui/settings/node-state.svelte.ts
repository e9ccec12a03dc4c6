/** What the settings know of the account's server, and of the second one that is asked too. */
import type { NodeFacts, WitnessReport } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';

export class NodeState {
  facts = $state.raw<NodeFacts | undefined>(undefined);
  /** Why nothing is known. */
  silence = $state<string | undefined>(undefined);
  /** The second server: origin or multiaddr. */
  witness = $state<string | undefined>(undefined);
  report = $state.raw<WitnessReport | undefined>(undefined);
  /** The form for a second server is open. */
  naming = $state(false);
  typed = $state('');
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  readonly #app: AppState;
  readonly #stop = new AbortController();

  constructor(app: AppState) {
    this.#app = app;
  }

  /** Asks once; the result ends it. */
  begin(): () => void {
    const { client } = this.#app;
    client.nodeFacts(this.#stop.signal).then(
      (facts) => (this.facts = facts),
      (error: unknown) => {
        if (!isAbort(error)) this.silence = describeError(error);
      },
    );
    client.witness().then(
      (witness) => (this.witness = witness),
      () => undefined,
    );
    return () => this.#stop.abort();
  }

  /** Names the server that was typed, if it answers. */
  async name(): Promise<void> {
    if (this.typed.trim() === '') return;
    await this.#ask(() => this.#app.client.setWitness(this.typed, this.#stop.signal));
    if (this.failure !== undefined) return;
    this.naming = false;
    this.typed = '';
  }

  check(): Promise<void> {
    return this.#ask(() => this.#app.client.checkWitness(this.#stop.signal));
  }

  async remove(): Promise<void> {
    await this.#app.attempt(() => this.#app.client.removeWitness());
    this.witness = this.report = this.failure = undefined;
  }

  async #ask(ask: () => Promise<WitnessReport>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = undefined;
    try {
      this.report = await ask();
      this.witness = this.report.server;
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }
}
