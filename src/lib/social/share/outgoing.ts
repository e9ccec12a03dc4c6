/**
 * Giving capabilities (C-2 §2.1, §2.2): each recipient has a folder with two logs, one of
 * capabilities that read and one of those that write; what was given is noted beside them.
 */
import { capabilityToCbor, readOnly, type Capability } from '#lib/cryptree/index.ts';
import {
  appendSmall,
  childIn,
  prefetchChildren,
  writeSmall,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import { UnknownRecipient } from '../errors.ts';
import { SHARED_FOLDER } from '../follow/people-records.ts';
import { itemsToBytes } from '../records.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import {
  folderSharesFromBytes,
  folderSharesToBytes,
  NOT_SHARED,
  SHARED_WITH,
  withEntry,
  type EntryShares,
  type FolderShares,
  type Right,
} from './shared-with.ts';

export const LOGS: Readonly<Record<Right, string>> = { read: 'sharing.r', write: 'sharing.w' };

/** Where records of what we shared lie, below the home. */
export const OUTBOUND = ['.capabilitycache', 'outbound'] as const;

/**
 * Appends capabilities to a recipient's log: a person's, or a group's.
 * @throws UnknownRecipient who has no folder with us
 */
export async function give(
  change: Change,
  home: Handle,
  recipient: string,
  right: Right,
  capabilities: readonly Capability[],
): Promise<void> {
  const folder = await openPath(change, home, [SHARED_FOLDER, recipient]);
  if (folder === undefined) throw new UnknownRecipient(recipient);
  const given = right === 'read' ? capabilities.map(readOnly) : capabilities;
  const bytes = itemsToBytes(given.map(capabilityToCbor));
  await appendSmall(change, folder, LOGS[right], bytes, { isHidden: false });
}

/** Gives the same to several recipients, whose logs are read together. @throws UnknownRecipient */
export async function giveAll(
  change: Change,
  home: Handle,
  recipients: Iterable<string>,
  right: Right,
  capabilities: readonly Capability[],
): Promise<void> {
  const names = [...recipients];
  const shared = names.length > 1 && (await openPath(change, home, [SHARED_FOLDER]));
  if (shared) {
    await prefetchChildren(
      change,
      names.map((name) => ({ folder: shared, name })),
    );
    const folders = await Promise.all(names.map((name) => childIn(change, shared, name)));
    const known = folders.filter((folder) => folder !== undefined);
    await prefetchChildren(
      change,
      known.map((folder) => ({ folder, name: LOGS[right] })),
    );
  }
  for (const name of names) await give(change, home, name, right, capabilities);
}

/** The shares of the entries of a folder, whose path begins with its owner's name. */
export async function sharesIn(
  change: Change,
  home: Handle,
  folderPath: readonly string[],
): Promise<FolderShares> {
  const folder = await openPath(change, home, [...OUTBOUND, ...folderPath]);
  const bytes = folder && (await readRecord(change, folder, SHARED_WITH));
  return bytes === undefined ? new Map() : folderSharesFromBytes(bytes);
}

export async function sharesOf(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<EntryShares> {
  const shares = await sharesIn(change, home, path.slice(0, -1));
  return shares.get(path.at(-1) ?? '') ?? NOT_SHARED;
}

/** Notes what became of one entry. */
export async function noteShares(
  change: Change,
  home: Handle,
  path: readonly string[],
  update: (shares: EntryShares) => EntryShares,
): Promise<EntryShares> {
  const folderPath = path.slice(0, -1);
  const name = path.at(-1) ?? '';
  const shares = await sharesIn(change, home, folderPath);
  const entry = update(shares.get(name) ?? NOT_SHARED);
  const folder = await ensurePath(change, home, [...OUTBOUND, ...folderPath]);
  await writeSmall(
    change,
    folder,
    SHARED_WITH,
    folderSharesToBytes(withEntry(shares, name, entry)),
  );
  return entry;
}

export function withRecipients(
  shares: EntryShares,
  right: Right,
  added: Iterable<string>,
  removed: Iterable<string> = [],
): EntryShares {
  const recipients = new Set([...shares[right], ...added]);
  for (const recipient of removed) recipients.delete(recipient);
  return { ...shares, [right]: recipients };
}
