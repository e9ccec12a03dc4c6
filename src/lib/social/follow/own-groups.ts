/** The groups of the account with the members they have now. */
import type { Change, Handle } from '#lib/drive/index.ts';
import { ensureGroups } from './groups.ts';
import { readPeople } from './people.ts';

/** The groups of the account, made where they are missing. */
export function groupsOf(change: Change, home: Handle) {
  return ensureGroups(change, home, async (name) => {
    const { friends, followers } = await readPeople(change, home);
    return name === 'friends' ? friends : followers;
  });
}
