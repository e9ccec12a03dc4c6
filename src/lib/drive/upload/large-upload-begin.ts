/** The first commit of a large upload: its record, or the one it goes on with (A-9 §3). */
import { equalBytes } from '#lib/bytes/index.ts';
import { chunkCount, parentLinkTo, type FileProperties, type Time } from '#lib/cryptree/index.ts';
import { ChunkChain, chunkCapability } from '../chain.ts';
import type { Change, WritableHandle } from '../change.ts';
import { fitted, openContent } from '../content.ts';
import { NameExists } from '../errors.ts';
import { drawFileKeys, newCapability, type FileKeys, type FileToWrite } from '../file-nodes.ts';
import { FolderEdit } from '../folder-edit.ts';
import { namedOnly, openAt } from '../nodes.ts';
import { replaceable } from './replaceable.ts';
import { fileOver, modifiedOf } from './sealed-file.ts';
import { readExactly } from '../sources.ts';
import { clearRecord, editTransactions, findRecord, putRecord } from './transactions.ts';
import type { FilePlan } from './upload-plan.ts';
import { recordName, type UploadRecord } from './upload-records.ts';
import type { ConflictChoice, Handle } from '../types.ts';

/** An upload whose record is stored. */
export interface RunningUpload {
  readonly record: UploadRecord;
  readonly keys: FileKeys;
  readonly file: FileToWrite;
  /** The properties that every chunk repeats until the last commit. */
  readonly properties: FileProperties;
  /** Chunks that an interrupted upload left: they are a prefix. */
  readonly storedChunks: number;
  /** The file whose content this will be. */
  readonly replaces: WritableHandle | undefined;
}

/** What an upload is of, and where it goes. */
export interface LargePlan extends FilePlan {
  /**
   * Where the record goes. Absent when the folder is another person's: a record there could not be
   * ended in the commit that adds the entry, so such an upload is taken back when it fails.
   */
  readonly home: Handle | undefined;
  /** `user/dir/…/name`, as in the record. */
  readonly recordPath: string;
  readonly mimeType: string;
  readonly onConflict: ConflictChoice | undefined;
}

/** Undefined when the name is taken and to be skipped. @throws NameExists */
export async function beginUpload(
  change: Change,
  plan: LargePlan,
): Promise<RunningUpload | undefined> {
  const { name, siblings, onConflict, recordPath } = plan;
  const edit = await FolderEdit.load(change, plan.folder);
  const isTaken = edit.has(name, siblings);
  if (isTaken && onConflict === undefined) throw new NameExists(name);
  if (isTaken && onConflict === 'skip') return undefined;
  const replaces =
    isTaken && onConflict === 'replace'
      ? await replaceable(change, edit, name, siblings)
      : undefined;
  if (!plan.home) {
    return replaces ? startOver(change, plan, replaces) : startNew(change, plan, edit);
  }
  const records = await editTransactions(change, plan.home);
  const previous = await findRecord(change, records, recordPath);
  if (previous && !replaces) {
    const resumed = await resume(change, edit, plan, previous);
    if (resumed) return resumed;
  }
  const entry = records.entry(recordName(recordPath));
  if (entry) await clearRecord(change, records, entry, previous);
  const running = replaces ? startOver(change, plan, replaces) : startNew(change, plan, edit);
  await putRecord(change, records, running.record);
  await records.save();
  return running;
}

/** Begins a new file. */
function startNew(change: Change, plan: LargePlan, edit: FolderEdit): RunningUpload {
  const keys = drawFileKeys(change.random);
  const modified = modifiedOf(plan.source, plan.item.facts ?? {}) ?? change.now();
  const properties: FileProperties = {
    name: plan.name,
    isDirectory: false,
    isLink: false,
    mimeType: plan.mimeType,
    sizeBytes: plan.source.sizeBytes,
    modified,
    created: modified,
    isHidden: plan.item.hidden ?? plan.item.facts?.isHidden ?? false,
    streamSecret: keys.streamSecret,
  };
  const record: UploadRecord = {
    path: plan.recordPath,
    startedMs: change.deps.clock(),
    owner: edit.folder.capability.owner,
    signer: edit.folder.signer,
    keys,
    sizeBytes: plan.source.sizeBytes,
    properties,
  };
  const file = newFile(change, edit, keys);
  return { record, keys, file, properties, storedChunks: 0, replaces: undefined };
}

/** Begins new content for an existing file. */
function startOver(change: Change, plan: LargePlan, replaces: WritableHandle): RunningUpload {
  const keys = drawFileKeys(change.random);
  const file = fileOver(replaces, keys);
  const properties: FileProperties = {
    ...replaces.properties,
    mimeType: plan.mimeType,
    sizeBytes: plan.source.sizeBytes,
    modified: modifiedOf(plan.source, plan.item.facts ?? {}) ?? change.now(),
    streamSecret: keys.streamSecret,
    hashBranch: undefined,
    thumbnail: undefined,
  };
  const record: UploadRecord = {
    path: plan.recordPath,
    startedMs: change.deps.clock(),
    owner: replaces.capability.owner,
    signer: replaces.signer,
    keys: { ...keys, first: file.chain.at(1) },
    sizeBytes: plan.source.sizeBytes - change.chunkBytes,
    properties: undefined,
  };
  return { record, keys, file, properties, storedChunks: 0, replaces };
}

/** Goes on with an upload of the same file; undefined if it is not, or cannot be. */
async function resume(
  change: Change,
  edit: FolderEdit,
  plan: LargePlan,
  record: UploadRecord,
): Promise<RunningUpload | undefined> {
  const { keys, properties } = record;
  const modified = modifiedOf(plan.source, plan.item.facts ?? {});
  const isSame =
    properties !== undefined &&
    modified !== undefined &&
    isSameTime(properties.modified, modified) &&
    record.sizeBytes === plan.source.sizeBytes &&
    record.signer.hash.equals(edit.folder.signer.hash) &&
    record.owner.equals(edit.folder.capability.owner);
  if (!isSame) return undefined;
  const file = newFile(change, edit, keys);
  const storedChunks = await storedPrefix(change, plan, file);
  if (storedChunks === 0) return undefined;
  for (const index of new Set([0, storedChunks - 1])) {
    if (!(await holdsSame(change, plan, file, index))) return undefined;
  }
  return { record, keys, file, properties, storedChunks, replaces: undefined };
}

/** Chunks are written in order: how many are there. */
async function storedPrefix(change: Change, plan: LargePlan, file: FileToWrite): Promise<number> {
  const count = chunkCount(plan.source.sizeBytes, change.chunkBytes);
  let [below, above] = [0, count];
  while (below < above) {
    const middle = Math.floor((below + above) / 2);
    const place = chunkCapability(file.capability, file.chain.at(middle));
    if (await change.exists(place)) below = middle + 1;
    else above = middle;
  }
  return below;
}

/** Equal size and time are a claim; the bytes are the proof. */
async function holdsSame(
  change: Change,
  plan: LargePlan,
  file: FileToWrite,
  index: number,
): Promise<boolean> {
  const { commit, deps, chunkBytes, signal } = change;
  const start = index * chunkBytes;
  const end = Math.min(plan.source.sizeBytes, start + chunkBytes);
  const place = chunkCapability(file.capability, file.chain.at(index));
  const wanted = await readExactly(plan.source, start, end, signal);
  try {
    const node = await openAt(commit, place, signal, 'later');
    if (!node) return false;
    return equalBytes(
      fitted(await openContent(change.commit, deps, node, signal), end - start),
      wanted,
    );
  } catch (error) {
    namedOnly(error, signal);
    return false;
  }
}

function newFile(change: Change, edit: FolderEdit, keys: FileKeys): FileToWrite {
  const { folder } = edit;
  const capability = newCapability(folder.capability, keys);
  return {
    signer: folder.signer,
    capability,
    dataKey: keys.dataKey,
    chain: new ChunkChain(capability, keys.streamSecret),
    parent: parentLinkTo(folder.node, capability.writer),
    mirrorBatId: change.mirrorBatIdIn(folder),
    ownSigner: undefined,
  };
}

function isSameTime(a: Time, b: Time): boolean {
  return BigInt(a.seconds) === BigInt(b.seconds) && a.nanos === b.nanos;
}
