/** Moving within one writing space (A-9 §7): only the way up changes, keys and content stay. */
import {
  parentLinkTo,
  resolveRelative,
  withParent,
  type Capability,
  type ChildToWrite,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { writable, type Change } from './change.ts';
import { DanglingEntry, MoveIntoItself, NameExists } from './errors.ts';
import { FolderEdit, identityOf } from './folder-edit.ts';
import { placeKey, targetOf } from './listing.ts';
import { freeName } from './names.ts';
import { openAt, type View } from './nodes.ts';
import { openEntries } from './open-entries.ts';
import { linkSigner, renameNodes } from './properties.ts';
import { removeFrom } from './remove.ts';
import { replaceable } from './upload/replaceable.ts';
import type { ConflictChoice, Handle, ListedEntry } from './types.ts';

/** True if entries of `from` can be moved to `to` by changing links only. */
export function isCheapMove(from: Handle, to: Handle): boolean {
  return (
    from.capability.owner.equals(to.capability.owner) &&
    from.capability.writer.equals(to.capability.writer)
  );
}

/**
 * Moves entries of `from` into `to`. Spellings of one name stay two if they come together, or one of
 * them is `apart`.
 * @throws MoveIntoItself, NameExists, DanglingEntry
 */
export async function moveEntries(
  change: Change,
  from: Handle,
  entries: readonly ChildToWrite[],
  to: Handle,
  onConflict: ConflictChoice | undefined,
  apart: ReadonlySet<string> = new Set(),
): Promise<void> {
  if (placeKey(from.capability) === placeKey(to.capability)) return;
  const source = await FolderEdit.load(change, from);
  const target = await FolderEdit.load(change, to);
  const above = await ancestors(change.commit, target.folder.node, change.signal);
  const wanted = new Set(entries.map(identityOf));
  const moved: ChildToWrite[] = [];
  const siblings = new Set([...apart, ...entries.flatMap(({ name }) => name ?? [])]);
  for (const entry of source.children().filter((child) => wanted.has(identityOf(child)))) {
    const child = await openEntry(change, source, entry);
    if (isAmong(above, child)) throw new MoveIntoItself(child.name);
    if (await moveOne(change, target, child, { onConflict, siblings })) moved.push(entry);
  }
  source.remove(moved);
  await target.save();
  await source.save();
}

interface MoveRule {
  readonly onConflict: ConflictChoice | undefined;
  /** Names that come together: two spellings of one stay two. */
  readonly siblings: ReadonlySet<string>;
}

/** False when the name is taken and the entry is to stay. */
async function moveOne(
  change: Change,
  target: FolderEdit,
  child: Handle,
  { onConflict, siblings }: MoveRule,
): Promise<boolean> {
  let { name } = child;
  if (target.has(name, siblings)) {
    if (onConflict === undefined) throw new NameExists(name);
    if (onConflict === 'skip') return false;
    if (onConflict === 'replace') await clearPlace(change, target, child, siblings);
    name = freeName(name, (candidate) => target.has(candidate, siblings));
  }
  if (name !== child.name) await renameNodes(change, child, name);
  const capability = child.link?.capability ?? child.capability;
  const node = await openAt(change.commit, capability, change.signal);
  if (!node) throw new DanglingEntry(child.name);
  const up = parentLinkTo(target.folder.node, capability.writer);
  const signer = child.link ? linkSigner(child) : writable(child).signer;
  const value = withParent(node, up, change.random);
  await change.put(signer, capability.mapKey, node.cid, { value, fragments: [] });
  target.add([target.entryFor(capability, { ...child.properties, name })]);
  return true;
}

/** Makes room by removing the file of the same name; a folder is never replaced. */
async function clearPlace(
  change: Change,
  target: FolderEdit,
  child: Handle,
  siblings: ReadonlySet<string>,
): Promise<void> {
  if (child.isDirectory) throw new NameExists(child.name);
  await replaceable(change, target, child.name, siblings);
  const entry = target.entry(child.name, siblings);
  if (entry) await removeFrom(change, target, [entry]);
}

async function openEntry(change: Change, edit: FolderEdit, entry: ChildToWrite): Promise<Handle> {
  const name = entry.name ?? '';
  const capability = targetOf(edit.folder.capability, entry);
  if (!capability) throw new DanglingEntry(name);
  return change.openChild(edit.folder, name, capability);
}

/** @throws MoveIntoItself if `target` is, or lies in, what one of the entries leads to */
export async function checkNotInside(
  view: View,
  from: Handle,
  entries: readonly ListedEntry[],
  target: OpenNode,
  signal?: AbortSignal,
): Promise<void> {
  const above = await ancestors(view, target, signal);
  for (const child of await openEntries(view, from, entries, signal)) {
    if (child instanceof PyrgosError) throw child;
    if (isAmong(above, child)) throw new MoveIntoItself(child.name);
  }
}

function isAmong(places: ReadonlySet<string>, { node, link }: Handle): boolean {
  return places.has(placeKey(node.capability)) || (!!link && places.has(placeKey(link.capability)));
}

/** Places of a directory and of all above it, links included, by the nodes' own links. */
async function ancestors(
  view: View,
  directory: OpenNode,
  signal?: AbortSignal,
): Promise<ReadonlySet<string>> {
  const places = new Set<string>();
  for (let node: OpenNode | undefined = directory; node;) {
    const place = placeKey(node.capability);
    if (places.has(place)) break; // a ring can only be a hostile writer's work
    places.add(place);
    const up: Capability | undefined = node.parent && resolveRelative(node.capability, node.parent);
    node = up && (await openAt(view, up, signal));
  }
  return places;
}
