/** Notes of what is shared go along when an item is moved, and end with it. */
import type { Change, EntryRecords, Handle } from '#lib/drive/index.ts';
import type { SocialDeps } from '../person.ts';
import { forgetShares, moveShares } from './noted-shares.ts';

export function shareRecords(deps: SocialDeps): EntryRecords {
  return {
    moved: (change: Change, home: Handle, from, to) => moveShares(change, home, from, to),
    removed: (change: Change, home: Handle, path) => forgetShares(change, deps, home, path),
  };
}
