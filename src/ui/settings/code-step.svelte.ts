/**
 * The second step where a signed-in person shows the password once more: a code. Nothing is asked
 * before the server said that the password alone is not enough. A security key cannot stand in for
 * the code here, the backup codes that go with it can.
 */
import type { SecondFactor, SecondFactorProof } from '#lib/client/index.ts';
import type { AppState } from '../app/app-state.svelte.ts';
import { codeProof } from '../app/code-proof.ts';
import { nameOf } from '../app/describe-error.ts';

export class CodeStep {
  /** Those that take a code; set once one is asked for. */
  factors = $state.raw<readonly SecondFactor[] | undefined>(undefined);
  code = $state('');
  readonly #app: AppState;

  readonly isReady = $derived(this.factors === undefined || this.code.trim() !== '');

  constructor(app: AppState) {
    this.#app = app;
  }

  /** To be sent along with the password. */
  get proof(): { readonly secondFactor?: SecondFactorProof } {
    if (this.factors === undefined) return {};
    return { secondFactor: codeProof(this.factors, this.code) };
  }

  /** Whether the failure asks for a code that was not asked for before; from then on it is. */
  async isAskedBy(error: unknown): Promise<boolean> {
    if (nameOf(error) !== 'SecondFactorNeeded' || this.factors !== undefined) return false;
    const all = await this.#app.client.secondFactors().catch(() => []);
    const codes = all.filter(
      ({ kind, isEnabled }) => isEnabled && (kind === 'totp' || kind === 'backup-codes'),
    );
    if (codes.length === 0) return false;
    this.factors = codes;
    return true;
  }

  clear(): void {
    this.factors = undefined;
    this.code = '';
  }
}
