/**
 * Collection of blocks that nothing reaches any more (A-10 §6, B-6 §4). Per owner:
 * list the blocks; then, before each batch that is deleted, read the owner's record, the open
 * transactions and *after* them the pointers, mark what those reach, and claim the batch on
 * condition that the owner's record is still the same. Uploads from other instances change that
 * record, so a block announced or reached at any moment up to the deletion is spared.
 *
 * A block that cannot be read while marking stops the run before anything below it could be taken
 * for garbage.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { Cid, CODEC, decodeCbor, linksOf } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import { CollectionStopped, pointerStateOf } from '#lib/protocol/index.ts';
import type { ListedBlock, RecordEntry } from '#lib/stores/index.ts';
import { loadVerified, TRANSACTION_MS } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { deleteBlocks, finishDeletion, listAll, listTransactions, recount } from './deletion.ts';
import type { OpenTransaction } from './deletion.ts';
import { Registry } from './writer-registry.ts';
import { blockKey, blockPrefix, ownerRecordToBytes, readOwner, replace, TABLE } from './records.ts';

/** How long a removed writer's data are kept; a day is a transaction's life, too. */
const REMOVED_WRITER_MS = TRANSACTION_MS;
/** Blocks deleted under one claim: a fraction of a second's work. */
const BATCH_BLOCKS = 500;
/** Blocks read at once while marking. */
const MARK_WIDTH = 16;
/** Batches that other writers may spoil before a run gives up; the rest waits for the next run. */
const MAX_SPOILED = 200;

export interface Collected {
  readonly removedBlocks: number;
  readonly removedBytes: number;
}

/** Removes an owner's garbage. Throws {@link CollectionStopped}; what was removed stays removed. */
export async function collect(
  deps: LocalNodeDeps,
  owner: KeyHash,
  signal?: AbortSignal,
): Promise<Collected> {
  await finishDeletion(deps, owner, signal);
  const listed = new Map<string, ListedBlock>();
  for (const block of await listAll(deps, blockPrefix(owner), signal)) listed.set(block.key, block);
  const marker = new Marker(deps, owner, signal);
  let removedBlocks = 0;
  let removedBytes = 0;
  for (let spoiled = 0; spoiled < MAX_SPOILED;) {
    signal?.throwIfAborted();
    const round = await decide(deps, owner, listed, marker);
    if (round.isDone) {
      await noteEnd(deps, round);
      await recount(deps, owner);
      break;
    }
    if (round.garbage.length === 0) continue;
    const claim = { ...round, blocks: round.garbage };
    if (!(await deleteBlocks(deps, owner, claim))) {
      spoiled++;
      await finishDeletion(deps, owner, signal);
      continue;
    }
    for (const { key, sizeBytes } of round.garbage) {
      listed.delete(key);
      removedBlocks++;
      removedBytes += sizeBytes;
    }
  }
  return { removedBlocks, removedBytes };
}

interface Round {
  readonly ownerRead: Awaited<ReturnType<typeof readOwner>>;
  readonly garbage: readonly ListedBlock[];
  /** There was nothing to remove. */
  readonly isDone: boolean;
  readonly expect: readonly RecordEntry[];
  readonly writes: readonly RecordEntry[];
}

/** Reads everything in the order that makes a claim on the outcome safe. */
async function decide(
  deps: LocalNodeDeps,
  owner: KeyHash,
  listed: Map<string, ListedBlock>,
  marker: Marker,
): Promise<Round> {
  const ownerRead = await readOwner(deps.records, owner);
  const { open, expired } = await sortedTransactions(deps, owner);
  const announced = new Set(
    open.flatMap(({ record }) => record.blocks.map(({ cid }) => blockKey(owner, cid))),
  );
  const { roots, registry } = await readRoots(deps, owner);
  await marker.mark(roots);
  const garbage: ListedBlock[] = [];
  for (const block of listed.values()) {
    if (garbage.length === BATCH_BLOCKS) break;
    if (!marker.isMarked(block.key) && !announced.has(block.key)) garbage.push(block);
  }
  // Another collection may have been faster; what it removed must not be counted off again.
  const isThere = await Promise.all(garbage.map(({ key }) => deps.blocks.has(key)));
  for (const [i, { key }] of garbage.entries()) if (isThere[i] === false) listed.delete(key);
  const forgotten = expired.map(({ entry }) => replace(entry, undefined));
  return {
    ownerRead,
    garbage: garbage.filter((_, i) => isThere[i]),
    isDone: garbage.length === 0,
    expect: registry.expectations(),
    writes: [...forgotten, ...registry.writes()],
  };
}

async function sortedTransactions(
  deps: LocalNodeDeps,
  owner: KeyHash,
): Promise<{ open: OpenTransaction[]; expired: OpenTransaction[] }> {
  const oldestMs = deps.clock() - TRANSACTION_MS;
  const all = await listTransactions(deps, owner);
  return {
    open: all.filter(({ record }) => record.startedMs >= oldestMs),
    expired: all.filter(({ record }) => record.startedMs < oldestMs),
  };
}

/** Current targets of all writers; those removed long ago are forgotten with the claim. */
async function readRoots(
  deps: LocalNodeDeps,
  owner: KeyHash,
): Promise<{ roots: Cid[]; registry: Registry }> {
  const registry = new Registry(deps.records);
  const prefix = `${owner.toString()}/`;
  const roots: Cid[] = [];
  const oldestMs = deps.clock() - REMOVED_WRITER_MS;
  const forgotten: KeyHash[] = [];
  for (const { key } of await deps.records.list(TABLE.writersOf, prefix)) {
    const writer = asKeyHash(Cid.parse(key.slice(prefix.length)), 'A writer');
    const since = await registry.removedSince(owner, writer);
    if (since !== undefined && since < oldestMs) {
      forgotten.push(writer);
      continue;
    }
    const target = await targetOf(deps, writer);
    if (target !== undefined) roots.push(target);
  }
  for (const writer of forgotten) registry.set(writer, undefined);
  return { roots, registry };
}

async function targetOf(deps: LocalNodeDeps, writer: KeyHash): Promise<Cid | undefined> {
  try {
    return pointerStateOf(await deps.records.get(TABLE.pointers, writer.toString())).target;
  } catch (error) {
    throw stopped('A pointer cannot be read', error);
  }
}

/** Remembers a complete run. If something changed meanwhile there is nothing to remember. */
async function noteEnd(deps: LocalNodeDeps, round: Round): Promise<void> {
  const record = round.ownerRead.value;
  if (record === undefined) return;
  const next = { ...record, collectedChanges: record.changes, collectedMs: deps.clock() };
  await deps.records.apply({
    expect: [round.ownerRead.entry, ...round.expect],
    writes: [replace(round.ownerRead.entry, ownerRecordToBytes(next)), ...round.writes],
  });
}

/** Everything reachable from the roots given so far. */
class Marker {
  readonly #deps: LocalNodeDeps;
  readonly #owner: KeyHash;
  readonly #signal: AbortSignal | undefined;
  readonly #marked = new Set<string>();

  constructor(deps: LocalNodeDeps, owner: KeyHash, signal: AbortSignal | undefined) {
    this.#deps = deps;
    this.#owner = owner;
    this.#signal = signal;
  }

  isMarked(key: string): boolean {
    return this.#marked.has(key);
  }

  async mark(roots: readonly Cid[]): Promise<void> {
    const pending = [...roots];
    while (pending.length > 0) {
      this.#signal?.throwIfAborted();
      const fresh = pending.splice(-MARK_WIDTH).filter((cid) => this.#isNew(cid));
      const links = await Promise.all(fresh.map((cid) => this.#linksIn(cid)));
      pending.push(...links.flat());
    }
  }

  #isNew(cid: Cid): boolean {
    const key = blockKey(this.#owner, cid);
    if (cid.isIdentity || this.#marked.has(key)) return false;
    this.#marked.add(key);
    return !cid.isRaw;
  }

  async #linksIn(cid: Cid): Promise<Cid[]> {
    try {
      if (cid.codec !== CODEC.dagCbor) throw new CollectionStopped('A block is of an old kind.');
      const bytes = await loadVerified(this.#deps, this.#owner, cid, this.#signal);
      if (bytes === undefined) throw new CollectionStopped('A block is missing.');
      return linksOf(decodeCbor(bytes));
    } catch (error) {
      throw stopped('A block cannot be read', error);
    }
  }
}

function stopped(what: string, error: unknown): unknown {
  if (!(error instanceof PyrgosError)) return error;
  return new CollectionStopped(`${what}; nothing more was removed.`, { cause: error });
}
