/**
 * New keys for an entry and all below it (C-3): into a writing space of its own before it is shared
 * to write, and to take access back. Contents stay where they are, marked to be sealed anew when
 * they next change. A link node stands before whatever has a writing space of its own, so that its
 * name stays its folder's.
 */
import { writable, type Change } from './change.ts';
import { PathNotFound } from './errors.ts';
import { FolderEdit } from './folder-edit.ts';
import { rekey, type RotationKind } from './rekey.ts';
import type { Handle, LeftOut } from './types.ts';

export interface RotatedEntry {
  readonly entry: Handle;
  /** What could not be opened and keeps its old keys. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Rotates the entry `name` of `folder`, which must be writable. Nothing happens to one that is to get
 * a writing space and has one. @throws PathNotFound, NotWritable
 */
export async function rotateEntry(
  change: Change,
  folder: Handle,
  name: string,
  kind: RotationKind,
): Promise<RotatedEntry> {
  const edit = await FolderEdit.load(change, folder);
  const before = edit.entry(name);
  const capability = edit.childCapability(name);
  if (before === undefined || capability === undefined) throw new PathNotFound([name]);
  const entry = writable(await change.openChild(edit.folder, before.name, capability));
  const hasOwnSpace = !entry.capability.writer.equals(edit.folder.capability.writer);
  if (kind === 'own-space' && hasOwnSpace) return { entry, leftOut: [] };
  const rekeyed = await rekey(change, entry, edit.folder, edit.folder, kind);
  const properties = { ...entry.properties, name: before.name };
  edit.replace(before, edit.entryFor(rekeyed.capability, properties));
  await edit.save();
  const opened = await change.openChild(edit.folder, before.name, rekeyed.capability);
  const leftOut = rekeyed.skipped.map(({ name: inside, reason }) => ({
    path: inside === undefined ? [before.name] : [before.name, inside],
    error: reason,
  }));
  return { entry: opened, leftOut };
}
