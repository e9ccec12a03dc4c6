/**
 * What is noted as shared, by path: found, sent again after an item got new keys, and kept in step
 * when an item is moved or deleted (C-2 §2.2, C-3 §3.5).
 */
import {
  childIn,
  folderNamesIn,
  PathNotFound,
  removeIn,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import { SHARED_FOLDER } from '../follow/people-records.ts';
import type { LinkTreeDeps } from '../links/link-tree.ts';
import { remakeLinks, withdrawLinks, type RekeyedItem } from '../links/stored-link.ts';
import { republish } from '../public/own-tree.ts';
import { openPath } from '../tree.ts';
import { giveAll, noteShares, OUTBOUND, sharesIn, sharesOf } from './outgoing.ts';
import { isShared, NOT_SHARED, type EntryShares } from './shared-with.ts';

/** Something shared, by its path from the root. */
export interface SharedItem {
  readonly path: readonly string[];
  readonly shares: EntryShares;
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
 * links to them new targets (C-3 §3.5); what is public of them is public by the new ones.
 */
export async function resend(
  change: Change,
  deps: LinkTreeDeps,
  home: Handle,
  path: readonly string[],
): Promise<void> {
  const rekeyed: RekeyedItem[] = [];
  for (const { path: at, shares } of await sharedFrom(change, home, path)) {
    const item = await itemIfAny(change, home, at);
    if (item === undefined) continue;
    for (const right of ['read', 'write'] as const) {
      const names = await withFolders(change, home, shares[right]);
      await giveAll(change, home, names, right, [item.capability]);
    }
    rekeyed.push({ path: at, shares, item });
  }
  await remakeLinks(change, deps, home, rekeyed);
  await republish(change, deps, path, (at) => itemIfAny(change, home, at));
}

/** Those who can be sent something: another client may have taken a follower's folder away. */
async function withFolders(
  change: Change,
  home: Handle,
  recipients: ReadonlySet<string>,
): Promise<string[]> {
  const names: string[] = [];
  for (const name of recipients) {
    if ((await openPath(change, home, [SHARED_FOLDER, name])) !== undefined) names.push(name);
  }
  return names;
}

/** An item that is noted; undefined if it is gone. */
async function itemIfAny(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<Handle | undefined> {
  try {
    return await itemAt(change, home, path);
  } catch (error) {
    if (error instanceof PathNotFound) return undefined;
    throw error;
  }
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
