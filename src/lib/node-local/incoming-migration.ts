/**
 * An account that moves here from another node (B-2 §12, B-6 §8), the new home's side: everything is
 * fetched and verified before the old home is asked to switch, then what changed meanwhile, and the
 * account appears at one instant. If this node dies in between, the same request goes on from what
 * was noted before the switch. What the old home answers is hostile.
 */
import { BLOCK_MAX_BYTES, decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { verifyBlock } from '#lib/crypto/index.ts';
import type { BatWithId, KeyHash } from '#lib/crypto/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import type { MigrationRequest, StorageNode } from '#lib/node/index.ts';
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
import type { RecordEntry, RecordStore } from '#lib/stores/index.ts';
import { admitMigration, migrationQuota } from './sign-up-policy.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { checkMirrorBat } from './bats.ts';
import { isOwnNodeId } from './node-id.ts';
import { keyLookup } from './public-keys.ts';
import { quotaOf } from './quota.ts';
import { examineAccount, placeAccount, storeForAccount } from './import-account.ts';
import { requireFree } from './sign-up.ts';
import { TABLE } from './records.ts';
import { requireMigratingName } from './users.ts';
import { userSnapshotFromBytes } from './user-snapshot.ts';
import type { UserSnapshot } from './user-snapshot.ts';

/** Stored in one transaction. */
const BATCH_BYTES = 8 * BLOCK_MAX_BYTES;

interface IncomingMigration {
  readonly deps: LocalNodeDeps;
  readonly request: MigrationRequest;
  readonly from: StorageNode;
  readonly identity: KeyHash;
  readonly chain: readonly UserPublicKeyLink[];
  /** Grows by the records that protect the blocks until the account is in place. */
  readonly announced: RecordEntry[];
}

/** Names on their way here by this process: each holds a request for long. */
const underWay = new WeakMap<RecordStore, Set<string>>();
const MOST_UNDER_WAY = 4;

/** Answers the old home's last UserSnapshot. Throws {@link RateLimited} while others are moving. */
export async function acceptMigration(
  deps: LocalNodeDeps,
  request: MigrationRequest,
): Promise<Uint8Array> {
  const { username } = request;
  const moving = underWay.get(deps.records) ?? new Set();
  underWay.set(deps.records, moving);
  if (moving.has(username) || moving.size >= MOST_UNDER_WAY) throw new RateLimited('requests');
  moving.add(username);
  try {
    return await bringHere(deps, request);
  } finally {
    moving.delete(username);
  }
}

async function bringHere(deps: LocalNodeDeps, request: MigrationRequest): Promise<Uint8Array> {
  const from = await deps.nodeOf?.(request.currentNode);
  if (from === undefined) throw new NotOffered('Accounts of that server cannot move here.');
  const { chain, isSwitched } = await newChain(deps, request, from);
  const identity = chain.at(-1)!.owner;
  await requireAdmitted(deps, request, identity);
  const migration = { deps, request, from, identity, chain, announced: [] };
  const noted = { table: TABLE.incomingMigrations, key: request.username };
  const prepared = isSwitched ? await deps.records.get(noted.table, noted.key) : undefined;
  if (isSwitched && prepared === undefined) {
    throw new MalformedRequest('This account was moved here by another way.');
  }
  const first = prepared ?? (await from.names.migrate({ ...request, isCommit: false }));
  await fetchAccount(migration, snapshotOf(first, migration));
  if (!request.isCommit) return first;
  await deps.records.apply({ writes: [{ ...noted, value: first }] });
  const last = isSwitched ? first : await from.names.migrate({ ...request, isCommit: true });
  const known = snapshotOf(last, migration);
  const snapshot = isSwitched ? await withLatestPointers(migration, known) : known;
  const examined = await fetchAccount(migration, snapshot);
  const admission = await admitMigration(deps, request.username, identity);
  await placeAccount(deps, examined, migration.announced, {
    expect: admission.expect ?? [],
    writes: [...admission.writes, { ...noted, value: undefined }],
  });
  return last;
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
): Promise<void> {
  requireMigratingName(deps, username);
  await requireFree(deps, username, identity);
  await admitMigration(deps, username, identity);
  const grantedBytes = await migrationQuota(deps, username);
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
async function fetchAccount(migration: IncomingMigration, snapshot: UserSnapshot) {
  const { deps, chain, request } = migration;
  const updates = await Promise.all(
    snapshot.pointers.map(({ writer, signed }) => openWith(migration, writer, signed)),
  );
  const roots = updates.flatMap(({ updated }) => (updated === undefined ? [] : [updated]));
  await fetchBlocks(migration, roots);
  const own = request.mirrorBat;
  const isListed = own === undefined || snapshot.bats.some((bat) => bat.equals(own));
  const bats = isListed ? snapshot.bats : [...snapshot.bats, own];
  const examined = await examineAccount(deps, { ...snapshot, bats, chain });
  const [fault] = examined.faults;
  if (fault !== undefined) throw fault;
  return examined;
}

/** Keys that are not part of their names are blocks of the account. */
async function openWith(migration: IncomingMigration, writer: KeyHash, signed: Uint8Array) {
  const lookup = keyLookup((cid) => loadFrom(migration, cid, migration.request.mirrorBat));
  const key = writer.isIdentity ? undefined : await lookup(writer);
  return openPointerUpdate(key ?? writer, signed);
}

async function fetchBlocks(migration: IncomingMigration, roots: readonly Cid[]): Promise<void> {
  const { deps, identity, announced, request } = migration;
  let batch: { cid: Cid; bytes: Uint8Array }[] = [];
  let batchBytes = 0;
  const store = async (): Promise<void> => {
    if (batch.length === 0) return;
    announced.push(await storeForAccount(deps, identity, batch));
    batch = [];
    batchBytes = 0;
  };
  const load = (cid: Cid) => loadFrom(migration, cid, request.mirrorBat);
  for await (const block of reachableBlocks(roots, load)) {
    batch.push(block);
    batchBytes += block.bytes.length;
    if (batchBytes >= BATCH_BYTES) await store();
  }
  await store();
}

/** From here if it was fetched before, else from the old home, verified. */
async function loadFrom(
  { deps, from, identity }: IncomingMigration,
  cid: Cid,
  bat: BatWithId | undefined,
): Promise<Uint8Array | undefined> {
  const here = await loadVerified(deps, identity, cid);
  if (here !== undefined) return here;
  const bytes = await from.blocks.get(identity, cid, bat);
  if (bytes !== undefined) await verifyBlock(cid, bytes);
  return bytes;
}
