/**
 * The mirror of what others share with us (C-2 §2.4): below `.capabilitycache/world` lies, under
 * the owner's name and the path to each item, a record of the items that lie there.
 */
import {
  childIn,
  folderNamesIn,
  placeKey,
  removeIn,
  writeSmall,
  type Change,
  type Handle,
} from '#lib/drive/index.ts';
import type { Capability } from '#lib/cryptree/index.ts';
import { ensurePath, openPath, readRecord } from '../tree.ts';
import { ITEMS, itemsFromBytes, itemsToBytes, type MirroredItem } from './incoming-records.ts';

export const WORLD = ['.capabilitycache', 'world'] as const;

/** A capability somebody gave, with the path to what it opens: owner, folders, name. */
export interface Given {
  readonly path: readonly string[];
  readonly capability: Capability;
  readonly sharer: string;
}

/** Puts what was given into the mirror. `resolves` says whether a capability still opens something. */
export async function mirror(
  change: Change,
  home: Handle,
  given: readonly Given[],
  resolves: (capability: Capability) => Promise<boolean>,
): Promise<void> {
  for (const [folderPath, items] of byFolder(given)) {
    const names = [...WORLD, ...folderPath];
    const known = await openPath(change, home, names);
    const bytes = known && (await readRecord(change, known, ITEMS));
    let merged = bytes === undefined ? [] : itemsFromBytes(bytes);
    for (const item of items) merged = await mergeItem(merged, item, resolves);
    const folder = await ensurePath(change, home, names, { isHidden: false });
    await writeSmall(change, folder, ITEMS, itemsToBytes(merged), { isHidden: false });
  }
}

/**
 * Takes what lies at a path out of the mirror, with all below it, and the folders that led to
 * nothing else. How far logs were read stays noted: only what is given anew comes back.
 */
export async function unmirror(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<void> {
  const [names, name] = [[...WORLD, ...path.slice(0, -1)], path.at(-1) ?? ''];
  const folder = await openPath(change, home, names);
  if (folder === undefined) return;
  const bytes = await readRecord(change, folder, ITEMS);
  const items = bytes === undefined ? [] : itemsFromBytes(bytes);
  const others = items.filter((item) => item.name !== name);
  if (others.length < items.length) {
    await writeSmall(change, folder, ITEMS, itemsToBytes(others), { isHidden: false });
  }
  const below = await childIn(change, folder, name);
  if (below?.isDirectory) await removeIn(change, folder, name);
  if (others.length > 0 || names.length <= WORLD.length + 1) return;
  if ((await folderNamesIn(change, folder)).length === 0) {
    await unmirror(change, home, path.slice(0, -1));
  }
}

function byFolder(given: readonly Given[]): [folderPath: readonly string[], items: Given[]][] {
  const folders = new Map<string, [readonly string[], Given[]]>();
  for (const one of given) {
    const folderPath = one.path.slice(0, -1);
    const key = folderPath.join('/');
    const found = folders.get(key) ?? [folderPath, []];
    found[1].push(one);
    folders.set(key, found);
  }
  return [...folders.values()];
}

/** The rule of C-2 §2.4 for one more capability at a name. */
async function mergeItem(
  items: readonly MirroredItem[],
  { path, capability, sharer }: Given,
  resolves: (capability: Capability) => Promise<boolean>,
): Promise<MirroredItem[]> {
  const name = path.at(-1) ?? '';
  const known = items.find((item) => item.name === name);
  const others = items.filter((item) => item !== known);
  const fresh: MirroredItem = { name, capability, sharers: [sharer] };
  if (known === undefined) return [...others, fresh];
  if (isSame(known.capability, capability)) {
    return [...others, { ...known, sharers: [...new Set([...known.sharers, sharer])] }];
  }
  const isDowngrade = known.capability.writeKey !== undefined && capability.writeKey === undefined;
  if (isDowngrade && (await resolves(known.capability))) return [...items];
  return [...others, fresh];
}

function isSame(a: Capability, b: Capability): boolean {
  return placeKey(a) === placeKey(b) && (a.writeKey === undefined) === (b.writeKey === undefined);
}
