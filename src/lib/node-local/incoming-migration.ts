/**
 * An account that moves here from another node (B-2 §12, B-6 §8), the new home's side: everything is
 * fetched and verified before the old home is asked to switch, then what changed meanwhile, and the
 * account appears at one instant. If this node dies in between, the same request goes on from what
 * was noted before the switch. What the old home answers is hostile.
 */
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { MigrationExtras, MigrationRequest, StorageNode } from '#lib/node/index.ts';
import {
  BadClaimChain,
  claimChainFromCbor,
  MalformedRequest,
  mergeClaimChains,
  NotOffered,
  openPointerUpdate,
  parseRequest,
  QuotaExceeded,
  RateLimited,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { RecordStore } from '#lib/stores/index.ts';
import {
  ARRIVAL_KEPT_MS,
  arrivalNoteFrom,
  arrivalNoteToBytes,
  arrivedEntry,
  forgetArrived,
  hasArrived,
  noteOf,
} from './arrival-note.ts';
import { ArrivingBlocks } from './arriving-blocks.ts';
import { admitMigration, migrationQuota } from './sign-up-policy.ts';
import type { LocalNodeDeps } from './context.ts';
import { checkMirrorBat } from './bats.ts';
import { isOwnNodeId } from './node-id.ts';
import { keyLookup } from './public-keys.ts';
import { quotaOf } from './quota.ts';
import { examineAccount } from './import-account.ts';
import { placeAccount } from './place-account.ts';
import { isCopyHere } from './account-copy.ts';
import { requireFree } from './sign-up.ts';
import { listRecords, TABLE } from './records.ts';
import { requireMigratingName } from './users.ts';
import { publicSnapshot, userSnapshotFromBytes } from './user-snapshot.ts';
import type { UserSnapshot } from './user-snapshot.ts';

/** How a move is watched and called off. */
export interface Watching {
  readonly extras?: MigrationExtras;
  /** Ends the move, unless the old home was asked to switch. */
  readonly signal?: AbortSignal;
  readonly onBlock?: (bytes: number) => void;
  /** The old home has answered. */
  readonly onContact?: () => void;
  readonly onPhase?: (phase: 'copying' | 'switching') => void;
}

const NO_EXTRAS: MigrationExtras = { token: '', addresses: [] };

interface IncomingMigration {
  readonly deps: LocalNodeDeps;
  readonly request: MigrationRequest;
  readonly from: StorageNode;
  readonly identity: KeyHash;
  readonly chain: readonly UserPublicKeyLink[];
  readonly blocks: ArrivingBlocks;
}

/** Moves to here that this process is at, by user name: each holds a request for long. */
const underWay = new WeakMap<RecordStore, Map<string, Promise<Uint8Array>>>();
const MOST_UNDER_WAY = 4;

/**
 * Answers the old home's last UserSnapshot; of a move that is done already, what anybody may read of
 * it. Throws {@link RateLimited} while others are moving.
 */
export async function acceptMigration(
  deps: LocalNodeDeps,
  request: MigrationRequest,
  watching: Watching = {},
): Promise<Uint8Array> {
  const { username } = request;
  const moving = underWay.get(deps.records) ?? new Map<string, Promise<Uint8Array>>();
  underWay.set(deps.records, moving);
  // Perhaps the same, taken up again after a restart.
  await moving.get(username)?.catch(() => undefined);
  if (await hasArrived(deps, request)) return encodeCbor(await publicSnapshot(deps, username));
  if (moving.has(username) || moving.size >= MOST_UNDER_WAY) throw new RateLimited('requests');
  const work = bringHere(deps, request, watching);
  moving.set(username, work);
  try {
    return await work;
  } finally {
    moving.delete(username);
  }
}

/**
 * Goes on with the moves that were noted and whose old home has switched: their requests may be
 * gone with a process that died. Answers the errors of those that cannot be brought to an end now.
 */
export async function finishMigrations(deps: LocalNodeDeps): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const { key, value } of await listRecords(deps.records, TABLE.incomingMigrations)) {
    const { request, extras, notedMs } = arrivalNoteFrom(value);
    if (underWay.get(deps.records)?.has(key) === true) continue;
    try {
      await acceptMigration(deps, request, { extras, signal: AbortSignal.abort(NOT_SWITCHED) });
    } catch (error) {
      if (error !== NOT_SWITCHED) failures.push(error);
      else if (deps.clock() - notedMs > ARRIVAL_KEPT_MS) await forgetNote(deps, key, value);
    }
  }
  await forgetArrived(deps.records, deps.clock());
  return failures;
}

/** The old home was not asked to switch, or did not; a client that wants the move asks for it again. */
const NOT_SWITCHED = new Error('The old home has not switched.');

async function forgetNote(deps: LocalNodeDeps, username: string, value: Uint8Array): Promise<void> {
  const note = noteOf(username);
  const expect = [{ ...note, value }];
  await deps.records.apply({ expect, writes: [{ ...note, value: undefined }] });
}

async function bringHere(
  deps: LocalNodeDeps,
  request: MigrationRequest,
  watching: Watching,
): Promise<Uint8Array> {
  const { extras = NO_EXTRAS, signal, onPhase, onContact } = watching;
  const from = await deps.nodeOf?.(request.currentNode, extras.addresses);
  if (from === undefined) throw new NotOffered('Accounts of that server cannot move here.');
  const { chain, isSwitched } = await newChain(deps, request, from);
  onContact?.();
  if (!isSwitched) signal?.throwIfAborted();
  const identity = chain.at(-1)!.owner;
  await requireAdmitted(deps, request, identity, extras.token);
  const migration = startFetching({ deps, request, from, identity, chain }, watching);
  const note = noteOf(request.username);
  const noted = isSwitched ? await deps.records.get(note.table, note.key) : undefined;
  if (isSwitched && noted === undefined) {
    throw new MalformedRequest('This account was moved here by another way.');
  }
  const first =
    noted === undefined
      ? await from.names.migrate({ ...request, isCommit: false })
      : arrivalNoteFrom(noted).snapshot;
  onPhase?.('copying');
  await fetchAccount(migration, snapshotOf(first, migration), isSwitched ? undefined : signal);
  if (!request.isCommit) return first;
  if (!isSwitched) signal?.throwIfAborted();
  const value = arrivalNoteToBytes({ request, extras, snapshot: first, notedMs: deps.clock() });
  await deps.records.apply({ writes: [{ ...note, value }] });
  onPhase?.('switching');
  const last = isSwitched ? first : await from.names.migrate({ ...request, isCommit: true });
  const known = snapshotOf(last, migration);
  const snapshot = isSwitched ? await withLatestPointers(migration, known) : known;
  const examined = await fetchAccount(migration, snapshot, undefined);
  const { username } = request;
  const admission = await admitMigration(deps, username, identity, extras.token);
  await placeAccount(deps, examined, {
    announced: migration.blocks.announced,
    overCopy: true,
    alongside: {
      expect: admission.expect ?? [],
      writes: [
        ...admission.writes,
        { ...note, value: undefined },
        arrivedEntry(request, deps.clock()),
      ],
    },
  });
  return last;
}

function startFetching(
  migration: Omit<IncomingMigration, 'blocks'>,
  { onBlock }: Watching,
): IncomingMigration {
  const { deps, from, identity, request } = migration;
  const { mirrorBat } = request;
  const blocks = new ArrivingBlocks({
    deps,
    from,
    owner: identity,
    mirrorBat,
    // What a copy that is here has counts as before.
    isCopy: true,
    ...(onBlock === undefined ? {} : { onBlock }),
  });
  return { ...migration, blocks };
}

/** The registered chain continued by the request's; it has to lead here. */
async function newChain(
  deps: LocalNodeDeps,
  { username, chain }: MigrationRequest,
  from: StorageNode,
): Promise<{ chain: readonly UserPublicKeyLink[]; isSwitched: boolean }> {
  const update = parseRequest('The claim chain', () => claimChainFromCbor(chain));
  const bytes = await from.names.chain(username);
  const existing = parseRequest('The claim chain', () => claimChainFromCbor(decodeBlock(bytes)));
  const lookup = keyLookup(async (cid) => {
    const owner = existing.at(-1)?.owner;
    const block = owner && (await from.blocks.get(owner, cid));
    if (block !== undefined) await verifyBlock(cid, block);
    return block;
  });
  await verifyClaimChain(existing, username, lookup);
  const merged = await mergeClaimChains(existing, update, username, lookup);
  const [before, after] = [existing, merged].map((some) => some.at(-1)?.claim.storageProviders[0]);
  if (after === undefined || !(await isOwnNodeId(deps, after))) {
    throw new BadClaimChain('The new claim names another home.');
  }
  return { chain: merged, isSwitched: before?.equals(after) === true };
}

/** The user may sign up here, and the data have room. */
async function requireAdmitted(
  deps: LocalNodeDeps,
  { username, usageBytes, mirrorBat }: MigrationRequest,
  identity: KeyHash,
  token: string,
): Promise<void> {
  requireMigratingName(deps, username);
  if (!(await isCopyHere(deps, username, identity))) await requireFree(deps, username, identity);
  await admitMigration(deps, username, identity, token);
  const grantedBytes = await migrationQuota(deps, username, token);
  if (grantedBytes !== undefined) {
    // Counts for the blocks already that come before the account is here (B-2 §6.3).
    const value = encodeCbor(grantedBytes);
    const entry = { table: TABLE.quotas, key: identity.toString(), value };
    await deps.records.apply({ writes: [entry] });
  }
  const quotaBytes = await quotaOf(deps, identity);
  if (usageBytes > quotaBytes) throw new QuotaExceeded(usageBytes, quotaBytes);
  if (mirrorBat !== undefined) checkMirrorBat(mirrorBat);
}

function snapshotOf(bytes: Uint8Array, { request, identity }: IncomingMigration): UserSnapshot {
  const snapshot = parseRequest('The user snapshot', () => userSnapshotFromBytes(bytes));
  if (snapshot.username !== request.username || !snapshot.identity.equals(identity)) {
    throw new MalformedRequest('The user snapshot is of another user.');
  }
  return snapshot;
}

/** The old home closed the account when it switched, so these are its last pointers. */
async function withLatestPointers(
  { from, identity }: IncomingMigration,
  snapshot: UserSnapshot,
): Promise<UserSnapshot> {
  const pointers = await Promise.all(
    snapshot.pointers.map(async ({ writer, signed }) => {
      const latest = await from.pointers.get(identity, writer);
      return { writer, signed: latest ?? signed };
    }),
  );
  return { ...snapshot, pointers };
}

/** Fetches what is not here yet. Throws the first fault of the account. */
async function fetchAccount(
  migration: IncomingMigration,
  snapshot: UserSnapshot,
  signal: AbortSignal | undefined,
) {
  const { deps, chain, request, blocks } = migration;
  const updates = await Promise.all(
    snapshot.pointers.map(({ writer, signed }) => openWith(blocks, writer, signed)),
  );
  await blocks.bring(
    updates.flatMap(({ updated }) => (updated === undefined ? [] : [updated])),
    signal,
  );
  const own = request.mirrorBat;
  const isListed = own === undefined || snapshot.bats.some((bat) => bat.equals(own));
  const bats = isListed ? snapshot.bats : [...snapshot.bats, own];
  const examined = await examineAccount(deps, { ...snapshot, bats, chain }, signal, true);
  const [fault] = examined.faults;
  if (fault !== undefined) throw fault;
  return examined;
}

/** Keys that are not part of their names are blocks of the account. */
async function openWith(blocks: ArrivingBlocks, writer: KeyHash, signed: Uint8Array) {
  const key = writer.isIdentity ? undefined : await keyLookup((cid) => blocks.load(cid))(writer);
  return openPointerUpdate(key ?? writer, signed);
}
