/**
 * The groups “friends” and “followers” (C-1 §1.7): folders whose logs all members may read, so that
 * what is shared with a group reaches those who join it later.
 */
import { toHex } from '#lib/bytes/index.ts';
import { ensureFolder, writeSmall, type Change, type Handle } from '#lib/drive/index.ts';
import { give, noteShares, sharesOf, withRecipients } from '../share/outgoing.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import {
  GROUP_NAMES,
  GROUPS,
  groupsFromBytes,
  groupsToBytes,
  SHARED_FOLDER,
  type GroupName,
  type Groups,
} from './people-records.ts';

const UID_BYTES = 32;

export async function readGroups(change: Change, home: Handle): Promise<Groups> {
  const shared = await openPath(change, home, [SHARED_FOLDER]);
  const bytes = shared && (await readRecord(change, shared, GROUPS));
  return bytes === undefined ? new Map() : groupsFromBytes(bytes);
}

/** The groups, made with the members they have now where they are missing. */
export async function ensureGroups(
  change: Change,
  home: Handle,
  members: (group: GroupName) => Promise<readonly string[]>,
): Promise<Groups> {
  const known = await readGroups(change, home);
  if (GROUP_NAMES.every((name) => known.has(name))) return known;
  const groups = new Map(known);
  const shared = await ensurePath(change, home, [SHARED_FOLDER]);
  for (const name of GROUP_NAMES) {
    if (groups.has(name)) continue;
    const uid = `.${toHex(change.random(UID_BYTES))}`;
    groups.set(name, uid);
    await ensureFolder(change, shared, uid);
    for (const member of await members(name)) await admit(change, home, uid, member);
  }
  await writeSmall(change, shared, GROUPS, groupsToBytes(groups));
  return groups;
}

/** Whether somebody was let into a group. */
export async function isMember(
  change: Change,
  home: Handle,
  group: GroupName,
  username: string,
): Promise<boolean> {
  const folder = (await readGroups(change, home)).get(group);
  if (folder === undefined) return false;
  const { read } = await sharesOf(change, home, [home.name, SHARED_FOLDER, folder]);
  return read.has(username);
}

/** Lets somebody read what the group is given, from the beginning. */
export async function admit(
  change: Change,
  home: Handle,
  groupFolder: string,
  member: string,
): Promise<void> {
  const folder = await openPath(change, home, [SHARED_FOLDER, groupFolder]);
  if (folder === undefined) return;
  await give(change, home, member, 'read', [folder.capability]);
  const path = [home.name, SHARED_FOLDER, groupFolder];
  await noteShares(change, home, path, (shares) => withRecipients(shares, 'read', [member]));
}
