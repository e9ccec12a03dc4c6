/**
 * Removing a follower (C-1 §1.9): everything he was given, by name or by a group, gets new keys and
 * is sent to everybody who keeps access; then his folder goes. One commit, whatever it touches. What
 * was handed on to him is only noted no longer: its owner alone can give it new keys.
 */
import { removeIn, rotateEntry, type Change, type Handle } from '#lib/drive/index.ts';
import type { LinkTreeDeps } from '../links/link-tree.ts';
import { forgetHandedOn, isElsewhere } from '../share/hand-on.ts';
import { placeOf, resend, sharedBelow, type SharedItem } from '../share/noted-shares.ts';
import { noteShares, withRecipients } from '../share/outgoing.ts';
import { openPath } from '../tree.ts';
import { readGroups } from './groups.ts';
import { SHARED_FOLDER } from './people-records.ts';

export async function removeFollower(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  username: string,
): Promise<void> {
  const groups = new Set((await readGroups(change, home)).values());
  const names = new Set([username, ...groups]);
  const isGroupFolder = ({ path }: SharedItem): boolean =>
    path.length === 3 && path[1] === SHARED_FOLDER && groups.has(path[2] ?? '');
  const had = ({ shares }: SharedItem): boolean =>
    [...shares.read, ...shares.write].some((name) => names.has(name));
  const items = (await sharedBelow(change, home, [])).filter(had);
  for (const item of items) {
    // Of a group's own folder only its members know: it is he who leaves, not the group.
    if (isGroupFolder(item) && !item.shares.read.has(username)) continue;
    if (!isElsewhere(home, item.path)) {
      await withoutFollower(change, deps, home, item, username, names);
    } else await forgetHandedOn(change, home, item.path, 'read', [username]);
  }
  const shared = await openPath(change, home, [SHARED_FOLDER]);
  if (shared !== undefined) await removeIn(change, shared, username);
}

async function withoutFollower(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  { path, shares }: SharedItem,
  username: string,
  names: ReadonlySet<string>,
): Promise<void> {
  const { folder, name } = await placeOf(change, home, path);
  const hadToWrite = [...shares.write].some((one) => names.has(one));
  await rotateEntry(change, folder, name, hadToWrite ? 'write' : 'read');
  await noteShares(change, home, path, (now) =>
    withRecipients(withRecipients(now, 'read', [], [username]), 'write', [], [username]),
  );
  await resend(change, deps, home, path);
}
