/**
 * The folder `.transactions` of the home (A-9 §3): putting records in, finding, clearing and ending
 * them. A record goes in the same commit in which its file gets an entry, and its presence at that
 * moment is checked: clearing it also removed the chunks.
 */
import { concat } from '#lib/bytes/index.ts';
import { chunkCount, type ChildToWrite, type NamedEntry } from '#lib/cryptree/index.ts';
import { NoSuchSpace } from '#lib/writers/index.ts';
import type { Change } from '../change.ts';
import { ChunkChain } from '../chain.ts';
import { fileOf, readChunk } from '../content.ts';
import { BadUploadRecord } from '../errors.ts';
import { FolderEdit } from '../folder-edit.ts';
import { putDirectory } from '../make-directory.ts';
import { removeFrom } from '../remove.ts';
import { namedOnly } from '../nodes.ts';
import { putNewFile, sealFile } from './sealed-file.ts';
import { bytesSource } from '../sources.ts';
import { recordFromBytes, recordName, recordToBytes, type UploadRecord } from './upload-records.ts';
import type { Handle } from '../types.ts';

export const TRANSACTIONS_FOLDER = '.transactions';

/** The list of records, open for editing; the folder is made if this home has none. */
export async function editTransactions(change: Change, home: Handle): Promise<FolderEdit> {
  const edit = await FolderEdit.load(change, home);
  let capability = edit.childCapability(TRANSACTIONS_FOLDER);
  if (!capability) {
    capability = await putDirectory(change, edit, TRANSACTIONS_FOLDER, true);
    await edit.save();
  }
  const folder = await change.openChild(edit.folder, TRANSACTIONS_FOLDER, capability);
  return FolderEdit.load(change, folder);
}

/** Adds a record. The name must be free: a record of the same path is cleared or resumed first. */
export async function putRecord(
  change: Change,
  edit: FolderEdit,
  record: UploadRecord,
): Promise<void> {
  const name = recordName(record.path);
  const sealed = await sealFile(
    change.deps,
    name,
    bytesSource(recordToBytes(record)),
    {},
    {
      mirrorBatId: change.mirrorBatIdIn(edit.folder),
      chunkBytes: change.chunkBytes,
      signal: change.signal,
    },
  );
  await putNewFile(change, edit, name, sealed);
}

/** The record for a path; undefined if there is none or it cannot be read. */
export async function findRecord(
  change: Change,
  edit: FolderEdit,
  path: string,
): Promise<UploadRecord | undefined> {
  const entry = edit.entry(recordName(path));
  return entry && readRecord(change, edit, entry);
}

/** All records, with the entry each stands behind; one that cannot be read has no content. */
export async function allRecords(
  change: Change,
  edit: FolderEdit,
): Promise<{ entry: ChildToWrite; record: UploadRecord | undefined }[]> {
  const found: { entry: ChildToWrite; record: UploadRecord | undefined }[] = [];
  for (const entry of edit.children()) {
    const record = 'raw' in entry ? undefined : await readRecord(change, edit, entry);
    found.push({ entry, record });
  }
  return found;
}

/** Takes the record out; the caller saves the edit. @throws BadUploadRecord if it is gone */
export async function endRecord(change: Change, edit: FolderEdit, path: string): Promise<void> {
  const entry = edit.entry(recordName(path));
  if (!entry) throw new BadUploadRecord('This upload was cleared while it was running.');
  await removeFrom(change, edit, [entry]);
}

/** Removes the chunks an upload left behind, then its record; the caller saves the edit. */
export async function clearRecord(
  change: Change,
  edit: FolderEdit,
  entry: ChildToWrite,
  record: UploadRecord | undefined,
): Promise<void> {
  if (record) await removeRecordedChunks(change, record);
  await removeFrom(change, edit, [entry]);
}

/** Removes the chunks a record tells of, as far as they are there (A-9 §3). */
export async function removeRecordedChunks(change: Change, record: UploadRecord): Promise<void> {
  if (!record.owner.equals(change.commit.owner)) return; // in a space this change cannot reach
  const chain = new ChunkChain(record.keys.first, record.keys.streamSecret);
  const count = chunkCount(record.sizeBytes, change.chunkBytes);
  const writer = record.signer.hash;
  const labels = [];
  // Chunks are written in order, so the first that is missing ends them.
  for (let index = 0; index < count; index++) {
    const { mapKey } = chain.at(index);
    if ((await change.commit.mapped(writer, mapKey)) === undefined) break;
    labels.push(mapKey);
  }
  if (labels.length === 0) return;
  try {
    await change.commit.removeMapped(record.signer, labels);
  } catch (error) {
    if (!(error instanceof NoSuchSpace)) throw error;
  }
}

async function readRecord(
  change: Change,
  edit: FolderEdit,
  entry: NamedEntry,
): Promise<UploadRecord | undefined> {
  try {
    const capability = edit.childCapability(entry.name);
    if (!capability) return undefined;
    const { node } = await change.openChild(edit.folder, entry.name, capability);
    const { deps, chunkBytes, signal } = change;
    const file = fileOf(node);
    const parts: Uint8Array[] = [];
    for (let i = 0; i < chunkCount(file.sizeBytes, chunkBytes); i++) {
      parts.push(await readChunk(change.commit, deps, file, i, chunkBytes, signal));
    }
    return recordFromBytes(concat(...parts));
  } catch (error) {
    namedOnly(error, change.signal);
    return undefined;
  }
}
