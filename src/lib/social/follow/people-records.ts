/** The files of the home that say who is who to us (C-1 §1.4, §1.7, §1.8, §1.10). */
import { fromUtf8, utf8 } from '#lib/bytes/index.ts';
import { asList, asMap, asText, cborMap, encodeCbor, field } from '#lib/codec/index.ts';
import { entryPointFromCbor, entryPointToCbor, type EntryPoint } from '#lib/cryptree/index.ts';
import { decodeRecord, itemsOf, itemsToBytes, readingRecord } from '../records.ts';

export const SHARED_FOLDER = 'shared';
export const SOCIAL_STATE = '.social-state.cbor';
export const FROM_FRIENDS = '.from-friends.cborstream';
export const GROUPS_FROM_FRIENDS = '.groups-from-friends.cborstream';
export const BLOCKED = '.blocked-usernames.txt';
export const GROUPS = '.groups.cbor';

/** Names of those whose answer is awaited. */
export function pendingFromBytes(bytes: Uint8Array): string[] {
  return readingRecord('The list of sent requests', () => {
    const map = asMap(decodeRecord(bytes), 'the list');
    const names = asList(field(map, 'pendingOutgoing', 'the list'), 'the list');
    return names.map((name) => asText(name, 'a name'));
  });
}

export function pendingToBytes(names: Iterable<string>): Uint8Array {
  return encodeCbor(cborMap([['pendingOutgoing', [...names]]]));
}

export const GROUP_NAMES = ['friends', 'followers'] as const;
export type GroupName = (typeof GROUP_NAMES)[number];
/** Folder names (`.` and 64 hex digits) of the groups there are. */
export type Groups = ReadonlyMap<GroupName, string>;

export function isGroupFolder(name: string): boolean {
  return /^\.[0-9a-f]{64}$/.test(name);
}

/** Groups of other names, or with other folders, are passed over. */
export function groupsFromBytes(bytes: Uint8Array): Groups {
  return readingRecord('The list of groups', () => {
    const map = asMap(field(asMap(decodeRecord(bytes), 'the list'), 'n', 'the list'), 'the list');
    const groups = new Map<GroupName, string>();
    for (const [folder, value] of map) {
      const name = GROUP_NAMES.find((known) => known === value);
      if (name !== undefined && isGroupFolder(folder)) groups.set(name, folder);
    }
    return groups;
  });
}

export function groupsToBytes(groups: Groups): Uint8Array {
  const names = [...groups].map(([name, folder]) => [folder, name] as const);
  return encodeCbor(cborMap([['n', cborMap(names)]]));
}

/** One name a line; blank lines are nothing. */
export function blockedFromBytes(bytes: Uint8Array): string[] {
  const lines = readingRecord('The list of blocked names', () => fromUtf8(bytes)).split('\n');
  return [...new Set(lines.map((line) => line.trim()).filter((line) => line !== ''))];
}

export function blockedToBytes(names: Iterable<string>): Uint8Array {
  return utf8([...names].map((name) => `${name}\n`).join(''));
}

/** Entry points of those we follow: of each writer the last, in the order they first came. */
export function friendEntriesFromBytes(bytes: Uint8Array): EntryPoint[] {
  const entries = new Map<string, EntryPoint>();
  for (const entry of itemsOf('The list of friends', bytes, entryPointFromCbor)) {
    entries.set(entry.capability.writer.toString(), entry);
  }
  return [...entries.values()];
}

export function friendEntryToBytes(entry: EntryPoint): Uint8Array {
  return itemsToBytes([entryPointToCbor(entry)]);
}

/** A group folder of a friend, by its path `/friend/shared/.<uid>` (C-2 §2.5). */
export type FriendGroups = ReadonlyMap<string, EntryPoint>;

export function friendGroupsFromBytes(bytes: Uint8Array): FriendGroups {
  return readingRecord('The list of groups of friends', () => {
    const map = asMap(field(asMap(decodeRecord(bytes), 'the list'), 'g', 'the list'), 'the list');
    return new Map([...map].map(([path, entry]) => [path, entryPointFromCbor(entry)] as const));
  });
}

export function friendGroupsToBytes(groups: FriendGroups): Uint8Array {
  const entries = [...groups].map(([path, entry]) => [path, entryPointToCbor(entry)] as const);
  return encodeCbor(cborMap([['g', cborMap(entries)]]));
}
