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
    let merged = await itemsIn(change, await folderOf(change, home, folderPath));
    for (const item of items) merged = await mergeItem(merged, item, resolves);
    const folder = await ensurePath(change, home, [...WORLD, ...folderPath], { isHidden: false });
    await writeItems(change, folder, merged);
  }
}

/**
 * Puts back what {@link unmirror} took out, but for what was given anew since: that is newer.
 */
export async function mirrorAgain(
  change: Change,
  home: Handle,
  given: readonly Given[],
): Promise<void> {
  const missing: Given[] = [];
  for (const one of given) {
    const known = await itemsIn(change, await folderOf(change, home, one.path.slice(0, -1)));
    if (!known.some(({ name }) => name === one.path.at(-1))) missing.push(one);
  }
  await mirror(change, home, missing, () => Promise.resolve(true));
}

/**
 * Takes what lies at a path out of the mirror, with all below it, and answers it. How far logs were
 * read stays noted: only what is given anew comes back.
 */
export async function unmirror(
  change: Change,
  home: Handle,
  path: readonly string[],
): Promise<readonly Given[]> {
  const [folderPath, name] = [path.slice(0, -1), path.at(-1) ?? ''];
  const folder = await folderOf(change, home, folderPath);
  if (folder === undefined) return [];
  const isOut = (item: MirroredItem): boolean => item.name === name;
  const items = (await itemsIn(change, folder)).filter(isOut);
  const below = await childIn(change, folder, name);
  const given = [...givenOf(folderPath, items), ...(await givenBelow(change, path, below))];
  if (below?.isDirectory) await removeIn(change, folder, name);
  await takeOut(change, home, folderPath, isOut);
  return given;
}

/** Takes items out of a folder of the mirror, and then the folders that lead to nothing any more. */
export async function takeOut(
  change: Change,
  home: Handle,
  folderPath: readonly string[],
  isOut: (item: MirroredItem) => boolean,
): Promise<void> {
  const folder = await folderOf(change, home, folderPath);
  if (folder === undefined) return;
  const items = await itemsIn(change, folder);
  const left = items.filter((item) => !isOut(item));
  if (left.length > 0) {
    if (left.length < items.length) await writeItems(change, folder, left);
    return;
  }
  await removeIn(change, folder, ITEMS);
  const above = folderPath.slice(0, -1);
  if (above.length === 0 || (await folderNamesIn(change, folder)).length > 0) return;
  const parent = await folderOf(change, home, above);
  if (parent !== undefined) await removeIn(change, parent, folderPath.at(-1) ?? '');
  await takeOut(change, home, above, () => false);
}

/** What the mirror has below one of its folders. */
async function givenBelow(
  change: Change,
  path: readonly string[],
  folder: Handle | undefined,
): Promise<Given[]> {
  if (!folder?.isDirectory) return [];
  const given = givenOf(path, await itemsIn(change, folder));
  for (const name of await folderNamesIn(change, folder)) {
    const below = await childIn(change, folder, name);
    given.push(...(await givenBelow(change, [...path, name], below)));
  }
  return given;
}

/** As it was given: by each sharer. */
export function givenOf(folderPath: readonly string[], items: readonly MirroredItem[]): Given[] {
  return items.flatMap(({ name, capability, sharers }) =>
    sharers.map((sharer) => ({ path: [...folderPath, name], capability, sharer })),
  );
}

function folderOf(
  change: Change,
  home: Handle,
  folderPath: readonly string[],
): Promise<Handle | undefined> {
  return openPath(change, home, [...WORLD, ...folderPath]);
}

async function itemsIn(change: Change, folder: Handle | undefined): Promise<MirroredItem[]> {
  const bytes = folder && (await readRecord(change, folder, ITEMS));
  return bytes === undefined ? [] : itemsFromBytes(bytes);
}

function writeItems(
  change: Change,
  folder: Handle,
  items: readonly MirroredItem[],
): Promise<unknown> {
  return writeSmall(change, folder, ITEMS, itemsToBytes(items), { isHidden: false });
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

/**
 * The rule of C-2 §2.4 for one more capability at a name; and what the owner gave, while it opens
 * something, stands before what others hand on: they could give something else under its name.
 */
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
  const owner = path[0] ?? '';
  const isHandedOn = sharer !== owner && known.sharers.includes(owner);
  const isDowngrade = known.capability.writeKey !== undefined && capability.writeKey === undefined;
  if ((isDowngrade || isHandedOn) && (await resolves(known.capability))) return [...items];
  return [...others, fresh];
}

function isSame(a: Capability, b: Capability): boolean {
  return placeKey(a) === placeKey(b) && (a.writeKey === undefined) === (b.writeKey === undefined);
}
