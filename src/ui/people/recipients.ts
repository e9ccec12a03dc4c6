/** How those who can be given access are called. */
import type { ShareRecipient } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';

export function recipientWord(recipient: ShareRecipient): string {
  if (recipient.kind === 'person') return recipient.username;
  return recipient.name === 'friends' ? m.share_all_friends() : m.share_all_followers();
}

export function recipientKey(recipient: ShareRecipient): string {
  return recipient.kind === 'person' ? `@${recipient.username}` : `#${recipient.name}`;
}
