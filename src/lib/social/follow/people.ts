/** Who follows whom (C-1): what the files of the home say, and changes of them. */
import type { SymmetricKey } from '#lib/crypto/index.ts';
import { readOnly, type EntryPoint } from '#lib/cryptree/index.ts';
import {
  appendSmall,
  childIn,
  ensureFolder,
  folderNamesIn,
  writeSmall,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import {
  BLOCKED,
  blockedFromBytes,
  blockedToBytes,
  friendEntriesFromBytes,
  friendEntryToBytes,
  FROM_FRIENDS,
  pendingFromBytes,
  pendingToBytes,
  SHARED_FOLDER,
  SOCIAL_STATE,
} from './people-records.ts';

/** Who is who to the account that is signed in; names. */
export interface People {
  readonly followers: readonly string[];
  readonly following: readonly string[];
  /** They follow us and we follow them. */
  readonly friends: readonly string[];
  readonly pendingOutgoing: readonly string[];
  readonly blocked: readonly string[];
  /** Where the trees of those we follow begin, those blocked included. */
  readonly entries: readonly EntryPoint[];
  /** Names of the folders we share by, groups not among them. */
  readonly folders: readonly string[];
}

export async function readPeople(change: Change, home: Handle): Promise<People> {
  const shared = await openPath(change, home, [SHARED_FOLDER]);
  const [folders, pendingOutgoing, entries, blocked] = [
    shared === undefined
      ? []
      : (await folderNamesIn(change, shared)).filter((name) => !name.startsWith('.')),
    await readPending(change, home),
    await readEntries(change, home),
    await readBlocked(change, home),
  ];
  const followers = folders.filter((name) => !pendingOutgoing.includes(name));
  const following = [...new Set(entries.map(({ username }) => username))].filter(
    (name) => name !== home.name && !blocked.includes(name),
  );
  return {
    followers,
    following,
    friends: following.filter((name) => followers.includes(name)),
    pendingOutgoing,
    blocked,
    entries: entries.filter(({ username }) => username !== home.name),
    folders,
  };
}

export async function readPending(change: Change, home: Handle): Promise<readonly string[]> {
  const bytes = await readRecord(change, home, SOCIAL_STATE);
  return bytes === undefined ? [] : [...new Set(pendingFromBytes(bytes))];
}

export async function notePending(
  change: Change,
  home: Handle,
  username: string,
  isPending: boolean,
): Promise<void> {
  const pending = new Set(await readPending(change, home));
  if (pending.has(username) === isPending) return;
  if (isPending) pending.add(username);
  else pending.delete(username);
  await writeSmall(change, home, SOCIAL_STATE, pendingToBytes(pending));
}

export async function readEntries(change: Change, home: Handle): Promise<readonly EntryPoint[]> {
  const bytes = await readRecord(change, home, FROM_FRIENDS);
  return bytes === undefined ? [] : friendEntriesFromBytes(bytes);
}

/** Begins to follow. */
export async function addEntry(change: Change, home: Handle, entry: EntryPoint): Promise<void> {
  await appendSmall(change, home, FROM_FRIENDS, friendEntryToBytes(entry));
}

export async function readBlocked(change: Change, home: Handle): Promise<readonly string[]> {
  const bytes = await readRecord(change, home, BLOCKED);
  return bytes === undefined ? [] : blockedFromBytes(bytes);
}

export async function noteBlocked(
  change: Change,
  home: Handle,
  username: string,
  isBlocked: boolean,
): Promise<void> {
  const blocked = await readBlocked(change, home);
  if (blocked.includes(username) === isBlocked) return;
  const names = isBlocked
    ? [...blocked, username]
    : blocked.filter((name) => name !== username).toSorted();
  await writeSmall(change, home, BLOCKED, blockedToBytes(names));
}

/** The folder by which a person gets what is shared with him, as he may read it. */
export async function folderFor(
  change: Change,
  home: Handle,
  username: string,
  readKey?: SymmetricKey,
): Promise<EntryPoint> {
  const shared = await ensurePath(change, home, [SHARED_FOLDER]);
  const folder = await ensureFolder(change, shared, username, { readKey });
  return { capability: readOnly(folder.capability), username: home.name };
}

/** Whether there is a folder for this person. */
export async function hasFolder(change: Change, home: Handle, username: string): Promise<boolean> {
  const shared = await openPath(change, home, [SHARED_FOLDER]);
  return shared !== undefined && (await childIn(change, shared, username)) !== undefined;
}
