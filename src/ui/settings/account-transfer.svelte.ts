/** Taking the account along: into files, or to a server. One operation at a time, which can be cancelled. */
import type { MoveProgress } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { SecondFactorStep } from '../app/second-factor-step.svelte.ts';
import { m } from '../text/messages.ts';
import { serverName } from '../text/server-name.ts';
import { WhereState } from '../welcome/server-picker-state.svelte.ts';

const PHASE_WORDS: Readonly<Record<MoveProgress['phase'], () => string>> = {
  copying: m.move_account_copying,
  checking: m.move_account_checking,
  switching: m.move_account_switching,
  waiting: m.move_account_waiting,
};

export class AccountTransferState {
  /** Which form is open. */
  action = $state<'none' | 'export' | 'move'>('none');
  password = $state('');
  /** From 0 to 1. */
  share = $state(0);
  words = $state('');
  /** How far the move under way is, once anything was said of it. */
  move = $state<MoveProgress | undefined>(undefined);
  failure = $state<string | undefined>(undefined);
  readonly where: WhereState;
  readonly step = new SecondFactorStep();
  readonly #app: AppState;
  #stop: AbortController | undefined;
  #isWorking = $state(false);
  readonly busy = $derived(this.#isWorking && !this.step.isWaiting);

  constructor(app: AppState) {
    this.#app = app;
    this.where = new WhereState(app.client);
  }

  open(action: 'export' | 'move'): void {
    this.close();
    this.action = action;
    if (action === 'move') this.where.choosing = true;
  }

  /** Calls off what is under way and puts the form away. */
  close(): void {
    this.#stop?.abort();
    this.action = 'none';
    this.password = '';
    this.where.forgetTokens();
    this.step.cancel();
    this.failure = undefined;
  }

  async submit(): Promise<void> {
    if (this.step.asked !== undefined) return this.step.submit();
    if (this.#isWorking || this.password === '') return;
    if (this.action === 'export') await this.#run((signal) => this.#export(signal));
    if (this.action === 'move' && this.where.server !== undefined) {
      const { server } = this.where;
      await this.#run((signal) => this.#move(server, signal));
    }
  }

  async #export(signal: AbortSignal): Promise<void> {
    const { password, step } = this;
    this.words = m.export_busy();
    await this.#app.client.exportAccount({ password }, (progress) => this.#tell(progress), {
      prove: step.prove,
      signal,
    });
    this.#app.toasts.done(m.export_done());
  }

  async #move(server: string, signal: AbortSignal): Promise<void> {
    const { password, step } = this;
    const token = this.where.token.trim();
    this.words = m.move_account_copying();
    await this.#app.client.moveAccount(
      { server, password, ...(token === '' ? {} : { token }) },
      (progress) => {
        this.words = PHASE_WORDS[progress.phase]();
        this.move = progress;
        this.#tell(progress);
      },
      { prove: step.prove, signal },
    );
    this.#app.toasts.done(m.move_account_done({ host: serverName(server) }));
  }

  #tell({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void {
    this.step.end(); // it was right, or not asked for
    this.share = totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
  }

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const stop = (this.#stop = new AbortController());
    this.#isWorking = true;
    this.share = 0;
    this.move = undefined;
    this.failure = undefined;
    try {
      await work(stop.signal);
      this.close();
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.step.end();
      this.#isWorking = false;
    }
  }
}
