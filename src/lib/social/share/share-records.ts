/** Notes of what is shared, and what is public, go along when an item is moved, and end with it. */
import type { Change, EntryRecords, Handle } from '#lib/drive/index.ts';
import type { SocialDeps } from '../person.ts';
import { forgetPublic, movePublic, publicAbove } from '../public/own-tree.ts';
import { forgetShares, moveShares, resend } from './noted-shares.ts';
import { sharesOf } from './outgoing.ts';

export function shareRecords(deps: SocialDeps): EntryRecords {
  return {
    endsAccess: (change, home, from, to) => endsAccess(change, deps, home, from, to),
    rekeyed: (change, home, path) => resend(change, deps, home, path),
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

/** Whether people, links or the public reach what lies in `from` by it, or a folder above, and not by `to`. */
async function endsAccess(
  change: Change,
  deps: SocialDeps,
  home: Handle,
  from: readonly string[],
  to: readonly string[],
): Promise<boolean> {
  const before = await accessBy(change, deps, home, from);
  if (before.size === 0) return false;
  const after = await accessBy(change, deps, home, to);
  return [...before].some((one) => !after.has(one));
}

/** Everybody who has access to what lies in a folder because of it, or of a folder above. */
async function accessBy(
  change: Change,
  deps: SocialDeps,
  home: Handle,
  path: readonly string[],
): Promise<ReadonlySet<string>> {
  const access = new Set<string>();
  for (let length = 2; length <= path.length; length++) {
    const { read, write, links } = await sharesOf(change, home, path.slice(0, length));
    for (const name of [...read, ...write]) access.add(name);
    for (const { label } of links) access.add(`link ${String(label)}`);
  }
  if ((await publicAbove(change, deps, path)) !== undefined) access.add('everybody /');
  return access;
}
