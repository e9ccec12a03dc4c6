/**
 * One step of mirroring the registry (B-2 §9), stricter than the reference: states only follow one
 * another, nothing is removed, and one illegal entry refuses the state it is in, so that the last
 * good one goes on being served. Whatever is killed on the way leaves the old state or the new one.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import { ChampShrunk, ChampTooDeep, followGrowth, MalformedChamp } from '#lib/champ/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { PublicSigningKey, verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { decodeCbor } from '#lib/codec/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { utf8 } from '#lib/bytes/index.ts';
import { commitState } from './commit.ts';
import {
  RegistryForked,
  RegistryIncomplete,
  RegistryRefused,
  RegistryRolledBack,
} from './errors.ts';
import { CHAIN_MAX_BYTES, judgeEntry } from './judge.ts';
import type { JudgedEntry } from './judge.ts';
import { PagedBlocks, singleBlocks } from './loaders.ts';
import type { BlockLoader } from './loaders.ts';
import { hasKey } from './look-up.ts';
import {
  blockEntry,
  forkEntry,
  keyRecordKey,
  readBlock,
  readKeyOwner,
  readRoot,
  samePointer,
  TABLE,
} from './records.ts';
import type { ReadRoot, RootRecord } from './records.ts';
import type { RegistrySource } from './source.ts';
import { shownState } from './state.ts';
import type { ShownState } from './state.ts';
import { Staging } from './staging.ts';

export interface MirrorDeps {
  readonly records: RecordStore;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** The operator's identity, which is known beforehand: all else is proved by it. */
  readonly identity: KeyHash;
  readonly source: RegistrySource;
  /** Remembers what was refused, so that it is not walked again each time it is shown. */
  readonly refused?: RefusedState;
  /** How many states of the past stay whole; a thousand when absent. */
  readonly keptRoots?: number;
  /** Records that are written at a time; some thousands when absent. */
  readonly batchRecords?: number;
}

/** The last state that was refused, after which one, and why; empty at first. */
export interface RefusedState {
  last?: { readonly after: number; readonly pointer: Uint8Array; readonly reason: RegistryRefused };
}

export interface MirrorStep {
  /** The state that is served now. */
  readonly state: RootRecord;
  /** Names that were new, as a number: there may be very many. */
  readonly added: number;
  /** Names whose chains changed. */
  readonly changed: readonly string[];
}

/**
 * Takes the state that the source shows, if it may follow the one that is served. Throws
 * {@link RegistryRefused} and its kin where the registry itself is at fault, and anything else where
 * the source or the way there is.
 */
export async function mirrorStep(deps: MirrorDeps, signal?: AbortSignal): Promise<MirrorStep> {
  const before = await readRoot(deps.records);
  const { source, identity } = deps;
  const shown = await shownState({ source, identity, known: before.value, signal });
  if (!(await requireLater(deps, before.value, shown))) {
    return { state: before.value!, added: 0, changed: [] };
  }
  const taken = await unlessRefused(deps, before.value, shown, () =>
    takeTree(deps, before, shown, signal),
  );
  const { blocks, ...pointers } = shown;
  const record = {
    ...pointers,
    number: (before.value?.number ?? 0) + 1,
    takenMs: deps.clock(),
  };
  const next = {
    record,
    writes: blocks.map(({ cid, bytes }) => blockEntry(cid, bytes)),
    added: [...taken.added, ...blocks.map(({ cid }) => cid)],
    gone: [...taken.gone, ...statesBefore(before.value, shown)],
  };
  const isTaken = await commitState(deps.records, before, next, deps.keptRoots);
  // Another process was faster; what it took is judged by the same rules.
  if (!isTaken) return mirrorStep(deps, signal);
  return { state: record, added: taken.addedNames, changed: taken.changedNames };
}

async function unlessRefused(
  { refused }: MirrorDeps,
  known: RootRecord | undefined,
  { pkiPointer: pointer }: ShownState,
  take: () => Promise<TakenTree>,
): Promise<TakenTree> {
  const after = known?.number ?? 0;
  const last = refused?.last;
  if (last?.after === after && samePointer(last.pointer, pointer)) throw last.reason;
  try {
    return await take();
  } catch (reason) {
    if (refused !== undefined && reason instanceof RegistryRefused) {
      refused.last = { after, pointer, reason };
    }
    throw reason;
  }
}

/** Whether the state is a later one; false: it is the same. Throws where it may not follow. */
async function requireLater(
  deps: MirrorDeps,
  known: RootRecord | undefined,
  shown: ShownState,
): Promise<boolean> {
  if (known === undefined) return true;
  const own = await compare(deps, {
    writer: deps.identity,
    sequences: [known.identitySequence, shown.identitySequence],
    pointers: [known.identityPointer, shown.identityPointer],
  });
  if (!shown.pkiKey.equals(known.pkiKey)) return true; // another key counts anew
  const pki = await compare(deps, {
    writer: known.pkiKey,
    sequences: [known.pkiSequence, shown.pkiSequence],
    pointers: [known.pkiPointer, shown.pkiPointer],
  });
  return own || pki;
}

/** The blocks of the two writers' states that the shown state replaces. */
function statesBefore(known: RootRecord | undefined, shown: ShownState): Cid[] {
  if (known === undefined) return [];
  const pointers = [
    [known.identityPointer, shown.identityPointer],
    [known.pkiPointer, shown.pkiPointer],
  ] as const;
  return pointers.flatMap(([before, after]) => {
    const { target } = pointerStateOf(before);
    return target === undefined || samePointer(before, after) ? [] : [target];
  });
}

interface Comparison {
  readonly writer: KeyHash;
  readonly sequences: readonly [known: number, shown: number];
  readonly pointers: readonly [known: Uint8Array, shown: Uint8Array];
}

async function compare(
  { records }: MirrorDeps,
  { writer, sequences: [known, shown], pointers: [kept, other] }: Comparison,
): Promise<boolean> {
  if (samePointer(kept, other)) return false;
  if (shown < known) {
    throw new RegistryRolledBack(
      `The registry shows state ${shown}, which is older than state ${known}.`,
    );
  }
  if (shown > known) return true;
  const fork = { writer, sequence: known, kept, shown: other };
  await records.apply({ writes: [forkEntry(fork)] });
  throw new RegistryForked(`The registry signed two different states ${known}.`);
}

interface TakenTree {
  readonly added: readonly Cid[];
  readonly gone: readonly Cid[];
  readonly addedNames: number;
  readonly changedNames: readonly string[];
}

/** In bulk where that is offered and right, else block by block. */
async function takeTree(
  deps: MirrorDeps,
  before: ReadRoot,
  shown: ShownState,
  signal: AbortSignal | undefined,
): Promise<TakenTree> {
  const { records, source, identity } = deps;
  const walk = (loader: BlockLoader) => walkTree(deps, loader, before.value, shown.root, signal);
  try {
    if (source.difference !== undefined) {
      return await walk(new PagedBlocks(source, before.value?.root, shown.root, signal));
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof RegistryRefused || !(error instanceof PyrgosError)) throw error;
  }
  return walk(singleBlocks(records, source, identity, signal));
}

async function walkTree(
  deps: MirrorDeps,
  loader: BlockLoader,
  known: RootRecord | undefined,
  root: Cid,
  signal: AbortSignal | undefined,
): Promise<TakenTree> {
  const { records } = deps;
  const staging = new Staging(records, deps.batchRecords);
  const isFirst = known === undefined;
  const loadOld = async (cid: Cid) => required(await readBlock(records, cid));
  const lookup = keysOf(deps, signal);
  const judging = { loadOld, lookup, takesOldNames: isFirst };
  const [added, gone, changedNames]: [Cid[], Cid[], string[]] = [[], [], []];
  let addedNames = 0;
  const keep = (cid: Cid, bytes: Uint8Array): RecordEntry => {
    // Nothing is noted of a first state, which may be very large.
    if (!isFirst) added.push(cid);
    return blockEntry(cid, bytes);
  };
  try {
    await followGrowth(known?.root, root, {
      keyHash: 'blake2b-512',
      parallel: loader.parallel,
      loadOld,
      loadNew: (cid, path) => loader.load(cid, path),
      added: (cid, block) => staging.add(keep(cid, block)),
      replaced: (cid) => void gone.push(cid),
      entry: async (entry, path) => {
        const load = async (cid: Cid) => bounded(await loader.load(cid, path));
        const judged = await judgeEntry(entry, { ...judging, load });
        if (judged.before !== undefined) gone.push(judged.before);
        if (judged.isNew) addedNames++;
        else changedNames.push(judged.username);
        const keys = await keyEntries(records, known, judged);
        await staging.add(keep(judged.cid, judged.bytes), ...keys);
      },
      signal,
    });
    await staging.flush();
  } catch (error) {
    throw refusalOf(error);
  }
  return { added, gone, addedNames, changedNames };
}

/** Every key of a chain leads to its name, unless it has a name already. */
async function keyEntries(
  records: RecordStore,
  known: RootRecord | undefined,
  { chain, username }: JudgedEntry,
): Promise<RecordEntry[]> {
  const entries: RecordEntry[] = [];
  const value = utf8(username);
  for (const { owner } of chain) {
    const entry = { table: TABLE.keys, key: keyRecordKey(owner), value };
    const has = known === undefined ? undefined : await readKeyOwner(records, owner);
    if (has === username) continue;
    if (has !== undefined && (await hasKey(records, known!.root, has, owner))) continue;
    entries.push(entry);
  }
  return entries;
}

/** Keys of the first accounts are blocks among those of their owner (A-1 §7). */
function keysOf({ source }: MirrorDeps, signal: AbortSignal | undefined) {
  return async (hash: KeyHash): Promise<PublicSigningKey | undefined> => {
    const bytes = await source.block(hash, hash, signal);
    if (bytes === undefined) throw new RegistryIncomplete();
    await verifyBlock(hash, bytes);
    return PublicSigningKey.fromCbor(decodeCbor(bytes));
  };
}

function bounded(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= CHAIN_MAX_BYTES) return bytes;
  throw new RegistryRefused('A chain of the registry is longer than a chain may be.');
}

function required(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new RegistryIncomplete();
  return bytes;
}

/** What the blocks of a signed state are wrong in is the registry's fault. */
function refusalOf(error: unknown): unknown {
  if (error instanceof ChampShrunk) {
    return new RegistryRefused('Names were removed from the registry.', { cause: error });
  }
  if (error instanceof MalformedChamp || error instanceof ChampTooDeep) {
    return new RegistryRefused('The tree of names is not as it must be.', { cause: error });
  }
  return error;
}
