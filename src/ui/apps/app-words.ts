/** What an app may do, in words. */
import type { AppNotice } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';

const WORDS = new Map<string, () => string>([
  ['STORE_APP_DATA', m.app_may_store],
  ['EDIT_CHOSEN_FILE', m.app_may_edit],
  ['READ_CHOSEN_FOLDER', m.app_may_read_folder],
  ['EXCHANGE_MESSAGES_WITH_FRIENDS', m.app_may_message],
  ['USE_MAILBOX', m.app_may_mail],
  ['ACCESS_PROFILE_PHOTO', m.app_may_see_photos],
  ['CSP_UNSAFE_EVAL', m.app_may_eval],
  ['READS_FOLDER_OF_FILE', m.app_may_read_beside],
]);

export function noticeWords({ key, isAvailable }: AppNotice): string {
  const words = WORDS.get(key)?.() ?? key;
  return isAvailable ? words : `${words} ${m.app_not_available()}`;
}
