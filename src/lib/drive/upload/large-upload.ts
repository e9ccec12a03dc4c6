/**
 * Files of several chunks (A-9 §3). Their keys are recorded first; chunks are stored in
 * order, a few to a commit, while later ones are read and sealed; the last commit adds the entry
 * and ends the record. Until then nobody sees anything of it.
 *
 * Replacing a file: the new chunks go along a new chain beside the old ones; chunk 0, the only one
 * whose place is taken, is kept back for the last commit, which also removes the old chunks. So at
 * any moment the file is wholly old or wholly new. Its record has no properties and begins at
 * chunk 1: it can be cleared, by us and by others, without touching the old file.
 *
 * After an abort or a lost connection the record stays, for resuming; when the source itself
 * changed, or was a stored file that nobody can choose again, everything is taken back.
 */
import { CHUNK_BYTES } from '#lib/codec/index.ts';
import {
  chunkCount,
  hashTreeOf,
  mimeTypeOf,
  type SealedChunk,
  type Thumbnail,
} from '#lib/cryptree/index.ts';
import { mapAhead } from '../ahead.ts';
import { mirrorBatIdFor, type Change } from '../change.ts';
import { AlreadyUploading, SourceChanged } from '../errors.ts';
import { EarlyFragments } from './early-fragments.ts';
import { putFileChunk } from '../file-nodes.ts';
import { beginUpload, type LargePlan, type RunningUpload } from './large-upload-begin.ts';
import { finishUpload, type FinalFacts, type PlacedChunk } from './large-upload-finish.ts';
import { openHome, pathOf } from '../paths.ts';
import { hashOf, headOf, sealPiece, thumbnailOf } from './sealed-file.ts';
import { readExactly } from '../sources.ts';
import { transact, type DriveContext } from '../transact.ts';
import { clearRecord, editTransactions, removeRecordedChunks } from './transactions.ts';
import type { UploadMeter } from './upload-meter.ts';
import type { FilePlan } from './upload-plan.ts';
import { recordName } from './upload-records.ts';
import type { Uploaded, UploadOptions } from '../types.ts';

/** Chunks of one commit: 20 MiB on the wire (A-10 §3). */
const CHUNKS_PER_COMMIT = 4;
/** Chunks being read and sealed while a commit is under way, enough for the next one. */
const CHUNKS_AHEAD = CHUNKS_PER_COMMIT;

/** Uploads one large file, or goes on with an upload of it that was interrupted. */
export async function uploadLarge(
  context: DriveContext,
  file: FilePlan,
  meter: UploadMeter,
  options: UploadOptions,
): Promise<Uploaded> {
  const recordPath = [...pathOf(file.folder), file.name].join('/');
  if (context.runningUploads.has(recordPath)) throw new AlreadyUploading(file.name);
  context.runningUploads.add(recordPath);
  const { signal, onConflict } = options;
  const { owner } = file.folder.capability;
  const work = async (): Promise<Uploaded> => {
    const isOurs = context.home !== undefined && owner.equals(context.home.owner);
    const home = isOurs ? await openHome(context, signal) : undefined;
    const mimeType = await typeOf(file, signal);
    return run(context, { ...file, home, recordPath, mimeType, onConflict }, meter, options);
  };
  try {
    // Another tab's upload to this very place is under way: its record is not one to go on with.
    const place = `pyrgos/upload/${owner.toString()}/${recordName(recordPath)}`;
    return await context.lock(place, work, signal);
  } finally {
    context.runningUploads.delete(recordPath);
  }
}

async function typeOf({ item, name, source }: FilePlan, signal?: AbortSignal) {
  return item.facts?.mimeType ?? mimeTypeOf(name, await headOf(source, signal));
}

async function run(
  context: DriveContext,
  plan: LargePlan,
  meter: UploadMeter,
  options: UploadOptions,
): Promise<Uploaded> {
  const { signal } = options;
  const begin = (change: Change) => beginUpload(change, plan);
  const running = await transact(context, plan.home ?? plan.folder, begin, signal);
  if (!running) return { path: plan.item.path, outcome: 'skipped' };
  try {
    // The small picture comes with the last commit: making it may take longer than a chunk.
    const picture = plan.item.facts?.thumbnail ?? pictureOf(context, plan, signal);
    const stored = await storeChunks(context, plan, running, meter, options);
    const final: FinalFacts = { ...stored, thumbnail: await picture };
    const finish = (change: Change) => finishUpload(change, plan, running, final);
    await transact(context, plan.folder, finish, signal);
    return { path: plan.item.path, outcome: 'stored' };
  } catch (error) {
    const isOver = error instanceof SourceChanged || !plan.home || plan.item.isCopy === true;
    if (isOver) await takeBack(context, plan, running);
    throw error;
  }
}

/** Failing to make a picture is no error; an abort is reported by what runs beside it. */
function pictureOf(
  { deps }: DriveContext,
  { source, mimeType }: LargePlan,
  signal?: AbortSignal,
): Promise<Thumbnail | undefined> {
  return thumbnailOf(deps, source, mimeType, signal).catch(() => undefined);
}

/** Stores the chunks that are missing, but for the last few: those go with the last commit. */
async function storeChunks(
  context: DriveContext,
  plan: LargePlan,
  running: RunningUpload,
  meter: UploadMeter,
  options: UploadOptions,
): Promise<Omit<FinalFacts, 'thumbnail'>> {
  const { signal } = options;
  const count = chunkCount(plan.source.sizeBytes, context.deps.chunkBytes ?? CHUNK_BYTES);
  const indexes = Array.from({ length: count }, (_, i) => i);
  const early = earlyFragments(context, plan, running, count);
  const read = async (index: number, inner: AbortSignal): Promise<HashedChunk> => {
    const own = { ...options, signal: inner };
    const chunk = await readChunk(context, plan, running, meter, own, index);
    if (chunk.sealed) early.send(index, chunk.sealed);
    return chunk;
  };
  const hashes: Uint8Array[] = [];
  let kept: PlacedChunk | undefined;
  let waiting: PlacedChunk[] = [];
  try {
    for await (const { index, hash, sealed } of mapAhead(indexes, CHUNKS_AHEAD, read, signal)) {
      hashes.push(hash);
      if (!sealed) continue;
      if (index === 0 && running.replaces) kept = { index, sealed };
      else waiting.push({ index, sealed });
      if (waiting.length < CHUNKS_PER_COMMIT || index === count - 1) continue;
      const chunks = waiting;
      waiting = [];
      await early.settle(index, signal);
      await transact(context, plan.folder, (it) => putChunks(it, running, chunks), signal);
      await early.release(index);
    }
  } finally {
    await early.close();
  }
  return { hashTree: hashTreeOf(hashes), chunks: kept ? [kept, ...waiting] : waiting };
}

function earlyFragments(
  { deps }: DriveContext,
  { folder }: LargePlan,
  { file, storedChunks, replaces }: RunningUpload,
  count: number,
): EarlyFragments {
  return new EarlyFragments({
    deps,
    owner: folder.capability.owner,
    signer: file.signer,
    first: Math.max(storedChunks, replaces ? 1 : 0),
    end: count,
    chunksPerCommit: CHUNKS_PER_COMMIT,
  });
}

interface HashedChunk {
  readonly index: number;
  readonly hash: Uint8Array;
  /** Absent when the chunk is stored already. */
  readonly sealed: SealedChunk | undefined;
}

/** Chunk `index`, sealed if it is missing; what is stored already is only hashed. */
async function readChunk(
  { deps, home }: DriveContext,
  { source, item, folder }: LargePlan,
  { storedChunks, keys }: RunningUpload,
  meter: UploadMeter,
  { pace, signal }: UploadOptions,
  index: number,
): Promise<HashedChunk> {
  const chunkBytes = deps.chunkBytes ?? CHUNK_BYTES;
  const onSealed = (bytes: number): void => {
    meter.sealed(bytes, item.path);
  };
  if (index >= storedChunks) {
    const mirrorBatId = mirrorBatIdFor(home, folder);
    const options = { mirrorBatId, chunkBytes, pace, signal, onSealed };
    const sealed = await sealPiece(deps, source, keys, index, options);
    return { index, hash: hashOf(sealed), sealed };
  }
  await pace?.(signal);
  const start = index * chunkBytes;
  const end = Math.min(source.sizeBytes, start + chunkBytes);
  const hash = await deps.cipher.hash(await readExactly(source, start, end, signal), signal);
  onSealed(end - start);
  return { index, hash, sealed: undefined };
}

/** One intermediate commit: chunks whose fragments are stored, and to which only the record refers. */
async function putChunks(
  change: Change,
  running: RunningUpload,
  chunks: readonly PlacedChunk[],
): Promise<void> {
  for (const { index, sealed } of chunks) {
    const content = { ...sealed, isStored: true };
    await putFileChunk(change, running.file, index, content, running.properties, undefined);
  }
}

/** Removes the stored parts and the record: the upload cannot be resumed. */
async function takeBack(
  context: DriveContext,
  { home, recordPath, folder }: LargePlan,
  running: RunningUpload,
): Promise<void> {
  await transact(context, home ?? folder, async (change) => {
    if (!home) {
      await removeRecordedChunks(change, running.record);
      return;
    }
    const edit = await editTransactions(change, home);
    const entry = edit.entry(recordName(recordPath));
    if (!entry) return;
    await clearRecord(change, edit, entry, running.record);
    await edit.save();
  });
}
