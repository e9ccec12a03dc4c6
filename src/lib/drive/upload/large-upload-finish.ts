/**
 * The last commit of a large upload (A-9 §2 steps 5–7, §3 step 4): the last chunks, hash and small
 * picture where they belong, the entry, and the end of the record; all together or nothing.
 */
import {
  CHUNKS_PER_BRANCH,
  withProperties,
  type FileProperties,
  type HashTree,
  type SealedChunk,
  type Thumbnail,
} from '#lib/cryptree/index.ts';
import { chunkCapability } from '../chain.ts';
import type { Change } from '../change.ts';
import { FileDamaged, NameExists } from '../errors.ts';
import { putFileChunk } from '../file-nodes.ts';
import { FolderEdit } from '../folder-edit.ts';
import type { LargePlan, RunningUpload } from './large-upload-begin.ts';
import { freeName } from '../names.ts';
import { openAt } from '../nodes.ts';
import { removeChunks } from '../remove-chunks.ts';
import { branchAt } from './sealed-file.ts';
import { editTransactions, endRecord } from './transactions.ts';

/** A sealed chunk on its way into a commit. */
export interface PlacedChunk {
  readonly index: number;
  readonly sealed: SealedChunk;
}

/** What is known once all bytes were read. */
export interface FinalFacts {
  readonly hashTree: HashTree;
  readonly thumbnail: Thumbnail | undefined;
  /** Chunks that were not stored yet. */
  readonly chunks: readonly PlacedChunk[];
}

/** Makes the file appear, or its new content take the place of the old. */
export async function finishUpload(
  change: Change,
  plan: LargePlan,
  running: RunningUpload,
  final: FinalFacts,
): Promise<void> {
  if (plan.home) {
    const records = await editTransactions(change, plan.home);
    await endRecord(change, records, plan.recordPath);
    await records.save();
  }
  if (running.replaces) await replaceContent(change, running, final);
  else await addNewFile(change, plan, running, final);
}

async function addNewFile(
  change: Change,
  plan: LargePlan,
  running: RunningUpload,
  final: FinalFacts,
): Promise<void> {
  const edit = await FolderEdit.load(change, plan.folder);
  // The name was free when the upload began; keeping both is better than losing what was uploaded.
  const { siblings } = plan;
  if (edit.has(plan.name, siblings) && plan.onConflict === undefined) {
    throw new NameExists(plan.name);
  }
  const name = freeName(plan.name, (candidate) => edit.has(candidate, siblings));
  const properties = { ...running.properties, name, thumbnail: final.thumbnail };
  await putLastChunks(change, running, final, properties, undefined);
  await describeStored(change, running, final, properties);
  edit.add([edit.entryFor(running.file.capability, properties)]);
  await edit.save();
}

async function replaceContent(
  change: Change,
  running: RunningUpload,
  final: FinalFacts,
): Promise<void> {
  const existing = await change.reopenFile(running.replaces!);
  await removeChunks(change, existing, 1);
  const properties = {
    ...running.properties,
    name: existing.properties.name,
    isHidden: existing.properties.isHidden,
    thumbnail: final.thumbnail,
  };
  const renewed = { ...running, file: { ...running.file, parent: existing.node.parent } };
  await putLastChunks(change, renewed, final, properties, existing.node);
  await describeStored(change, renewed, final, properties);
}

async function putLastChunks(
  change: Change,
  { file }: RunningUpload,
  { chunks, hashTree }: FinalFacts,
  properties: FileProperties,
  first: { readonly cid: Parameters<typeof change.put>[2] & object } | undefined,
): Promise<void> {
  for (const { index, sealed } of chunks) {
    const own = { ...properties, hashBranch: branchAt(hashTree, index) };
    await putFileChunk(change, file, index, sealed, own, index === 0 ? first : undefined);
  }
}

/** Writes the properties and their branch of the hash tree into chunks 0, 1024, … of earlier commits. */
async function describeStored(
  change: Change,
  { file }: RunningUpload,
  { chunks, hashTree }: FinalFacts,
  properties: FileProperties,
): Promise<void> {
  const fresh = new Set(chunks.map(({ index }) => index));
  for (
    let index = 0;
    index < hashTree.level1.length * CHUNKS_PER_BRANCH;
    index += CHUNKS_PER_BRANCH
  ) {
    if (fresh.has(index)) continue;
    const place = chunkCapability(file.capability, file.chain.at(index));
    const node = await openAt(change.commit, place, change.signal, 'later');
    if (!node) throw new FileDamaged(`chunk ${index} is missing`);
    const own = { ...properties, hashBranch: branchAt(hashTree, index) };
    const value = withProperties(node, own, change.random);
    await change.put(file.signer, place.mapKey, node.cid, { value, fragments: [] });
  }
}
