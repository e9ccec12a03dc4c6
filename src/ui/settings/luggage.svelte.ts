/** Taking the account along: into files, or to a server. One act at a time, which can be called off. */
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { m } from '../text/messages.ts';
import { WhereState } from '../welcome/where-state.svelte.ts';
import { CodeStep } from './code-step.svelte.ts';

export class LuggageState {
  /** Which form is open. */
  act = $state<'none' | 'export' | 'move'>('none');
  password = $state('');
  token = $state('');
  busy = $state(false);
  /** From 0 to 1. */
  share = $state(0);
  words = $state('');
  failure = $state<string | undefined>(undefined);
  readonly where: WhereState;
  readonly step: CodeStep;
  readonly #app: AppState;
  #stop: AbortController | undefined;

  constructor(app: AppState) {
    this.#app = app;
    this.where = new WhereState(app.client);
    this.step = new CodeStep(app);
  }

  open(act: 'export' | 'move'): void {
    this.close();
    this.act = act;
    if (act === 'move') this.where.choosing = true;
  }

  /** Calls off what is under way and puts the form away. */
  close(): void {
    this.#stop?.abort();
    this.act = 'none';
    this.password = this.token = '';
    this.step.clear();
    this.failure = undefined;
  }

  async submit(): Promise<void> {
    if (this.busy || this.password === '') return;
    if (this.act === 'export') await this.#run(() => this.#export());
    if (this.act === 'move' && this.where.server !== undefined) {
      const { server } = this.where;
      await this.#run((signal) => this.#move(server, signal));
    }
  }

  async #export(): Promise<void> {
    const { password } = this;
    const stop = this.#stop;
    this.words = m.export_busy();
    await this.#app.client.exportAccount(
      { password, ...this.step.proof },
      (progress) => this.#tell(progress),
      stop?.signal,
    );
    this.#app.toasts.done(m.export_done());
  }

  async #move(server: string, signal: AbortSignal): Promise<void> {
    const { password } = this;
    const token = this.token.trim();
    await this.#app.client.moveAccount(
      { server, password, ...this.step.proof, ...(token === '' ? {} : { token }) },
      (progress) => {
        this.words = progress.phase === 'copying' ? m.rehome_copying() : m.rehome_checking();
        this.#tell(progress);
      },
      signal,
    );
    this.#app.toasts.done(m.rehome_done({ host: new URL(server).host }));
  }

  #tell({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): void {
    this.share = totalBytes === 0 ? 0 : Math.min(1, doneBytes / totalBytes);
  }

  async #run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#stop = new AbortController();
    this.busy = true;
    this.share = 0;
    this.failure = undefined;
    try {
      await work(this.#stop.signal);
      this.close();
    } catch (error) {
      if (isAbort(error) || (await this.step.isAskedBy(error))) return;
      this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }
}
