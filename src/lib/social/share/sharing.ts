/**
 * Sharing and taking back (C-2 §2.1, C-3). Each act is one commit of the owner: new keys, the
 * entry, what is sent to everybody else and the notes go together, or nothing does.
 */
import type { Capability } from '#lib/cryptree/index.ts';
import { rotateEntry, type Change, type Handle, type LeftOut } from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import { groupsOf } from '../follow/own-groups.ts';
import { readGroups } from '../follow/groups.ts';
import type { GroupName } from '../follow/people-records.ts';
import { readPeople } from '../follow/people.ts';
import type { SocialDeps } from '../person.ts';
import { capabilityToHandOn, forgetHandedOn, handOn, isElsewhere } from './hand-on.ts';
import { itemAt, placeOf, resend, sharedBelow, type SharedItem } from './noted-shares.ts';
import { giveAll, noteShares, sharesIn, sharesOf, withRecipients } from './outgoing.ts';
import type { EntryShares, FolderShares, Right } from './shared-with.ts';

/** People by their names, or a group. */
export type Recipient =
  | { readonly kind: 'person'; readonly username: string }
  | { readonly kind: 'group'; readonly name: GroupName };

export class Sharing {
  readonly #deps: SocialDeps;

  constructor(deps: SocialDeps) {
    this.#deps = deps;
  }

  /**
   * Lets recipients read items, or change them. What may be changed gets a writing space of its own
   * first. Items of others can be handed on to read. @throws ShareRefused, UnknownRecipient,
   * PathNotFound
   */
  async share(
    paths: readonly (readonly string[])[],
    recipients: readonly Recipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<void> {
    const { drive, person } = this.#deps;
    const given = new Map<readonly string[], Capability>();
    for (const path of paths) {
      if (!isElsewhere({ name: person.username }, path)) continue;
      given.set(path, await capabilityToHandOn(this.#deps, path, right, signal));
    }
    await drive.change(async (change, home) => {
      const names = await namesOf(change, home, recipients);
      for (const path of paths) {
        const capability = given.get(path);
        if (capability === undefined) checkOwn(home, path);
        if (capability !== undefined) await handOn(change, home, path, capability, names);
        else if (right === 'write') await this.#shareToWrite(change, home, path, names);
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
   * could not be opened and keeps its old keys. What was handed on is only noted no longer.
   * @throws ShareRefused, PathNotFound
   */
  unshare(
    path: readonly string[],
    recipients: readonly Recipient[],
    right: Right,
    signal?: AbortSignal,
  ): Promise<readonly LeftOut[]> {
    return this.#deps.drive.change(async (change, home) => {
      if (isElsewhere(home, path)) {
        const names = await namesOf(change, home, recipients);
        await forgetHandedOn(change, home, path, right, names);
        return [];
      }
      checkOwn(home, path);
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

/** What is below the own home can be shared in every way. @throws ShareRefused */
export function checkOwn(home: Handle, path: readonly string[]): void {
  if (isElsewhere(home, path)) {
    throw new ShareRefused('Only its owner can decide who has access to this.');
  }
  if (path.length < 2) throw new ShareRefused('Your whole drive cannot be shared.');
}
