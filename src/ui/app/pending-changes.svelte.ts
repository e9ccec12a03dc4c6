/** Pending changes on the screen: their number, the report after sending, the sign-out warning. */
import type { Account, ClientEvent, SentReport, PendingChanges } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import type { Toasts } from './toasts.svelte.ts';

type Heard = Extract<ClientEvent, { kind: 'pending' | 'sent' }>;

/** A request to sign out, or to forget an account, that would delete pending changes. */
export interface SignOutRequest {
  /** The account to forget; absent: sign out. */
  readonly account?: Account;
  readonly changes: number;
}

const NONE: PendingChanges = { changes: 0, isSending: false };

export class PendingChangesState {
  now = $state.raw(NONE);
  /** Conflicts that the merge found; shown until the user closes it. */
  report = $state.raw<SentReport | undefined>(undefined);
  readonly #toasts: Toasts;

  constructor(toasts: Toasts) {
    this.#toasts = toasts;
  }

  hear(event: Heard): void {
    if (event.kind === 'pending') {
      this.now = event;
      return;
    }
    const { keptBoth, notDeleted, lost } = event;
    if (keptBoth.length + notDeleted.length + lost.length > 0) {
      this.report = joined(this.report, event);
    } else this.#toasts.done(m.sent_done());
  }

  /** Another account signs in. */
  clear(): void {
    this.now = NONE;
    this.report = undefined;
  }
}

/** Adds to the report that is still shown. */
function joined(unread: SentReport | undefined, now: SentReport): SentReport {
  const all = (kind: keyof SentReport) => [...new Set([...(unread?.[kind] ?? []), ...now[kind]])];
  return { keptBoth: all('keptBoth'), notDeleted: all('notDeleted'), lost: all('lost') };
}
