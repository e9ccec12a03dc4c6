/**
 * Pieces of changes for the rooms above, which keep their records in small hidden files: everything
 * is done within one {@link Change}, and so in its commit.
 */
import { concat } from '#lib/bytes/index.ts';
import type { SymmetricKey } from '#lib/crypto/index.ts';
import { chunkCount, type Capability } from '#lib/cryptree/index.ts';
import type { Change } from './change.ts';
import { writable } from './change.ts';
import { fileOf, readChunk } from './content.ts';
import { FileDamaged, NotAFile } from './errors.ts';
import { FolderEdit } from './folder-edit.ts';
import { putDirectory } from './make-directory.ts';
import { openAll } from './nodes.ts';
import { removeFrom } from './remove.ts';
import { overwrite } from './rewrite.ts';
import { bytesSource } from './sources.ts';
import { putNewFile, putOverFile, sealFile } from './upload/sealed-file.ts';
import { replaceable } from './upload/replaceable.ts';
import type { ByteSource, Handle } from './types.ts';

/** The entry of a folder, opened as it is in this change; undefined if there is none of this name. */
export async function childIn(
  change: Change,
  folder: Handle,
  name: string,
): Promise<Handle | undefined> {
  const edit = await FolderEdit.load(change, folder);
  const capability = edit.childCapability(name);
  return capability && change.openChild(edit.folder, name, capability);
}

/** Reads several entries of folders from the node in few requests; opening them asks no more. */
export async function prefetchChildren(
  change: Change,
  children: readonly { readonly folder: Handle; readonly name: string }[],
): Promise<void> {
  const capabilities: Capability[] = [];
  for (const { folder, name } of children) {
    const edit = await FolderEdit.load(change, folder);
    const capability = edit.childCapability(name);
    if (capability !== undefined) capabilities.push(capability);
  }
  if (capabilities.length > 1) await openAll(change.commit, capabilities, change.signal);
}

/** The folder of this name, made if it is missing: hidden, and with a read key that is drawn. */
export async function ensureFolder(
  change: Change,
  folder: Handle,
  name: string,
  {
    readKey,
    isHidden = true,
  }: { readonly readKey?: SymmetricKey | undefined; readonly isHidden?: boolean } = {},
): Promise<Handle> {
  const edit = await FolderEdit.load(change, folder);
  const known = edit.childCapability(name);
  if (known !== undefined) return change.openChild(edit.folder, name, known);
  const made = await putDirectory(change, edit, name, isHidden, readKey);
  await edit.save();
  return change.openChild(edit.folder, name, made);
}

/** All bytes of a small file from `start`. @throws NotAFile, FileDamaged if it has more than `maxBytes` */
export async function readSmall(
  change: Pick<Change, 'commit' | 'deps' | 'chunkBytes' | 'signal'>,
  file: Handle,
  maxBytes: number,
  start = 0,
): Promise<Uint8Array> {
  if (file.isDirectory) throw new NotAFile(file.name);
  const { sizeBytes } = file.properties;
  if (sizeBytes - start > maxBytes) throw new FileDamaged('it is larger than such a file may be');
  const open = fileOf(file.node);
  const { chunkBytes } = change;
  const first = Math.floor(start / chunkBytes);
  const pieces: Uint8Array[] = [];
  for (let index = first; index < chunkCount(sizeBytes, chunkBytes); index++) {
    const offset = index * chunkBytes;
    const { commit, deps, signal } = change;
    const chunk = await readChunk(commit, deps, open, index, chunkBytes, signal);
    pieces.push(chunk.slice(Math.max(0, start - offset), sizeBytes - offset));
  }
  return concat(...pieces);
}

/** Puts a hidden file of these bytes into `folder`, in place of one of this name if there is one. */
export async function writeSmall(
  change: Change,
  folder: Handle,
  name: string,
  bytes: Uint8Array,
  { isHidden = true }: { readonly isHidden?: boolean } = {},
): Promise<void> {
  const edit = await FolderEdit.load(change, folder);
  const options = { mirrorBatId: change.mirrorBatIdIn(edit.folder), chunkBytes: change.chunkBytes };
  const sealed = await sealFile(change.deps, name, bytesSource(bytes), { isHidden }, options);
  const known = edit.childCapability(name);
  if (known === undefined) {
    await putNewFile(change, edit, name, sealed);
    await edit.save();
    return;
  }
  const existing = await change.openChild(edit.folder, name, known);
  if (existing.isDirectory) throw new NotAFile(name);
  await putOverFile(change, writable(existing), sealed);
}

/** A file to be put into a folder, of any size. */
export interface FileIn {
  readonly name: string;
  readonly source: ByteSource;
}

/**
 * Puts files into a folder, each in place of one of its name if there is one. Those of more than one
 * chunk are read and sent piece by piece, and only the commit makes any of them visible.
 * @throws NameExists where a folder has the name; SourceChanged
 */
export async function writeFilesIn(
  change: Change,
  folder: Handle,
  files: readonly FileIn[],
): Promise<void> {
  const edit = await FolderEdit.load(change, folder);
  const { chunkBytes, signal } = change;
  const options = { mirrorBatId: change.mirrorBatIdIn(edit.folder), chunkBytes, signal };
  const large = files.filter(({ source }) => source.sizeBytes > chunkBytes);
  for (const file of files) {
    const source = large.includes(file) ? bytesSource(new Uint8Array()) : file.source;
    const sealed = await sealFile(change.deps, file.name, source, {}, options);
    const existing = await replaceable(change, edit, file.name);
    if (existing === undefined) await putNewFile(change, edit, file.name, sealed);
    else await putOverFile(change, existing, sealed);
    await change.commit.room(signal);
  }
  await edit.save();
  for (const { name, source } of large) {
    const made = await childIn(change, edit.folder, name);
    if (made !== undefined) await overwrite(change, made, 0, source);
  }
}

/** Adds bytes at the end of a file of `folder`, which is made if it is missing. */
export async function appendSmall(
  change: Change,
  folder: Handle,
  name: string,
  bytes: Uint8Array,
  { isHidden = true }: { readonly isHidden?: boolean } = {},
): Promise<void> {
  const known = await childIn(change, folder, name);
  if (known === undefined) return writeSmall(change, folder, name, bytes, { isHidden });
  await overwrite(change, known, known.properties.sizeBytes, bytesSource(bytes));
}

/** Names of the folders directly in a folder, as its list has them. */
export async function folderNamesIn(change: Change, folder: Handle): Promise<string[]> {
  const edit = await FolderEdit.load(change, folder);
  return edit
    .children()
    .flatMap((child) => ('raw' in child || child.isDirectory !== true ? [] : [child.name]));
}

/** Takes an entry and all below it out of a folder; one that is gone already is no error. */
export async function removeIn(change: Change, folder: Handle, name: string): Promise<void> {
  const edit = await FolderEdit.load(change, folder);
  const entry = edit.entry(name);
  if (entry === undefined) return;
  await removeFrom(change, edit, [entry]);
  await edit.save();
}
