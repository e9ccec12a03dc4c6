/** A secret link in words, and as a mail. */
import type { SecretLink } from '#lib/client/index.ts';
import { formatDay, formatNumber } from '../../text/format.ts';
import { m } from '../../text/messages.ts';

/** What its terms are, one thing after the other. */
export function aboutLink({ password, endsMs, uses }: SecretLink, nowMs = Date.now()): string {
  const words = [
    password === '' ? undefined : m.link_about_password(),
    endsMs === undefined ? undefined : endWords(endsMs, nowMs),
    uses === undefined ? undefined : m.link_about_uses({ count: uses, shown: formatNumber(uses) }),
  ].filter((one) => one !== undefined);
  return words.length === 0 ? m.link_about_free() : words.join(' · ');
}

function endWords(endsMs: number, nowMs: number): string {
  const day = formatDay(endsMs);
  return endsMs < nowMs ? m.link_about_ended({ day }) : m.link_about_until({ day });
}

/** A mail to write with the link in it, for the mail program of the person. */
export function mailWith({ address }: SecretLink, name: string): string {
  const subject = encodeURIComponent(m.link_mail_subject({ name }));
  return `mailto:?subject=${subject}&body=${encodeURIComponent(address)}`;
}
