/**
 * Uploading files and folders (A-9 §2, §3). Files of one chunk, 5 MiB, are sealed in groups of about
 * 10 MiB, smallest first within a folder, and each group is one commit with its directory entries:
 * a file is there wholly or not at all. Larger files have a record and go by {@link uploadLarge}.
 *
 * While one group is being committed the next is read and sealed.
 */
import type { HashTree } from '#lib/cryptree/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import { inRuns, mapAhead, mapLimited } from '../ahead.ts';
import { mirrorBatIdFor, type Change } from '../change.ts';
import { NameExists, SourceChanged, SourceUnreadable } from '../errors.ts';
import { FolderEdit } from '../folder-edit.ts';
import { uploadLarge } from './large-upload.ts';
import { freeName } from '../names.ts';
import { placeKey } from '../listing.ts';
import { replaceable } from './replaceable.ts';
import { UploadMeter } from './upload-meter.ts';
import { putNewFile, putOverFile, sealFile, type SealedFile } from './sealed-file.ts';
import { planUpload, type FilePlan, type PlannedItem } from './upload-plan.ts';
import { transact, type DriveContext } from '../transact.ts';
import type { ConflictChoice, Handle, Uploaded, UploadOptions } from '../types.ts';

/** Bytes committed together, in full chunks: 10 MiB on the wire (A-9 §2). */
const GROUP_CHUNKS = 2;
/** What even an empty file takes: its node with 4 KiB of padded content. */
const SMALLEST_FILE_BYTES = 5 * 1024;
const FILES_PER_GROUP = 1000;
const FILES_SEALED_AT_ONCE = 4;

/** Uploads everything; what was stored before a failure or an abort stays and is whole. */
export async function upload(
  context: DriveContext,
  folder: Handle,
  items: readonly PlannedItem[],
  options: UploadOptions = {},
): Promise<Uploaded[]> {
  const { signal, onConflict } = options;
  const plan = await transact(
    context,
    folder,
    (change) => planUpload(change, folder, items, onConflict),
    signal,
  );
  const chunkBytes = context.deps.chunkBytes ?? CHUNK_BYTES;
  const isSmall = ({ source }: FilePlan) => source.sizeBytes <= chunkBytes;
  const meter = new UploadMeter(plan.files, options.onProgress);
  const done: Uploaded[] = plan.skipped.map(({ path }) => ({ path, outcome: 'skipped' }));

  const groups = groupsOf(plan.files.filter(isSmall), GROUP_CHUNKS * chunkBytes);
  const seal = (group: FilePlan[], inner: AbortSignal) =>
    sealGroup(context, group, meter, { ...options, signal: inner });
  for await (const group of mapAhead(groups, 2, seal, signal)) {
    const stored = await storeGroup(context, group, onConflict, signal);
    done.push(...stored);
    meter.filesStored(group.length);
    options.onUploaded?.(stored);
  }
  for (const large of plan.files.filter((file) => !isSmall(file))) {
    const stored = await orLeftOut(large, options, () =>
      uploadLarge(context, large, meter, options),
    );
    if (stored === undefined) continue;
    done.push(stored);
    meter.filesStored(1);
    options.onUploaded?.([stored]);
  }
  return done;
}

interface SealedPlan {
  readonly plan: FilePlan;
  readonly sealed: SealedFile;
}

/** `undefined` for a file that cannot be read, or is no longer what it was, where that is no reason to stop. */
async function orLeftOut<T>(
  { item }: FilePlan,
  { onUnreadable }: UploadOptions,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    const isUnreadable = error instanceof SourceChanged || error instanceof SourceUnreadable;
    if (onUnreadable === undefined || !isUnreadable) throw error;
    onUnreadable(item.path, error);
    return undefined;
  }
}

async function sealGroup(
  { deps, home }: DriveContext,
  group: readonly FilePlan[],
  meter: UploadMeter,
  options: UploadOptions,
): Promise<SealedPlan[]> {
  const { signal, pace } = options;
  const seal = async (plan: FilePlan, inner: AbortSignal): Promise<SealedPlan> => {
    const { item, source, folder, name } = plan;
    const facts = {
      ...item.facts,
      ...(item.hidden === undefined ? {} : { isHidden: item.hidden }),
    };
    const sealed = await sealFile(deps, name, source, facts, {
      mirrorBatId: mirrorBatIdFor(home, folder),
      chunkBytes: deps.chunkBytes ?? CHUNK_BYTES,
      signal: inner,
      pace,
      onSealed: (bytes) => {
        meter.sealed(bytes, item.path);
      },
    });
    return { plan, sealed };
  };
  const sealed = await mapLimited(
    group,
    FILES_SEALED_AT_ONCE,
    (plan, inner) => orLeftOut(plan, options, () => seal(plan, inner)),
    signal,
  );
  return sealed.filter((one) => one !== undefined);
}

/** One commit: the chunks of all files of a group and their entries. */
function storeGroup(
  context: DriveContext,
  group: readonly SealedPlan[],
  onConflict: ConflictChoice | undefined,
  signal: AbortSignal | undefined,
): Promise<Uploaded[]> {
  const [first] = group;
  if (!first) return Promise.resolve([]);
  const store = async (change: Change): Promise<Uploaded[]> => {
    const outcomes: Uploaded[] = [];
    for (const files of byFolder(group)) {
      const edit = await FolderEdit.load(change, files[0]!.plan.folder);
      for (const { plan, sealed } of files) {
        const outcome = await bind(change, edit, plan, sealed, onConflict);
        outcomes.push({ path: plan.item.path, outcome });
      }
      await edit.save();
    }
    return outcomes;
  };
  return transact(context, first.plan.folder, store, signal);
}

/** Gives a sealed file its place, by what the folder holds now. */
async function bind(
  change: Change,
  edit: FolderEdit,
  { name, siblings }: FilePlan,
  sealed: SealedFile,
  onConflict: ConflictChoice | undefined,
): Promise<Uploaded['outcome']> {
  if (edit.has(name, siblings)) {
    if (onConflict === undefined) throw new NameExists(name);
    if (onConflict === 'skip') return 'skipped';
    if (onConflict === 'replace') {
      const existing = await replaceable(change, edit, name, siblings);
      if (existing) {
        if (isSameContent(existing, sealed.hashTree, sealed.sizeBytes)) return 'unchanged';
        await putOverFile(change, existing, sealed);
        return 'stored';
      }
    }
  }
  const free = freeName(name, (candidate) => edit.has(candidate, siblings));
  await putNewFile(change, edit, free, sealed);
  return 'stored';
}

/** Equal by the stored content hash: nothing to do (A-9 §2). */
function isSameContent({ properties }: Handle, tree: HashTree, sizeBytes: number): boolean {
  const { hashBranch } = properties;
  return (
    properties.sizeBytes === sizeBytes &&
    hashBranch !== undefined &&
    equalBytes(hashBranch.root, tree.root)
  );
}

/** Smallest first within each folder, cut where a group is full. */
function groupsOf(files: readonly FilePlan[], groupBytes: number): FilePlan[][] {
  const ordered = byFolder(files.map((plan) => ({ plan })))
    .map((group) => group.map(({ plan }) => plan))
    .flatMap((group) => group.sort((a, b) => a.source.sizeBytes - b.source.sizeBytes));
  const groups: FilePlan[][] = [];
  let room = 0;
  for (const file of ordered) {
    const size = Math.max(file.source.sizeBytes, SMALLEST_FILE_BYTES);
    const last = groups.at(-1);
    if (last && size <= room) last.push(file);
    else {
      groups.push([file]);
      room = groupBytes;
    }
    room -= size;
  }
  return groups.flatMap((group) => inRuns(group, FILES_PER_GROUP));
}

function byFolder<T extends { plan: FilePlan }>(files: readonly T[]): T[][] {
  const groups = new Map<string, T[]>();
  for (const file of files) {
    const key = placeKey(file.plan.folder.capability);
    const group = groups.get(key);
    if (group) group.push(file);
    else groups.set(key, [file]);
  }
  return [...groups.values()];
}
