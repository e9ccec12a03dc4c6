/**
 * Handing on what somebody else shared with us (C-2 §2.1): everybody may let others read what he may
 * read. They are given the same capability, so it ends when its owner gives the item new keys; who
 * handed it on cannot end it.
 */
import { canReadContent, type Capability } from '#lib/cryptree/index.ts';
import { PathNotFound, type Change, type Handle } from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { giveAll, noteShares, withRecipients } from './outgoing.ts';
import type { Right } from './shared-with.ts';

/** Whether a path leads into the tree of somebody else. */
export function isElsewhere(home: Pick<Handle, 'name'>, path: readonly string[]): boolean {
  return path[0] !== home.name;
}

/**
 * The capability of an item in a friend's tree, as it is now. The tree is a root of the drive.
 * @throws ShareRefused, PathNotFound
 */
export async function capabilityToHandOn(
  { drive }: SocialDeps,
  path: readonly string[],
  right: Right,
  signal?: AbortSignal,
): Promise<Capability> {
  const [owner = '', ...names] = path;
  if (right === 'write') {
    throw new ShareRefused('Only its owner can decide who may change this item.');
  }
  if (names.length === 0) throw new ShareRefused('Only its owner can share a whole drive.');
  let at = await drive.roots.open(owner, signal);
  for (const [i, name] of names.entries()) {
    const row = await drive.find(at, name, signal);
    if (row === undefined) throw new PathNotFound(path.slice(0, i + 2));
    at = await drive.open(at, row, signal);
  }
  if (!canReadContent(at.node)) {
    throw new ShareRefused(
      `Of the folder “${at.name}” only the name is shared with you. You can share what is in it.`,
    );
  }
  return at.capability;
}

/** Gives it to others, to read, and notes it under its owner's path. @throws UnknownRecipient */
export async function handOn(
  change: Change,
  home: Handle,
  path: readonly string[],
  capability: Capability,
  names: readonly string[],
): Promise<void> {
  if (names.includes(path[0] ?? '')) {
    throw new ShareRefused(`This belongs to “${path[0] ?? ''}”, so it is theirs already.`);
  }
  await giveAll(change, home, names, 'read', [capability]);
  await noteShares(change, home, path, (shares) => withRecipients(shares, 'read', names));
}

/** Notes it no longer. Who was given it can read it until its owner takes it back. */
export async function forgetHandedOn(
  change: Change,
  home: Handle,
  path: readonly string[],
  right: Right,
  names: readonly string[],
): Promise<void> {
  await noteShares(change, home, path, (shares) => withRecipients(shares, right, [], names));
}
