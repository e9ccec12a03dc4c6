/** The second factors of the account, and the steps of adding one. */
import type { SecondFactor } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { describeError, nameOf } from '../app/describe-error.ts';
import { createKey } from '../app/security-key.ts';
import { m } from '../text/messages.ts';

interface NewAuthenticator {
  readonly credential: Uint8Array;
  readonly secret: string;
  readonly otpauthUrl: string;
}

export class SecondFactorsState {
  factors = $state.raw<readonly SecondFactor[] | undefined>(undefined);
  /** Set while an authenticator app is being added. */
  adding = $state.raw<NewAuthenticator | undefined>(undefined);
  code = $state('');
  /** Shown once, right after they were made, with a hyphen in the middle. */
  backupCodes = $state.raw<readonly string[] | undefined>(undefined);
  busy = $state(false);
  failure = $state<string | undefined>(undefined);
  readonly #app: AppState;

  readonly enabled = $derived(
    (this.factors ?? []).filter(({ kind, isEnabled }) => isEnabled && kind !== 'mount'),
  );
  readonly hasAuthenticator = $derived(this.enabled.some(({ kind }) => kind === 'totp'));
  /** Backup codes stand in for something; alone they would be a second password. */
  readonly mayHaveBackupCodes = $derived(
    this.enabled.some(({ kind }) => kind === 'totp' || kind === 'security-key'),
  );

  /** Asked for as soon as there is something to lose. */
  readonly lacksBackupCodes = $derived(
    this.mayHaveBackupCodes && !this.enabled.some(({ kind }) => kind === 'backup-codes'),
  );

  constructor(app: AppState) {
    this.#app = app;
  }

  async refresh(): Promise<void> {
    await this.#run(async () => {
      this.factors = await this.#app.client.secondFactors();
    });
  }

  async beginAuthenticator(): Promise<void> {
    this.code = '';
    await this.#run(async () => {
      this.adding = await this.#app.client.addAuthenticator();
    });
  }

  async confirmAuthenticator(): Promise<void> {
    const { adding } = this;
    if (adding === undefined || this.code.trim() === '') return;
    await this.#run(async () => {
      if (!(await this.#app.client.confirmAuthenticator(adding.credential, this.code))) {
        this.failure = m.factor_code_wrong();
        return;
      }
      this.adding = undefined;
      this.factors = await this.#app.client.secondFactors();
      this.#app.toasts.done(m.factor_added());
    });
  }

  cancelAuthenticator(): void {
    this.adding = undefined;
    this.failure = undefined;
  }

  async addKey(username: string): Promise<void> {
    const name = this.#nextKeyName();
    await this.#run(async () => {
      const challenge = await this.#app.client.startSecurityKey();
      const proof = await createKey(username, challenge);
      if (proof === undefined) return;
      if (!(await this.#app.client.completeSecurityKey(name, proof))) {
        this.failure = m.factor_key_refused();
        return;
      }
      this.factors = await this.#app.client.secondFactors();
      this.#app.toasts.done(m.factor_added());
    });
  }

  async makeBackupCodes(): Promise<void> {
    await this.#run(async () => {
      const codes = await this.#app.client.generateBackupCodes();
      this.backupCodes = codes.map((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
      this.factors = await this.#app.client.secondFactors();
    });
  }

  async copyBackupCodes(): Promise<void> {
    const text = this.backupCodes?.join('\n') ?? '';
    await this.#app.attempt(async () => {
      await navigator.clipboard.writeText(text);
      this.#app.toasts.done(m.factor_backup_copied());
    });
  }

  async remove(factor: SecondFactor): Promise<void> {
    await this.#run(async () => {
      await this.#app.client.removeSecondFactor(factor.credential);
      this.backupCodes = undefined;
      this.factors = await this.#app.client.secondFactors();
    });
  }

  /** The first number that no key has. */
  #nextKeyName(): string {
    const names = new Set(this.enabled.map(({ name }) => name));
    for (let count = 1; ; count++) {
      const name = m.factor_key_name({ count });
      if (!names.has(name)) return name;
    }
  }

  async #run(action: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.failure = undefined;
    try {
      await action();
    } catch (error) {
      const isSilent = nameOf(error) === 'NotAllowedError';
      this.failure = isSilent ? m.factor_key_silent() : describeError(error);
    } finally {
      this.busy = false;
    }
  }
}
