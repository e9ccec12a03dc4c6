/** What the dialog to verify somebody shows and does. */
import type { FriendVerification } from '#lib/client/index.ts';
import type { AppState } from '../../app/app-state.svelte.ts';
import { describeError, isAbort, nameOf } from '../../app/describe-error.ts';
import { shownInvitationIn } from '../invitation.ts';

/** What came of a comparison; the last two compared nothing. */
export type Outcome = 'match' | 'mismatch' | 'own-code' | 'no-code';

export class VerifyState {
  shown = $state.raw<FriendVerification>();
  outcome = $state<Outcome>();
  busy = $state(false);
  failure = $state<string>();
  readonly #app: AppState;
  readonly #name: string;
  readonly #abort = new AbortController();
  /** A camera sees the same code many times. */
  #refused: string | undefined;
  /** What was scanned last while another comparison went on. */
  #next: string | undefined;

  constructor(app: AppState, name: string) {
    this.#app = app;
    this.#name = name;
  }

  stop(): void {
    this.#abort.abort();
  }

  /** Asks for the number and the code. */
  async read(): Promise<void> {
    this.failure = undefined;
    try {
      this.shown = await this.#app.client.verification(this.#name, this.#abort.signal);
    } catch (error) {
      if (!isAbort(error)) this.failure = describeError(error);
    }
  }

  /** Forgets what came of the last comparison, before another. */
  begin(): void {
    this.outcome = undefined;
    this.#refused = undefined;
  }

  /** Compares with the text of a QR code, of this comparison or of an invitation, or with 60 digits. */
  async compare(scanned: string): Promise<void> {
    if (scanned === this.#refused) return;
    if (this.busy) return void (this.#next = scanned);
    if (scanned.trim() === this.shown?.qrText) this.outcome = 'own-code';
    else await this.#decide(() => this.#matches(scanned));
    if (this.outcome === 'no-code') this.#refused = scanned;
    const next = this.#next;
    this.#next = undefined;
    if (next !== undefined && next !== scanned) await this.compare(next);
  }

  /** Keeps what a person found by reading the number. */
  async mark(isVerified: boolean): Promise<void> {
    await this.#decide(async () => {
      await this.#app.client.markVerified(this.#name, isVerified);
      return isVerified;
    });
  }

  /** The code of an invitation is for these two as well: it is of one person's keys. */
  async #matches(scanned: string): Promise<boolean> {
    const { client } = this.#app;
    const shown = shownInvitationIn(scanned);
    if (shown?.username !== this.#name) return client.compareCode(this.#name, scanned);
    return (await client.meet(this.#name, shown.code)) !== 'mismatch';
  }

  async #decide(find: () => Promise<boolean>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.failure = undefined;
    try {
      this.outcome = (await find()) ? 'match' : 'mismatch';
      await this.read();
    } catch (error) {
      if (nameOf(error) === 'UnreadableCode') this.outcome = 'no-code';
      else if (!isAbort(error)) this.failure = describeError(error);
    } finally {
      this.busy = false;
    }
  }
}
