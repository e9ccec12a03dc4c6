/** What came of scanning the codes that people show on their screens. */
import type { Meeting } from '#lib/client/index.ts';
import type { AppState } from '../../app/app-state.svelte.ts';
import { describeError, isAbort } from '../../app/describe-error.ts';
import { m } from '../../text/messages.ts';
import { shownInvitationIn } from '../invitation.ts';

export class MeetState {
  /** Of whom a code was scanned, and what came of it. */
  met = $state.raw<{ readonly name: string; readonly meeting: Meeting }>();
  failure = $state<string>();
  busy = $state(false);
  readonly #app: AppState;
  readonly #username: string;
  /** A camera sees the same code many times. */
  #refused: string | undefined;

  constructor(app: AppState, username: string) {
    this.#app = app;
    this.#username = username;
  }

  /** Forgets what came of the last scan, before another. */
  begin(): void {
    this.met = undefined;
    this.failure = undefined;
    this.#refused = undefined;
  }

  /** Verifies whose code it is, and asks or answers. */
  async scan(text: string): Promise<void> {
    if (this.busy || text === this.#refused) return;
    this.failure = undefined;
    const shown = shownInvitationIn(text);
    if (shown === undefined) return this.#refuse(text, m.meet_no_code());
    const { username: name, code } = shown;
    if (name === this.#username) return this.#refuse(text, m.verify_own_code());
    this.busy = true;
    try {
      this.met = { name, meeting: await this.#app.client.meet(name, code) };
    } catch (error) {
      if (!isAbort(error)) this.#refuse(text, describeError(error));
    } finally {
      this.busy = false;
    }
  }

  #refuse(text: string, why: string): void {
    this.#refused = text;
    this.failure = why;
  }
}
