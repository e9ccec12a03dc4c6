/**
 * A whole tree at one moment, by the places its entries lead to: what two trees are compared by.
 * An entry keeps its place when it is renamed or moved, and when its content changes (A-8 §4).
 */
import { PyrgosError, toHex } from '#lib/bytes/index.ts';
import { champDiff } from '#lib/champ/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';
import { Snapshot } from '#lib/writers/index.ts';
import { DanglingEntry } from '../errors.ts';
import { listFolder, placeKey } from '../listing.ts';
import { handleOf, openTarget } from '../open.ts';
import { openEntries } from '../open-entries.ts';
import { TRANSACTIONS_FOLDER } from '../upload/transactions.ts';
import type { DriveDeps, Handle, Home, ListedEntry } from '../types.ts';

export interface TreeEntry {
  /** Where it leads: its identity. */
  readonly key: string;
  readonly name: string;
  readonly parentKey: string;
  readonly isDirectory: boolean;
  readonly row: ListedEntry;
  readonly folder: Handle;
  /** Directories are open. */
  readonly handle: Handle | undefined;
}

export interface TreeIndex {
  readonly view: Snapshot;
  readonly root: Handle;
  readonly rootKey: string;
  readonly entries: ReadonlyMap<string, TreeEntry>;
  readonly children: ReadonlyMap<string, readonly TreeEntry[]>;
  /** The names in each folder: spellings of one name that stand there together stay two. */
  readonly names: ReadonlyMap<string, ReadonlySet<string>>;
  /** Whether some folder could not be read: what is in it is not known. */
  readonly hasGaps: boolean;
}

/** Walks a tree. Upload records are left out: they speak of one device's uploads (A-9 §3). */
export async function indexTree(
  deps: DriveDeps,
  home: Home,
  signal?: AbortSignal,
): Promise<TreeIndex> {
  const view = new Snapshot(deps, home.owner);
  const target = await openTarget(view, home.capability, signal);
  if (!target) throw new DanglingEntry(home.username);
  const root = handleOf(target, undefined, home.signer);
  const rootKey = placeKey(home.capability);
  const entries = new Map<string, TreeEntry>();
  const children = new Map<string, TreeEntry[]>();
  const names = new Map<string, ReadonlySet<string>>();
  let hasGaps = false;
  const open: [string, Handle][] = [[rootKey, root]];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const [parentKey, folder] = next;
    const { rows, isWhole } = await rowsOf(view, folder, signal);
    hasGaps ||= !isWhole;
    const own = rows.filter(({ name }) => parentKey !== rootKey || name !== TRANSACTIONS_FOLDER);
    names.set(parentKey, new Set(own.map(({ name }) => name)));
    const directories = own.filter(({ isDirectory }) => isDirectory);
    const opened = await openEntries(view, folder, directories, signal);
    const handles = new Map(directories.map((row, i) => [row, opened[i]]));
    for (const row of own) {
      const { capability, name, isDirectory } = row;
      const key = capability && placeKey(capability);
      if (key === undefined || entries.has(key)) continue;
      const found = handles.get(row);
      // Not to be taken for one that is damaged: what is in it would be given up.
      if (found instanceof NodeUnreachable) throw found;
      if (found instanceof PyrgosError && !(found instanceof DanglingEntry)) hasGaps = true;
      const handle = found instanceof PyrgosError ? undefined : found;
      const entry = { key, name, parentKey, isDirectory, row, folder, handle };
      entries.set(key, entry);
      children.set(parentKey, [...(children.get(parentKey) ?? []), entry]);
      if (handle !== undefined) open.push([key, handle]);
    }
  }
  return { view, root, rootKey, entries, children, names, hasGaps };
}

/** Keys of all that lies in a folder of the home, where what was thrown away is kept. */
export function keysBelow({ rootKey, children }: TreeIndex, name: string | undefined): Set<string> {
  const below = new Set<string>();
  const open = (children.get(rootKey) ?? []).filter((one) => one.name === name);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const child of children.get(next.key) ?? []) {
      below.add(child.key);
      open.push(child);
    }
  }
  return below;
}

/** Places whose nodes differ between two trees; undefined: cannot be told any more. */
export async function changedPlaces(
  before: Snapshot,
  after: Snapshot,
  writers: readonly KeyHash[],
): Promise<ReadonlySet<string> | undefined> {
  const places = new Set<string>();
  try {
    for (const writer of writers) {
      const [old, now] = await Promise.all([before.state(writer), after.state(writer)]);
      const load = async (cid: Parameters<Snapshot['block']>[0]): Promise<Uint8Array> => {
        try {
          return await after.block(cid);
        } catch (error) {
          if (error instanceof NodeUnreachable) throw error;
          return before.block(cid);
        }
      };
      for await (const { key } of champDiff(load, old.data?.tree, now.data?.tree)) {
        places.add(`${writer.toString()}/${toHex(key)}`);
      }
    }
  } catch (error) {
    if (!(error instanceof PyrgosError) || error instanceof NodeUnreachable) throw error;
    return undefined;
  }
  return places;
}

/** What a row leads to; undefined: nothing that can be read. @throws NodeUnreachable */
export async function openOne(
  view: Snapshot,
  folder: Handle,
  row: ListedEntry,
  signal?: AbortSignal,
): Promise<Handle | undefined> {
  const [found] = await openEntries(view, folder, [row], signal);
  if (found instanceof NodeUnreachable) throw found;
  return found instanceof PyrgosError ? undefined : found;
}

async function rowsOf(
  view: Snapshot,
  folder: Handle,
  signal?: AbortSignal,
): Promise<{ rows: ListedEntry[]; isWhole: boolean }> {
  const rows: ListedEntry[] = [];
  try {
    for await (const batch of listFolder(view, folder, signal)) {
      rows.push(...batch.filter(({ unreadable }) => unreadable === undefined));
    }
    return { rows, isWhole: true };
  } catch (error) {
    if (!(error instanceof PyrgosError) || error instanceof NodeUnreachable) throw error;
    return { rows, isWhole: false };
  }
}
