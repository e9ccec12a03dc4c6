/**
 * Moving within one tree (A-9 §7): only the way up changes, keys and content stay. Into another
 * writing space, and where somebody is to lose access, what is moved gets new keys (C-3 §3.3).
 */
import {
  parentLinkTo,
  resolveRelative,
  withParent,
  type Capability,
  type ChildToWrite,
  type NamedEntry,
  type OpenNode,
} from '#lib/cryptree/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { isNodeFailure } from '#lib/protocol/index.ts';
import { writable, type Change } from './change.ts';
import { DanglingEntry, MoveIntoItself, NameExists, NotWritable } from './errors.ts';
import { FolderEdit, identityOf } from './folder-edit.ts';
import { placeKey, targetOf } from './listing.ts';
import { freeName } from './names.ts';
import { openAt, type View } from './nodes.ts';
import { openEntries } from './open-entries.ts';
import { linkSigner, renameNodes } from './properties.ts';
import { rekey } from './rekey.ts';
import { removeFrom } from './remove.ts';
import { replaceable } from './upload/replaceable.ts';
import type { ConflictChoice, Handle, LeftOut, ListedEntry } from './types.ts';

/** True if entries of `from` can be moved to `to` by changing links only. */
export function isCheapMove(from: Handle, to: Handle): boolean {
  return (
    from.capability.owner.equals(to.capability.owner) &&
    from.capability.writer.equals(to.capability.writer)
  );
}

export interface MoveRule {
  readonly onConflict?: ConflictChoice | undefined;
  /** New keys end the access of those who had it by a folder above; the contents stay in place. */
  readonly keys?: 'kept' | 'new';
  /** Entries (see `identityOf`) that keep their keys whatever {@link keys} says. */
  readonly unreadable?: ReadonlySet<string>;
  /** Names that come together: spellings of one of them stay two. */
  readonly apart?: ReadonlySet<string>;
  /** Told, before it is removed, of a file in `to` that is replaced. */
  readonly onReplaced?: (name: string) => Promise<void>;
}

/** An entry that was moved. */
export interface MovedEntry {
  /** As the folder it was in had it. */
  readonly before: ChildToWrite;
  /** As it is listed now; its name is another one beside one of the same name. */
  readonly after: NamedEntry;
  readonly capability: Capability;
}

/**
 * Moves entries of `from` into `to`; answers those that did not stay.
 * @throws MoveIntoItself, NameExists, DanglingEntry; EntryKept if one cannot get new keys as a whole
 */
export async function moveEntries(
  change: Change,
  from: Handle,
  entries: readonly ChildToWrite[],
  to: Handle,
  { onConflict, keys = 'kept', unreadable, apart, onReplaced }: MoveRule = {},
): Promise<MovedEntry[]> {
  if (placeKey(from.capability) === placeKey(to.capability)) return [];
  const source = await FolderEdit.load(change, from);
  const target = await FolderEdit.load(change, to);
  const above = await ancestors(change.commit, target.folder.node, change.signal);
  const wanted = new Set(entries.map(identityOf));
  const moved: MovedEntry[] = [];
  const siblings = new Set([...(apart ?? []), ...entries.flatMap(({ name }) => name ?? [])]);
  const rekeys = (entry: ChildToWrite): boolean =>
    keys === 'new' && !unreadable?.has(identityOf(entry));
  const move: Move = { source, target, onConflict, rekeys, siblings, onReplaced };
  for (const entry of source.children().filter((child) => wanted.has(identityOf(child)))) {
    const child = await openEntry(change, source, entry);
    if (isAmong(above, child)) throw new MoveIntoItself(child.name);
    const placed = await moveOne(change, move, entry, child);
    if (placed !== undefined) moved.push({ before: entry, ...placed });
  }
  source.remove(moved.map(({ before }) => before));
  await target.save();
  await source.save();
  return moved;
}

interface Move {
  readonly source: FolderEdit;
  readonly target: FolderEdit;
  readonly onConflict: ConflictChoice | undefined;
  readonly rekeys: (entry: ChildToWrite) => boolean;
  readonly siblings: ReadonlySet<string>;
  readonly onReplaced: MoveRule['onReplaced'];
}

/** Where it is in the target; undefined when the name is taken and the entry is to stay. */
async function moveOne(
  change: Change,
  move: Move,
  entry: ChildToWrite,
  child: Handle,
): Promise<Omit<MovedEntry, 'before'> | undefined> {
  const { target, onConflict, siblings } = move;
  let { name } = child;
  if (target.has(name, siblings)) {
    if (onConflict === undefined) throw new NameExists(name);
    if (onConflict === 'skip') return undefined;
    if (onConflict === 'replace') await clearPlace(change, move, child);
    name = freeName(name, (candidate) => target.has(candidate, siblings));
  }
  if (name !== child.name) await renameNodes(change, child, name);
  const put = move.rekeys(entry) ? putUnderNewKeys : relink;
  const capability = await put(change, move, entry, child);
  const after = target.entryFor(capability, { ...child.properties, name });
  target.add([after]);
  return { after, capability };
}

/** Changes the way up alone. */
async function relink(
  change: Change,
  { target }: Move,
  _entry: ChildToWrite,
  child: Handle,
): Promise<Capability> {
  const capability = child.link?.capability ?? child.capability;
  const node = await openAt(change.commit, capability, change.signal);
  if (!node) throw new DanglingEntry(child.name);
  const up = parentLinkTo(target.folder.node, capability.writer);
  const signer = child.link ? linkSigner(child) : writable(child).signer;
  const value = withParent(node, up, change.random);
  await change.put(signer, capability.mapKey, node.cid, { value, fragments: [] });
  return capability;
}

/** Writes all of it anew, in the target's writing space or in a new one of its own. */
async function putUnderNewKeys(
  change: Change,
  { source, target }: Move,
  entry: ChildToWrite,
  child: Handle,
): Promise<Capability> {
  const leftOut: LeftOut[] = [];
  try {
    const fresh = writable(await openEntry(change, source, entry));
    const { capability, skipped } = await rekey(
      change,
      fresh,
      source.folder,
      target.folder,
      'write',
    );
    for (const { name, reason } of skipped) {
      leftOut.push({ path: name === undefined ? [child.name] : [child.name, name], error: reason });
    }
    if (leftOut.length === 0) return capability;
  } catch (error) {
    leftOut.push({ path: [child.name], error: unreadableOnly(error) });
  }
  throw new EntryKept(identityOf(entry), leftOut);
}

/** What says that an entry, not the commit, is at fault. */
function unreadableOnly(error: unknown): PyrgosError {
  const isItsOwn =
    error instanceof NotWritable ||
    (error instanceof PyrgosError && (error.kind === 'damaged' || error.kind === 'not-found'));
  if (!isItsOwn || isNodeFailure(error)) throw error;
  return error;
}

/** What cannot be opened as a whole stays where it was: the change is to be made again without it. */
export class EntryKept extends PyrgosError {
  override readonly name = 'EntryKept';
  override readonly kind = 'damaged';
  readonly identity: string;
  readonly leftOut: readonly LeftOut[];
  constructor(identity: string, leftOut: readonly LeftOut[]) {
    super('The entry cannot be read as a whole.');
    this.identity = identity;
    this.leftOut = leftOut;
  }
}

/** Makes room by removing the file of the same name; a folder is never replaced. */
async function clearPlace(
  change: Change,
  { target, siblings, onReplaced }: Move,
  child: Handle,
): Promise<void> {
  if (child.isDirectory) throw new NameExists(child.name);
  await replaceable(change, target, child.name, siblings);
  const entry = target.entry(child.name, siblings);
  if (entry === undefined) return;
  await onReplaced?.(entry.name);
  await removeFrom(change, target, [entry]);
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
