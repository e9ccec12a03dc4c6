/** Changing the password: the same rules as at sign-up, and exactly one password works after. */
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, isAbort } from '../app/describe-error.ts';
import { SecondFactorStep } from '../app/second-factor-step.svelte.ts';
import { m } from '../text/messages.ts';

const PAUSE_MS = 180;

export class PasswordChange {
  oldPassword = $state('');
  newPassword = $state('');
  shown = $state(false);
  failure = $state<string | undefined>(undefined);
  strength = $state.raw<{ score: number; reason?: string } | undefined>(undefined);
  readonly step = new SecondFactorStep();
  #isWorking = $state(false);
  readonly busy = $derived(this.#isWorking && !this.step.isWaiting);
  readonly #app: AppState;
  readonly #username: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(app: AppState, username: string) {
    this.#app = app;
    this.#username = username;
  }

  typed(): void {
    this.failure = undefined;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#check(), PAUSE_MS);
  }

  async suggest(): Promise<void> {
    this.newPassword = await this.#app.client.suggestPassphrase();
    this.shown = true;
    this.typed();
  }

  async submit(): Promise<void> {
    if (this.step.asked !== undefined) return this.step.submit();
    if (this.busy || this.oldPassword === '' || this.newPassword === '') return;
    this.#isWorking = true;
    this.failure = undefined;
    try {
      if (!(await this.#check())) return;
      const { oldPassword, newPassword } = this;
      const { prove } = this.step;
      await this.#app.client.changePassword({ oldPassword, newPassword }, { prove });
      this.oldPassword = this.newPassword = '';
      this.strength = undefined;
      this.#app.toasts.done(m.password_changed());
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.step.end();
      this.#isWorking = false;
    }
  }

  async #check(): Promise<boolean> {
    const about = this.newPassword;
    if (about === '') {
      this.strength = undefined;
      return false;
    }
    const { ok, score, reason } = await this.#app.client.checkPassword(about, this.#username);
    if (about === this.newPassword) {
      this.strength = ok || reason === undefined ? { score } : { score, reason };
    }
    return ok;
  }
}
