import type { GroupName } from '#lib/social/index.ts';
import type { ShareRecipient } from '../../types.ts';

/** Who is meant by a name that shares are noted with: a group by the name of its folder, or a person. */
export function recipientOf(name: string, groups: ReadonlyMap<string, GroupName>): ShareRecipient {
  const group = groups.get(name);
  return group === undefined ? { kind: 'person', username: name } : { kind: 'group', name: group };
}
