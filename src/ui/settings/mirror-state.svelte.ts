/** A copy of the account on another server: asking for one, looking how far it is, ending it. */
import type { MirrorState } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { SecondFactorStep } from '../app/second-factor-step.svelte.ts';
import { formatBytes, formatMoment } from '../text/format.ts';
import { m } from '../text/messages.ts';
import { serverName } from '../text/server-name.ts';
import { WhereState } from '../welcome/server-picker-state.svelte.ts';

const LOOK_AGAIN_MS = 2_000;

export class MirrorForm {
  isOpen = $state(false);
  password = $state('');
  failure = $state<string | undefined>(undefined);
  /** What the other server said last, and which it is. */
  known = $state<{ readonly server: string; readonly state: MirrorState } | undefined>(undefined);
  readonly where: WhereState;
  readonly step = new SecondFactorStep();
  readonly #app: AppState;
  #stop: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isWorking = $state(false);
  readonly busy = $derived(this.#isWorking && !this.step.isWaiting);
  readonly words = $derived(this.known === undefined ? '' : wordsOf(this.known));

  constructor(app: AppState) {
    this.#app = app;
    this.where = new WhereState(app.client);
  }

  open(): void {
    this.close();
    this.isOpen = true;
    this.where.choosing = true;
  }

  close(): void {
    this.#stop?.abort();
    clearTimeout(this.#timer);
    this.isOpen = false;
    this.password = '';
    this.where.forgetTokens();
    this.step.cancel();
    this.failure = undefined;
    this.known = undefined;
  }

  async submit(): Promise<void> {
    if (this.step.asked !== undefined) return this.step.submit();
    const { server } = this.where;
    if (this.#isWorking || this.password === '' || server === undefined) return;
    const { password } = this;
    const token = this.where.token.trim();
    await this.#run(async (signal) => {
      const options = { server, password, ...(token === '' ? {} : { token }) };
      const prove = this.step.prove;
      const state = await this.#app.client.mirrorAccount(options, { prove, signal });
      this.password = '';
      this.#show(server, state);
    });
  }

  async look(): Promise<void> {
    const server = this.known?.server;
    if (server === undefined) return;
    await this.#run(async () => this.#show(server, await this.#app.client.mirrorState(server)));
  }

  async end(): Promise<void> {
    const server = this.known?.server;
    if (server === undefined) return;
    await this.#run(async () => {
      await this.#app.client.endMirror(server);
      this.#app.toasts.done(m.mirror_ended({ host: serverName(server) }));
      this.close();
    });
  }

  #show(server: string, state: MirrorState): void {
    this.known = { server, state };
    clearTimeout(this.#timer);
    const isGoingOn = state.seenMs === undefined && state.failure === undefined;
    if (isGoingOn) this.#timer = setTimeout(() => void this.look(), LOOK_AGAIN_MS);
  }

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const stop = (this.#stop = new AbortController());
    this.#isWorking = true;
    this.failure = undefined;
    try {
      await work(stop.signal);
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.step.end();
      this.#isWorking = false;
    }
  }
}

function wordsOf({ server, state }: { server: string; state: MirrorState }): string {
  const host = serverName(server);
  const { seenMs, failure, doneBytes } = state;
  if (seenMs !== undefined) return m.mirror_whole({ host, when: formatMoment(seenMs) });
  if (failure !== undefined) return m.mirror_failed({ host, reason: failure });
  return m.mirror_copying({ host, done: formatBytes(doneBytes) });
}
