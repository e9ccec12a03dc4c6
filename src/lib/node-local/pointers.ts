/**
 * Pointers of the local node: compare-and-set in one record transaction, all or none (A-6 §4,
 * B-6 §3). The same transaction registers and removes writers and counts what is reached, so that
 * neither ownership nor usage ever lags.
 *
 * Tighter than the reference: a writer must have a place with an account here, whose space and rules
 * count whichever `owner` is named (writer-account.ts); what one may do that has lost its place is
 * said in late-writes.ts.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { loadWithin } from '#lib/champ/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { NodePointers, SignedPointer } from '#lib/node/index.ts';
import {
  checkSuccession,
  MalformedRequest,
  openPointerUpdate,
  PointerRefused,
  pointerStateOf,
  refusalOfUpdate,
  UnknownWriter,
} from '#lib/protocol/index.ts';
import type { PointerState, PointerUpdate, RefusedUpdate } from '#lib/protocol/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import { Accounting } from './accounting.ts';
import { compareAndSet, loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { isOfOpenTransaction, isOnlyLess } from './late-writes.ts';
import { partitionOf } from './owner-partition.ts';
import { publicKeyOf } from './public-keys.ts';
import { listsTheSame, Registry } from './writer-registry.ts';
import { roomForMoves } from './room.ts';
import type { Loss, Moment } from './writer-registry.ts';
import { changedOwner, requireHome } from './usage.ts';
import { rootChanges } from './state-roots.ts';
import type { RootChange } from './state-roots.ts';
import { blockKey, readDeletion, readOwner, TABLE } from './records.ts';
import { accountOf } from './writer-account.ts';
import { ownershipStateOf } from './ownership-state.ts';
import type { OwnershipState } from './ownership-state.ts';

/** The states of all writers moved, and the lists of keys these own, before and after. */
const READS = { blocks: 8192, bytes: 8 * 1024 * 1024 };
/** Writers that come with one request; each has a proof to be verified. */
const NEW_WRITERS = 512;

export function createLocalPointers(deps: LocalNodeDeps): NodePointers {
  return {
    get: async (_owner, writer) => deps.records.get(TABLE.pointers, writer.toString()),
    set: async (owner, writer, signed) =>
      setWherever(deps, await partitionOf(deps, owner), [{ writer, signed }]),
    setMany: async (owner, updates) => setWherever(deps, await partitionOf(deps, owner), updates),
  };
}

/** Moves pointers that may be of several accounts. */
async function setWherever(
  deps: LocalNodeDeps,
  owner: KeyHash,
  updates: readonly SignedPointer[],
): Promise<void> {
  const accounts = new Map<string, Moves>();
  for (const update of updates) {
    const account = await accountOf(deps.records, owner, update.writer);
    const moves = accounts.get(account.toString())?.updates ?? [];
    accounts.set(account.toString(), { owner: account, updates: [...moves, update] });
  }
  await moveAll(deps, [...accounts.values()]);
}

/** What else a pointer update writes at the same instant, given for each attempt anew. */
export type Alongside = () => Promise<RecordChange>;

/** Moves pointers of one account. */
export async function setPointers(
  deps: LocalNodeDeps,
  owner: KeyHash,
  updates: readonly SignedPointer[],
  alongside?: Alongside,
): Promise<void> {
  await moveAll(deps, [{ owner, updates }], alongside);
}

interface Moves {
  readonly owner: KeyHash;
  readonly updates: readonly SignedPointer[];
}

async function moveAll(
  deps: LocalNodeDeps,
  accounts: readonly Moves[],
  alongside?: Alongside,
): Promise<void> {
  const all = accounts.flatMap(({ updates }) => updates);
  if (new Set(all.map(({ writer }) => writer.toString())).size !== all.length) {
    throw new MalformedRequest('One request moves the same pointer twice.');
  }
  const prepared: (() => Promise<RecordChange>)[] = [];
  for (const { owner, updates } of accounts) {
    prepared.push(prepare(deps, owner, await openAll(deps, owner, updates)));
  }
  await compareAndSet(deps.records, async () => {
    const changes: RecordChange[] = [];
    for (const change of prepared) changes.push(await change());
    if (alongside !== undefined) changes.push(await alongside());
    const change = {
      expect: changes.flatMap(({ expect }) => expect ?? []),
      writes: changes.flatMap(({ writes }) => writes),
    };
    return { change, result: undefined };
  });
}

/** What moving these pointers of one account changes, decided for each attempt anew. */
function prepare(
  deps: LocalNodeDeps,
  owner: KeyHash,
  opened: readonly OpenedPointer[],
): () => Promise<RecordChange> {
  const requireRoom = roomForMoves(deps, owner);
  const accounting = new Accounting(deps, owner);
  return async () => {
    const load = loadWithin((cid) => loadVerified(deps, owner, cid), READS);
    const ownerRead = await readOwner(deps.records, owner);
    requireHome(ownerRead.value);
    const deletion = await readDeletion(deps.records, owner);
    const deleted = new Set(deletion.value?.keys);
    const registry = new Registry(deps.records, NEW_WRITERS);
    const expect: RecordEntry[] = [ownerRead.entry, deletion.entry];
    const writes = [changedOwner(ownerRead)];
    const moment = {
      nowMs: deps.clock(),
      nextChange: (ownerRead.value?.changes ?? 0) + 1,
    };
    const isOfOpen = (target: Cid, loss: Loss) => isOfOpenTransaction(deps, owner, target, loss);
    const admission = { owner, registry, load, moment, isOfOpen };
    const moved = new Map<string, RootChange>();
    for (const { writer, signed, update } of opened) {
      const entry = { table: TABLE.pointers, key: writer.toString() };
      const stored = await deps.records.get(entry.table, entry.key);
      const current = pointerStateOf(stored);
      if (update.updated !== undefined && deleted.has(blockKey(owner, update.updated))) {
        throw refusalOfUpdate(notStored(), refusedUpdate(writer, current, update));
      }
      await admitPointer(admission, writer, current, update);
      moved.set(entry.key, { before: current.target, after: update.updated });
      expect.push({ ...entry, value: stored });
      writes.push({ ...entry, value: signed });
    }
    await requireRoom([...moved.values()]);
    const usage = await accounting.follow(await rootChanges(deps, owner, registry, moved));
    expect.push(...(usage.expect ?? []), ...registry.expectations());
    writes.push(...usage.writes, ...registry.writes());
    return { expect, writes };
  };
}

type OpenedPointer = SignedPointer & { readonly update: PointerUpdate };

async function openAll(
  deps: LocalNodeDeps,
  owner: KeyHash,
  updates: readonly SignedPointer[],
): Promise<OpenedPointer[]> {
  const registry = new Registry(deps.records);
  const opened: OpenedPointer[] = [];
  // One after the other, to the first that is refused; a key that is not the owner's costs no more
  // than a look at a record.
  for (const { writer, signed } of updates) {
    await requireOwned(registry, owner, writer);
    const key = await publicKeyOf(deps, owner, writer);
    opened.push({ writer, signed, update: await openPointerUpdate(key, signed) });
  }
  return opened;
}

export interface Admission {
  readonly owner: KeyHash;
  readonly registry: Registry;
  readonly load: LoadStored;
  readonly moment: Moment;
  /** Whether a state came in a transaction that goes on for a writer without a place. */
  readonly isOfOpen?: (target: Cid, loss: Loss) => Promise<boolean>;
}

/** Every rule for one update; tells the registry which writers come and go with it. */
export async function admitPointer(
  admission: Admission,
  writer: KeyHash,
  current: PointerState,
  update: PointerUpdate,
): Promise<void> {
  try {
    await applyRules(admission, writer, current, update);
  } catch (error) {
    throw refusalOfUpdate(error, refusedUpdate(writer, current, update));
  }
}

function refusedUpdate(
  writer: KeyHash,
  current: PointerState,
  { original, updated, sequence }: PointerUpdate,
): RefusedUpdate {
  return { writer, original, updated, sequences: [current.sequence, sequence] };
}

async function applyRules(
  admission: Admission,
  writer: KeyHash,
  current: PointerState,
  update: PointerUpdate,
): Promise<void> {
  const { owner, registry, load, moment } = admission;
  const loss = await requireMayMove(admission, writer, update);
  checkSuccession(current, update);
  const after = await loadState(update.updated, writer, load);
  if (update.updated !== undefined && after === undefined) throw notStored();
  const before = await loadState(current.target, writer, load).catch(forgetDamaged);
  if (loss !== undefined && after !== undefined) {
    await requireLateMove(admission, { target: update.updated, loss, before, after });
  }
  if (listsTheSame(before, after)) return;
  await registry.follow({ owner, parent: writer, before, after, load }, moment);
}

function notStored(): PointerRefused {
  return new PointerRefused('target', 'The state a pointer names is not stored here.');
}

/** An old state that cannot be read any more must not hinder the next one. */
function forgetDamaged(error: unknown): undefined {
  if (!(error instanceof PyrgosError)) throw error;
}

/** How the writer lost its place, if it did. */
async function requireMayMove(
  { registry, owner }: Admission,
  writer: KeyHash,
  { updated }: PointerUpdate,
): Promise<Loss | undefined> {
  const isOwn = (await registry.get(writer))?.owner.equals(owner) === true;
  const loss = await registry.lossOf(owner, writer);
  if (loss !== 'never') return loss;
  if (!isOwn || updated !== undefined) throw unknownWriter();
  return undefined;
}

interface LateMove {
  readonly target: Cid | undefined;
  readonly loss: Loss;
  readonly before: OwnershipState | undefined;
  readonly after: OwnershipState;
}

/** A writer without a place is emptied, or finishes what was begun while it had one. */
async function requireLateMove(
  { load, isOfOpen }: Admission,
  { target, loss, before, after }: LateMove,
): Promise<void> {
  if (target !== undefined && (await isOfOpen?.(target, loss)) === true) return;
  if (await isOnlyLess(before, after, load).catch(forgetDamaged)) return;
  throw unknownWriter();
}

function unknownWriter(): UnknownWriter {
  return new UnknownWriter('This key may not write here.');
}

/** A look at one record; every rule follows when the request is admitted. */
async function requireOwned(registry: Registry, owner: KeyHash, writer: KeyHash): Promise<void> {
  if ((await registry.get(writer))?.owner.equals(owner) !== true) throw unknownWriter();
}

async function loadState(
  target: Cid | undefined,
  writer: KeyHash,
  load: LoadStored,
): Promise<OwnershipState | undefined> {
  const block = target === undefined ? undefined : await load(target);
  return block === undefined ? undefined : ownershipStateOf(block, writer);
}
