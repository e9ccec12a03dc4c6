/** Notes of what is shared, and what is public, go along when an item is moved, and end with it. */
import type { Change, EntryRecords, Handle } from '#lib/drive/index.ts';
import type { SocialDeps } from '../person.ts';
import { forgetPublic, movePublic } from '../public/own-tree.ts';
import { forgetShares, moveShares } from './noted-shares.ts';

export function shareRecords(deps: SocialDeps): EntryRecords {
  return {
    async moved(change: Change, home: Handle, from, to) {
      await moveShares(change, home, from, to);
      await movePublic(change, deps, from, to);
    },
    async removed(change: Change, home: Handle, path) {
      await forgetShares(change, deps, home, path);
      await forgetPublic(change, deps, path);
    },
  };
}
