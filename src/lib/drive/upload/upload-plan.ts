/**
 * What an upload will do: folders are made, files get a folder and a name, conflicts are met before
 * a single byte is read. Names are looked at again when each file is committed.
 */
import { checkName } from '#lib/cryptree/index.ts';
import type { Change } from '../change.ts';
import { NameExists, NotADirectory } from '../errors.ts';
import { FolderEdit } from '../folder-edit.ts';
import { putDirectory } from '../make-directory.ts';
import { freeName } from '../names.ts';
import type { FileFacts } from './sealed-file.ts';
import type { ByteSource, ConflictChoice, Handle, UploadItem } from '../types.ts';

/** An item, with what a copy already knows about it. */
export interface PlannedItem extends UploadItem {
  readonly facts?: FileFacts;
  /** Its source is a stored file. */
  readonly isCopy?: boolean;
  /** Names that are ignored when looking for a clash. */
  readonly apart?: ReadonlySet<string>;
}

export interface FilePlan {
  readonly item: PlannedItem;
  readonly source: ByteSource;
  readonly folder: Handle;
  readonly name: string;
  /** Names that come into the folder together: two spellings of one stay two, as they were. */
  readonly siblings: ReadonlySet<string>;
}

export interface UploadPlan {
  readonly files: readonly FilePlan[];
  readonly skipped: readonly PlannedItem[];
}

interface Branch {
  readonly folders: Map<string, Branch>;
  readonly files: { item: PlannedItem; source: ByteSource; name: string }[];
  isHidden: boolean;
}

/** Makes the folders that are missing below `folder` and says where each file goes. */
export async function planUpload(
  change: Change,
  folder: Handle,
  items: readonly PlannedItem[],
  onConflict: ConflictChoice | undefined,
): Promise<UploadPlan> {
  const files: FilePlan[] = [];
  const skipped: PlannedItem[] = [];
  const grow = async (handle: Handle, branch: Branch): Promise<void> => {
    const edit = await FolderEdit.load(change, handle);
    const siblings = new Set([
      ...branch.files.map(({ name }) => name),
      ...branch.folders.keys(),
      ...branch.files.flatMap(({ item }) => [...(item.apart ?? [])]),
    ]);
    for (const { item, source, name } of branch.files) {
      if (!edit.has(name, siblings) || onConflict === 'keep-both' || onConflict === 'replace') {
        files.push({ item, source, name, siblings, folder: edit.folder });
      } else if (onConflict === 'skip') skipped.push(item);
      else throw new NameExists(name);
    }
    const below: [Handle, Branch][] = [];
    for (const [name, inner] of branch.folders) {
      const child = await folderFor(change, edit, { name, inner, siblings }, onConflict);
      if (child) below.push([child, inner]);
      else for (const item of itemsOf(inner)) skipped.push(item);
    }
    await edit.save();
    for (const [child, inner] of below) {
      if (inner.files.length + inner.folders.size > 0) await grow(child, inner);
    }
  };
  await grow(folder, branchesOf(items));
  return { files, skipped };
}

/** The existing folder of this name, or a new one; undefined when it is to be skipped. */
async function folderFor(
  change: Change,
  edit: FolderEdit,
  wanted: { readonly name: string; readonly inner: Branch; readonly siblings: ReadonlySet<string> },
  onConflict: ConflictChoice | undefined,
): Promise<Handle | undefined> {
  const { name, inner, siblings } = wanted;
  const there = edit.entry(name, siblings);
  const taken = there && edit.childCapability(there.name);
  if (taken) {
    const child = await change.openChild(edit.folder, there.name, taken);
    if (child.isDirectory) return child;
    if (onConflict === 'skip') return undefined;
    if (onConflict !== 'keep-both') throw new NotADirectory(name);
  }
  const free = freeName(name, (candidate) => edit.has(candidate, siblings));
  const capability = await putDirectory(change, edit, free, inner.isHidden);
  return change.openChild(edit.folder, free, capability);
}

function branchesOf(items: readonly PlannedItem[]): Branch {
  const root: Branch = newBranch();
  for (const item of items) {
    item.path.forEach(checkName);
    const folders = item.source ? item.path.slice(0, -1) : item.path;
    let branch = root;
    for (const name of folders) {
      const next = branch.folders.get(name) ?? newBranch();
      branch.folders.set(name, next);
      branch = next;
    }
    const name = item.path.at(-1);
    if (item.source && name !== undefined) branch.files.push({ item, source: item.source, name });
    else branch.isHidden = item.hidden ?? false;
  }
  return root;
}

function newBranch(): Branch {
  return { folders: new Map(), files: [], isHidden: false };
}

function itemsOf(branch: Branch): PlannedItem[] {
  return [
    ...branch.files.map(({ item }) => item),
    ...[...branch.folders.values()].flatMap(itemsOf),
  ];
}
