/**
 * The copy of an account that has its home at another node (B-6 §8): pointers of all its writers,
 * verified and never older than those that are here; the blocks they lead to that are not here yet;
 * then all of it at one instant. What the home answers is hostile.
 */
import { encodeCbor, decodeBlock } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { equalBytes, PyrgosError } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { SignedPointer, StorageNode } from '#lib/node/index.ts';
import {
  claimChainFromCbor,
  claimChainToCbor,
  HomeServerAway,
  loginRecordFromBytes,
  mergeClaimChains,
  openPointerUpdate,
  pointerStateOf,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import { ArrivingBlocks } from './arriving-blocks.ts';
import { batsFromBytes } from './bats.ts';
import type { LocalNodeDeps } from './context.ts';
import { AccountDamaged, examineAccount } from './import-account.ts';
import { mirrorNoteToBytes, readMirrorNote } from './mirror-note.ts';
import type { MirrorNote } from './mirror-note.ts';
import { isOwnNodeId } from './node-id.ts';
import { ownershipStateOf } from './ownership-state.ts';
import { placeAccount } from './place-account.ts';
import { keyLookup } from './public-keys.ts';
import { listRecords, read, replace, TABLE } from './records.ts';
import { Registry } from './writer-registry.ts';

/** An account of more writers is not mirrored. */
const MAX_WRITERS = 20_000;

/** The home shows something older than the copy, or two states of one number. */
export class MirrorRefused extends PyrgosError {
  override readonly name: string = 'MirrorRefused';
  override readonly kind = 'damaged';
}

/** How far this process is with an account. */
export interface MirrorWork {
  readonly doneBytes: number;
  readonly isBusy: boolean;
  /** The name of what kept the last attempt from its end. */
  readonly failure: string | undefined;
}

const IDLE: MirrorWork = { doneBytes: 0, isBusy: false, failure: undefined };
const works = new WeakMap<RecordStore, Map<string, MirrorWork>>();

export function workOf({ records }: LocalNodeDeps, username: string): MirrorWork {
  return works.get(records)?.get(username) ?? IDLE;
}

/** Brings a copy up to date without anybody waiting for it. */
export function mirrorSoon(deps: LocalNodeDeps, username: string): void {
  void mirrorAccount(deps, username).catch(() => undefined);
}

/** Brings all copies up to date, one after the other; answers what failed. */
export async function mirrorAccounts(
  deps: LocalNodeDeps,
  signal?: AbortSignal,
): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const { key } of await listRecords(deps.records, TABLE.mirrors)) {
    if (signal?.aborted === true) break;
    await mirrorAccount(deps, key, signal).catch((error: unknown) => failures.push(error));
  }
  return failures;
}

/** Brings one copy up to date; where this process is at it already, waits for that. */
export async function mirrorAccount(
  deps: LocalNodeDeps,
  username: string,
  signal?: AbortSignal,
): Promise<void> {
  const all = running.get(deps.records) ?? new Map<string, Promise<void>>();
  running.set(deps.records, all);
  const before = all.get(username);
  if (before !== undefined) return before;
  const work = workOn(deps, username, signal).finally(() => all.delete(username));
  all.set(username, work);
  return work;
}

const running = new WeakMap<RecordStore, Map<string, Promise<void>>>();

async function workOn(
  deps: LocalNodeDeps,
  username: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const all = works.get(deps.records) ?? new Map<string, MirrorWork>();
  works.set(deps.records, all);
  const note = (await readMirrorNote(deps.records, username)).value;
  if (note === undefined) return;
  let doneBytes = 0;
  const tell = (isBusy: boolean, failure?: string): void => {
    all.set(username, { doneBytes, isBusy, failure });
  };
  tell(true);
  try {
    await bringUpToDate(deps, { username, note }, signal, (bytes) => {
      doneBytes += bytes;
      tell(true);
    });
    tell(false);
  } catch (error) {
    tell(false, (error as Error).name);
    throw error;
  }
}

interface Mirrored {
  readonly username: string;
  readonly note: MirrorNote;
}

async function bringUpToDate(
  deps: LocalNodeDeps,
  { username, note }: Mirrored,
  signal: AbortSignal | undefined,
  onBlock: (bytes: number) => void,
): Promise<void> {
  const stored = await deps.records.get(TABLE.names, username);
  const known = claimChainFromCbor(decodeBlock(stored ?? note.chain));
  const home = known.at(-1)?.claim.storageProviders[0];
  if (home === undefined || (await isOwnNodeId(deps, home))) {
    // It has been moved here, or recovered.
    await deps.records.apply({
      writes: [{ table: TABLE.mirrors, key: username, value: undefined }],
    });
    return;
  }
  const from = await deps.nodeOf?.(home, note.addresses);
  if (from === undefined) throw new HomeServerAway();
  const chain = await newestChain(from, username, known);
  const last = chain.at(-1)!;
  const movedTo = last.claim.storageProviders[0] ?? home;
  const identity = last.owner;
  const blocks = new ArrivingBlocks({
    deps,
    from,
    owner: identity,
    mirrorBat: note.bat,
    isCopy: true,
    onBlock,
  });
  const pointers = await gather(deps, { from, identity, blocks }, signal);
  const bats = await deps.records.get(TABLE.bats, identity.toString());
  const others = bats === undefined ? [] : batsFromBytes(bats);
  const login = note.login ?? (await deps.records.get(TABLE.logins, username));
  const records = {
    username,
    chain,
    login: login === undefined ? undefined : loginRecordFromBytes(login),
    pointers,
    bats: others.some((bat) => bat.equals(note.bat)) ? others : [...others, note.bat],
    followRequests: [],
    linkCounts: [],
  };
  const examined = await examineAccount(deps, records, signal, true);
  const [fault] = examined.faults;
  if (fault !== undefined) throw fault;
  const entry = (await readMirrorNote(deps.records, username)).entry;
  if (entry.value === undefined) return; // ended meanwhile
  const value = mirrorNoteToBytes({
    ...note,
    chain: encodeCbor(claimChainToCbor(chain)),
    seenMs: deps.clock(),
  });
  await placeAccount(deps, examined, {
    announced: blocks.announced,
    overCopy: true,
    home: movedTo,
    alongside: { expect: [entry], writes: [replace(entry, value)] },
  });
}

/** The claims as the home has them, if they continue those that are known. */
async function newestChain(
  from: StorageNode,
  username: string,
  known: readonly UserPublicKeyLink[],
): Promise<readonly UserPublicKeyLink[]> {
  const update = claimChainFromCbor(decodeBlock(await from.names.chain(username)));
  await verifyClaimChain(update, username);
  const isSame = equalBytes(
    encodeCbor(claimChainToCbor(update)),
    encodeCbor(claimChainToCbor(known)),
  );
  return isSame ? known : mergeClaimChains(known, update, username);
}

interface Gathering {
  readonly from: StorageNode;
  readonly identity: KeyHash;
  readonly blocks: ArrivingBlocks;
}

/** From the identity down, each writer's pointer and what it leads to. */
async function gather(
  deps: LocalNodeDeps,
  { from, identity, blocks }: Gathering,
  signal: AbortSignal | undefined,
): Promise<SignedPointer[]> {
  const registry = new Registry(deps.records);
  registry.set(identity, { owner: identity, parent: undefined, removedMs: undefined });
  const pointers = new Map<string, SignedPointer>();
  const open = [identity];
  const load = (cid: Cid) => blocks.load(cid, signal);
  for (let writer = open.shift(); writer !== undefined; writer = open.shift()) {
    signal?.throwIfAborted();
    if (pointers.has(writer.toString())) continue;
    if (pointers.size >= MAX_WRITERS) throw new MirrorRefused('The account has too many writers.');
    const signed = await from.pointers.get(identity, writer, { isFresh: true });
    if (signed === undefined) continue;
    const root = await admitPointer(deps, blocks, writer, signed);
    pointers.set(writer.toString(), { writer, signed });
    if (root === undefined) continue;
    const block = await load(root);
    if (block === undefined) {
      throw new AccountDamaged(`Block ${root.toString()} is missing.`, { missing: root });
    }
    const after = ownershipStateOf(block, writer);
    const change = { owner: identity, parent: writer, before: undefined, after, load };
    await registry.follow(change, { nowMs: deps.clock(), nextChange: 0 });
    open.push(...registry.adoptedBy(writer));
  }
  if (!pointers.has(identity.toString())) {
    throw new AccountDamaged('The state of the identity itself is not there.');
  }
  return [...pointers.values()];
}

/** A pointer that may follow the one that is here; all it leads to is here afterwards. */
async function admitPointer(
  deps: LocalNodeDeps,
  blocks: ArrivingBlocks,
  writer: KeyHash,
  signed: Uint8Array,
): Promise<Cid | undefined> {
  const key = writer.isIdentity ? undefined : await keyLookup((cid) => blocks.load(cid))(writer);
  const { updated, sequence } = await openPointerUpdate(key ?? writer, signed);
  const stored = await read(deps.records, TABLE.pointers, writer.toString(), pointerStateOf);
  const bytes = stored.entry.value;
  const isSame = bytes !== undefined && equalBytes(bytes, signed);
  const before = stored.value;
  if (before !== undefined && !isSame && (sequence ?? 0) <= (before.sequence ?? 0)) {
    throw new MirrorRefused('The home of an account shows an older state than its copy.');
  }
  if (before?.target !== undefined) await blocks.knowTree([before.target]);
  if (updated !== undefined) await blocks.bring([updated]);
  return updated;
}
