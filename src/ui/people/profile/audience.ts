/** Who may see a field of the own profile, as one choice. */
import type { ShareRecipient } from '#lib/client/index.ts';

/** `some`: only people who were chosen by name. All followers are friends, too. */
export type Audience = 'nobody' | 'friends' | 'followers' | 'some';

export function audienceOf(recipients: readonly ShareRecipient[] = []): Audience {
  const hasGroup = (name: 'friends' | 'followers'): boolean =>
    recipients.some((one) => one.kind === 'group' && one.name === name);
  if (hasGroup('followers')) return 'followers';
  if (hasGroup('friends')) return 'friends';
  return recipients.length === 0 ? 'nobody' : 'some';
}

/** Whom to take a field back from and whom to give it to, so that exactly this audience sees it. */
export function changeOfAudience(
  before: readonly ShareRecipient[],
  audience: Audience,
): { readonly remove: readonly ShareRecipient[]; readonly add: readonly ShareRecipient[] } {
  if (audience === 'some') return { remove: [], add: [] };
  const isWanted = (one: ShareRecipient): boolean => one.kind === 'group' && one.name === audience;
  const isThere = audience === 'nobody' || before.some(isWanted);
  return {
    remove: before.filter((one) => !isWanted(one)),
    add: isThere ? [] : [{ kind: 'group', name: audience }],
  };
}
