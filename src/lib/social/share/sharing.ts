/**
 * Sharing and taking back (C-2 §2.1, C-3). Each act is one commit of the owner: new keys, the
 * entry, what is sent to everybody else and the notes go together, or nothing does.
 */
import {
  childIn,
  PathNotFound,
  removeIn,
  rotateEntry,
  type Change,
  type Handle,
  type LeftOut,
} from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import { groupsOf } from '../follow/own-groups.ts';
import { readGroups } from '../follow/groups.ts';
import type { GroupName } from '../follow/people-records.ts';
import { readPeople } from '../follow/people.ts';
import type { LinkTreeDeps } from '../links/link-tree.ts';
import { remakeLinks, withdrawLinks, type RekeyedItem } from '../links/stored-link.ts';
import type { SocialDeps } from '../person.ts';
import { folderNamesIn } from '#lib/drive/index.ts';
import { openPath } from '../tree.ts';
import { giveAll, noteShares, OUTBOUND, sharesIn, sharesOf, withRecipients } from './outgoing.ts';
import {
  isShared,
  NOT_SHARED,
  type EntryShares,
  type FolderShares,
  type Right,
} from './shared-with.ts';

/** People by their names, or a group. */
export type Recipient =
  | { readonly kind: 'person'; readonly username: string }
  | { readonly kind: 'group'; readonly name: GroupName };

/** Something shared, by its path from the root. */
export interface SharedItem {
  readonly path: readonly string[];
  readonly shares: EntryShares;
}

export class Sharing {
  readonly #deps: SocialDeps;

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /**
   * Lets recipients read items, or change them. What may be changed gets a writing space of its own
   * first. @throws ShareRefused, UnknownRecipient, PathNotFound
   */
  share(
    paths: readonly (readonly string[])[],
    recipients: readonly Recipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<void> {
    return this.#deps.drive.change(async (change, home) => {
      const names = await namesOf(change, home, recipients);
      for (const path of paths) {
        checkSharable(home, path, right);
        if (right === 'write') await this.#shareToWrite(change, home, path, names);
        else await this.#shareToRead(change, home, path, names);
      }
    }, signal);
  }

  async #shareToRead(
    change: Change,
    home: Handle,
    path: readonly string[],
    names: readonly string[],
  ): Promise<void> {
    const { capability } = await itemAt(change, home, path);
    await giveAll(change, home, names, 'read', [capability]);
    await noteShares(change, home, path, (shares) => withRecipients(shares, 'read', names));
  }

  async #shareToWrite(
    change: Change,
    home: Handle,
    path: readonly string[],
    names: readonly string[],
  ): Promise<void> {
    const { folder, name } = await placeOf(change, home, path);
    const before = await itemAt(change, home, path);
    const { entry } = await rotateEntry(change, folder, name, 'own-space');
    const isMoved = !entry.capability.writer.equals(before.capability.writer);
    await noteShares(change, home, path, (shares) => withRecipients(shares, 'write', names));
    if (isMoved) await resend(change, this.#deps, home, path);
    else await giveAll(change, home, names, 'write', [entry.capability]);
  }

  /**
   * Takes access back: everything gets new keys, and who keeps access is sent them. Answers what
   * could not be opened and keeps its old keys. @throws ShareRefused, PathNotFound
   */
  unshare(
    path: readonly string[],
    recipients: readonly Recipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<readonly LeftOut[]> {
    return this.#deps.drive.change(async (change, home) => {
      checkSharable(home, path, 'write');
      const { folder, name } = await placeOf(change, home, path);
      const removed = await this.#expanded(change, home, path, recipients, right);
      const kind = right === 'write' ? 'write' : 'read';
      const { leftOut } = await rotateEntry(change, folder, name, kind);
      await noteShares(change, home, path, (shares) => withRecipients(shares, right, [], removed));
      await resend(change, this.#deps, home, path);
      return leftOut;
    }, signal);
  }

  /** Who is taken out: with a group, everybody in it who was given the item by name (C-3 §3.4). */
  async #expanded(
    change: Change,
    home: Handle,
    path: readonly string[],
    recipients: readonly Recipient[],
    right: Right,
  ): Promise<string[]> {
    const names = new Set(await namesOf(change, home, recipients));
    const groups = await readGroups(change, home);
    const isOut = (name: GroupName): boolean => names.has(groups.get(name) ?? '');
    if (!isOut('friends') && !isOut('followers')) return [...names];
    const { friends, followers } = await readPeople(change, home);
    const given = (await sharesOf(change, home, path))[right];
    const members = isOut('followers') ? followers : friends;
    for (const member of members) if (given.has(member)) names.add(member);
    const friendsFolder = groups.get('friends');
    if (isOut('followers') && friendsFolder !== undefined) names.add(friendsFolder);
    return [...names];
  }

  /** With whom one item is shared. */
  sharesOf(path: readonly string[], signal?: AbortSignal): Promise<EntryShares> {
    return this.#deps.drive.look((change, home) => sharesOf(change, home, path), signal);
  }

  /** Shares of the entries of a folder. */
  sharesIn(path: readonly string[], signal?: AbortSignal): Promise<FolderShares> {
    return this.#deps.drive.look((change, home) => sharesIn(change, home, path), signal);
  }

  /** Groups by the names of their folders. */
  groups(signal?: AbortSignal): Promise<ReadonlyMap<string, GroupName>> {
    return this.#deps.drive.look(async (change, home) => {
      const groups = await readGroups(change, home);
      return new Map([...groups].map(([name, folder]) => [folder, name] as const));
    }, signal);
  }

  /** All that is shared, by path. */
  all(signal?: AbortSignal): Promise<readonly SharedItem[]> {
    return this.#deps.drive.look((change, home) => sharedBelow(change, home, []), signal);
  }
}

/** Folder names of recipients: a person's own name, or a group's, which is made if it is missing. */
async function namesOf(
  change: Change,
  home: Handle,
  recipients: readonly Recipient[],
): Promise<string[]> {
  const needsGroups = recipients.some(({ kind }) => kind === 'group');
  const groups = needsGroups ? await groupsOf(change, home) : new Map<GroupName, string>();
  const names = recipients.map((one) =>
    one.kind === 'person' ? one.username : (groups.get(one.name) ?? ''),
  );
  return [...new Set(names)];
}

/** @throws ShareRefused */
export function checkSharable(home: Handle, path: readonly string[], right: Right): void {
  if (path.length < 2) throw new ShareRefused('Your whole drive cannot be shared.');
  if (path[0] === home.name) return;
  throw new ShareRefused(
    right === 'write'
      ? 'Only its owner can decide who may change this item.'
      : 'Only its owner can share this item. You can copy it to your drive and share the copy.',
  );
}

/** The folder an own item lies in, as it is in this change. @throws PathNotFound */
export async function placeOf(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<{ folder: Handle; name: string }> {
  const folder = await openPath(change, home, path.slice(1, -1));
  if (folder === undefined) throw new PathNotFound(path.slice(0, -1));
  return { folder, name: path.at(-1) ?? '' };
}

/** An own item as it is in this change. @throws PathNotFound */
export async function itemAt(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<Handle> {
  const { folder, name } = await placeOf(change, home, path);
  const item = await childIn(change, folder, name);
  if (item === undefined) throw new PathNotFound(path);
  return item;
}

/** Everything shared below a path, as it is noted. */
export async function sharedBelow(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<SharedItem[]> {
  const folder = await openPath(change, home, [...OUTBOUND, ...path]);
  if (folder === undefined) return [];
  const found: SharedItem[] = [];
  for (const [name, shares] of await sharesIn(change, home, path)) {
    if (isShared(shares)) found.push({ path: [...path, name], shares });
  }
  for (const name of await folderNamesIn(change, folder)) {
    found.push(...(await sharedBelow(change, home, [...path, name])));
  }
  return found;
}

/** An item and everything below it, as far as it is shared. */
async function sharedFrom(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<SharedItem[]> {
  const shares = await sharesOf(change, home, path);
  const below = await sharedBelow(change, home, path);
  return isShared(shares) ? [{ path, shares }, ...below] : below;
}

/**
 * Sends the new capabilities of an item and all below it to whom they are shared with, and gives
 * links to them new targets (C-3 §3.5).
 */
export async function resend(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  path: readonly string[],
): Promise<void> {
  const rekeyed: RekeyedItem[] = [];
  for (const { path: at, shares } of await sharedFrom(change, home, path)) {
    const item = await itemAt(change, home, at).catch((error: unknown) => {
      if (error instanceof PathNotFound) return undefined; // a note of something that is gone
      throw error;
    });
    if (item === undefined) continue;
    await giveAll(change, home, shares.read, 'read', [item.capability]);
    await giveAll(change, home, shares.write, 'write', [item.capability]);
    rekeyed.push({ path: at, shares, item });
  }
  await remakeLinks(change, deps, home, rekeyed);
}

/** Forgets what an item that is deleted was shared as, with all below it; its links end (C-3 §3.6). */
export async function forgetShares(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  path: readonly string[],
): Promise<void> {
  const shared = await sharedFrom(change, home, path);
  if (shared.length === 0) return;
  await withdrawLinks(
    change,
    deps,
    shared.map(({ shares }) => shares),
  );
  await dropNotes(change, home, path);
}

/**
 * Notes that an item is called otherwise, or lies elsewhere, with all below it. If it got new keys
 * on the way, then {@link resend} is to follow.
 */
export async function moveShares(
  change: Change,
  home: Handle,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  const shared = await sharedFrom(change, home, from);
  if (shared.length === 0) return;
  await dropNotes(change, home, from);
  for (const { path, shares } of shared) {
    await noteShares(change, home, [...to, ...path.slice(from.length)], () => shares);
  }
}

async function dropNotes(change: Change, home: Handle, path: readonly string[]): Promise<void> {
  await noteShares(change, home, path, () => NOT_SHARED);
  const folder = await openPath(change, home, [...OUTBOUND, ...path.slice(0, -1)]);
  if (folder !== undefined) await removeIn(change, folder, path.at(-1) ?? '');
}
