/** In words, how an entry is shared. */
import type { EntrySharing } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';

const list = new Intl.ListFormat();

/** As a mark says it: with how many, and whether there are links. */
export function sharingWords({ access, links }: EntrySharing): string {
  const people = new Set<string>();
  const groups = new Set<string>();
  for (const { recipient } of access) {
    if (recipient.kind === 'person') people.add(recipient.username);
    else groups.add(recipient.name === 'friends' ? m.mark_friends() : m.mark_followers());
  }
  const who = [...groups];
  if (people.size === 1) who.push(...people);
  if (people.size > 1) who.push(m.mark_people({ count: people.size }));
  const words = who.length === 0 ? [] : [m.mark_shared({ people: list.format(who) })];
  if (links > 0) words.push(m.mark_links({ count: links }));
  return words.join(' · ');
}
