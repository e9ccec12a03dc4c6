/**
 * Putting a whole account in place that comes from elsewhere: an archive, or another node. Its
 * blocks are stored already, in the owner's partition; here its records are examined; they appear by `place-account.ts`.
 *
 * {@link examineAccount} applies the rules of every other way in: claims (B-2 §3), signatures and
 * states of pointers (B-6 §3), ownership (A-6 §6). It reports everything that is wrong instead of
 * stopping at the first fault; an operation that stores accounts to keep them refuses any fault.
 */
import { PyrgosError } from '#lib/bytes/index.ts';
import type { LoadStored } from '#lib/champ/index.ts';
import { CODEC, decodeBlock } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import type { BatWithId, KeyHash, PublicSigningKey } from '#lib/crypto/index.ts';
import { reachableBlocks } from '#lib/node/index.ts';
import type { SignedPointer } from '#lib/node/index.ts';
import {
  MalformedRequest,
  openPointerUpdate,
  UnknownWriter,
  verifyClaimChain,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { RecordEntry } from '#lib/stores/index.ts';
import { collect } from './garbage-collect.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { checkMirrorBat } from './bats.ts';
import { checkFollowRequest } from './inbox.ts';
import { keyLookup, keyLookupOf } from './public-keys.ts';
import { Registry } from './writer-registry.ts';
import { storeBlocks } from './usage.ts';
import { blockKey } from './records.ts';
import { ownershipStateOf } from './ownership-state.ts';
import type { OwnershipState } from './ownership-state.ts';

const RESTORE_TRANSACTION = 'restore';

/** What a node keeps of an account beside its blocks. */
export interface AccountRecords {
  readonly username: string;
  readonly chain: readonly UserPublicKeyLink[];
  /** Absent for accounts that keep their entry points in their public state (B-3 §7). */
  readonly login:
    { readonly entryPoints: CborValue; readonly loginKey: PublicSigningKey } | undefined;
  readonly pointers: readonly SignedPointer[];
  /** Mirror BATs, oldest first. */
  readonly bats: readonly BatWithId[];
  /** Waiting BlindFollowRequests as they were sent, oldest first. */
  readonly followRequests: readonly Uint8Array[];
  /** Of secret links that were opened: label, how often, seconds when last (C-4 §4.5). */
  readonly linkCounts: readonly (readonly [number, number, number])[];
}

export interface ExaminedAccount {
  readonly records: AccountRecords;
  readonly identity: KeyHash;
  /** Empty: the account is complete and every signature is of the right key. */
  readonly faults: readonly PyrgosError[];
  /** Writers with a place in the account; what is listed but has no pointer is registered, too. */
  readonly registry: Registry;
}

/** Runs a check; what it throws by name is a fault of the account. */
type Attempt = (check: () => Promise<void> | void) => Promise<void>;

/** A part of the account is missing, damaged, or not signed by the right key. */
export class AccountDamaged extends PyrgosError {
  override readonly name: string = 'AccountDamaged';
  override readonly kind = 'damaged';
  /** The block that is missing, where it is one. */
  readonly missing: Cid | undefined;
  constructor(message: string, options: ErrorOptions & { readonly missing?: Cid } = {}) {
    super(message, options);
    this.missing = options.missing;
  }
}

/**
 * Checks everything that can be checked without a password. Blocks come from `deps.blocks`;
 * `hasAllBlocks`: the caller has just seen that all are there.
 */
export async function examineAccount(
  deps: LocalNodeDeps,
  records: AccountRecords,
  signal?: AbortSignal,
  hasAllBlocks = false,
): Promise<ExaminedAccount> {
  const { chain, username, bats, pointers } = records;
  const identity = chain.at(-1)?.owner;
  if (identity === undefined) {
    throw new MalformedRequest('An account without a claim has no owner.');
  }
  const faults: PyrgosError[] = [];
  const attempt: Attempt = async (check) => {
    try {
      await check();
    } catch (error) {
      if (!(error instanceof PyrgosError)) throw error;
      faults.push(error);
    }
  };
  await attempt(() => verifyClaimChain(chain, username, keyLookupOf(deps, identity)));
  for (const bat of bats) await attempt(() => checkMirrorBat(bat));
  for (const request of records.followRequests) await attempt(() => checkFollowRequest(request));
  const load: LoadStored = (cid) => loadVerified(deps, identity, cid);
  const { states, roots } = await openStates(pointers, load, attempt);
  if (!states.has(identity.toString())) {
    faults.push(new AccountDamaged('The state of the identity itself cannot be read.'));
  }
  const registry = new Registry(deps.records);
  registry.set(identity, { owner: identity, parent: undefined, removedMs: undefined });
  const nowMs = deps.clock();
  await followOwnership({ registry, owner: identity, states, load, attempt, nowMs });
  for (const { writer } of pointers) {
    await attempt(() => keepUnlisted(registry, identity, writer, nowMs));
  }
  if (!hasAllBlocks) await findMissing(deps, identity, roots, attempt, signal);
  return { records, identity, faults, registry };
}

/** The targets of all pointers, and what the states there say of ownership. */
async function openStates(
  pointers: readonly SignedPointer[],
  load: LoadStored,
  attempt: Attempt,
): Promise<{ states: Map<string, OwnershipState>; roots: Cid[] }> {
  const states = new Map<string, OwnershipState>();
  const roots: Cid[] = [];
  const seen = new Set<string>();
  for (const { writer, signed } of pointers) {
    const key = writer.toString();
    await attempt(() =>
      named(`The pointer of writer ${key} cannot be used`, async () => {
        if (seen.has(key)) throw new MalformedRequest('There are two of it.');
        seen.add(key);
        const signer = writer.isIdentity ? undefined : await keyLookup(load)(writer);
        const { updated } = await openPointerUpdate(signer ?? writer, signed);
        if (updated === undefined) return; // a deleted space
        roots.push(updated);
        const block = await load(updated);
        // What is missing is told with all other missing blocks.
        if (block !== undefined) states.set(key, ownershipStateOf(block, writer));
      }),
    );
  }
  return { states, roots };
}

/** What fails by name fails as damage of this thing. */
async function named(what: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new AccountDamaged(`${what}: ${error.message}`, { cause: error });
  }
}

/** Every block that pointers lead to has to be here and to be what its CID says. */
async function findMissing(
  deps: LocalNodeDeps,
  owner: KeyHash,
  roots: readonly Cid[],
  attempt: Attempt,
  signal: AbortSignal | undefined,
): Promise<void> {
  const load = async (cid: Cid): Promise<Uint8Array | undefined> => {
    let whole: Uint8Array | undefined;
    await attempt(async () => {
      let bytes: Uint8Array | undefined;
      if (!cid.isRaw) bytes = await loadVerified(deps, owner, cid, signal);
      else if (await deps.blocks.has(blockKey(owner, cid))) bytes = new Uint8Array(0);
      if (bytes === undefined) {
        throw new AccountDamaged(`Block ${cid.toString()} is missing.`, { missing: cid });
      }
      if (cid.codec === CODEC.dagCbor) decodeBlock(bytes);
      whole = bytes;
    });
    return whole;
  };
  for await (const reached of reachableBlocks(roots, load, signal)) void reached;
}

/**
 * Stores verified blocks of an account that is to be placed, safe from collection until then.
 * Answers the record that says so, for {@link placeAccount} or {@link abandonAccount}.
 */
export function storeForAccount(
  deps: LocalNodeDeps,
  owner: KeyHash,
  blocks: readonly { readonly cid: Cid; readonly bytes: Uint8Array }[],
  { signal, isCopy = false }: { readonly signal?: AbortSignal | undefined; isCopy?: boolean } = {},
): Promise<RecordEntry> {
  const announcement = { owner, tid: RESTORE_TRANSACTION, graceBytes: 0, signal, isCopy };
  return storeBlocks(deps, announcement, blocks);
}

/** Takes back what was stored for an account that is not to appear after all. */
export async function abandonAccount(
  deps: LocalNodeDeps,
  owner: KeyHash,
  announced: readonly RecordEntry[],
): Promise<void> {
  await deps.records.apply({
    writes: announced.map((entry) => ({ ...entry, value: undefined })),
  });
  await collect(deps, owner);
}

interface Ownership {
  readonly registry: Registry;
  readonly owner: KeyHash;
  readonly states: ReadonlyMap<string, OwnershipState>;
  readonly load: LoadStored;
  readonly attempt: Attempt;
  readonly nowMs: number;
}

/** From the identity down: a writer counts once a state that counts lists it with a proof. */
async function followOwnership(ownership: Ownership): Promise<void> {
  const { registry, owner, states, load, attempt, nowMs } = ownership;
  const seen = new Set<string>();
  const open = [owner];
  for (let next = open.shift(); next !== undefined; next = open.shift()) {
    const parent = next;
    const after = states.get(parent.toString());
    if (after === undefined || seen.has(parent.toString())) continue;
    seen.add(parent.toString());
    const change = { owner, parent, before: undefined, after, load };
    await attempt(() => registry.follow(change, { nowMs, nextChange: 0 }));
    open.push(...registry.adoptedBy(parent));
  }
}

/** A writer that nothing lists any more may still have its pointer, as after a revocation. */
async function keepUnlisted(
  registry: Registry,
  owner: KeyHash,
  writer: KeyHash,
  nowMs: number,
): Promise<void> {
  const record = await registry.get(writer);
  if (record === undefined) registry.set(writer, { owner, parent: undefined, removedMs: nowMs });
  else if (!record.owner.equals(owner)) {
    throw new UnknownWriter('A pointer of the account belongs to a writer of somebody else.');
  }
}
