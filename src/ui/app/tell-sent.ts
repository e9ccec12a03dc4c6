/** What is said when changes that were made without a server have reached it. */
import type { ClientEvent } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import type { Toasts } from './toasts.svelte.ts';

export function tellSent(
  toasts: Toasts,
  { keptBoth, notDeleted, lost }: Extract<ClientEvent, { kind: 'sent' }>,
): void {
  if (lost.length > 0) toasts.failed(m.sent_lost({ names: lost.join(', ') }));
  if (keptBoth.length > 0) toasts.done(m.sent_kept_both({ names: keptBoth.join(', ') }));
  if (notDeleted.length > 0) toasts.done(m.sent_not_deleted({ names: notDeleted.join(', ') }));
  if (keptBoth.length + notDeleted.length === 0) toasts.done(m.sent_done());
}
