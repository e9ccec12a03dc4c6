/** Changes that wait here for a server, what became of them, and whether leaving would lose them. */
import type { Account, ClientEvent, SentReport, WaitingChanges } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import type { Toasts } from './toasts.svelte.ts';

type Heard = Extract<ClientEvent, { kind: 'waiting' | 'sent' }>;

/** Somebody wants to sign out, or to have an account forgotten, and changes wait. */
export interface Leaving {
  /** To be forgotten; absent: a sign-out. */
  readonly account?: Account;
  readonly changes: number;
}

const NONE: WaitingChanges = { changes: 0, isSending: false };

export class WaitingState {
  now = $state.raw(NONE);
  /** Of changes that met others; stays until it was read. */
  report = $state.raw<SentReport | undefined>(undefined);
  readonly #toasts: Toasts;

  constructor(toasts: Toasts) {
    this.#toasts = toasts;
  }

  hear(event: Heard): void {
    if (event.kind === 'waiting') {
      this.now = event;
      return;
    }
    const { keptBoth, notDeleted, lost } = event;
    if (keptBoth.length + notDeleted.length + lost.length > 0) {
      this.report = joined(this.report, event);
    } else this.#toasts.done(m.sent_done());
  }

  /** Another account has nothing to do with these. */
  clear(): void {
    this.now = NONE;
    this.report = undefined;
  }
}

/** What was not read yet stays in the report. */
function joined(unread: SentReport | undefined, now: SentReport): SentReport {
  const all = (kind: keyof SentReport) => [...new Set([...(unread?.[kind] ?? []), ...now[kind]])];
  return { keptBoth: all('keptBoth'), notDeleted: all('notDeleted'), lost: all('lost') };
}
