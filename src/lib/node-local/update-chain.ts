/**
 * Changes of the name registry (B-2 §4): renewing a claim, naming another home, changing identity,
 * and names registered before their data acceptMigration.
 *
 * Tighter than the reference: the first chain of a name is checked as every later one is, and an
 * identity has one name.
 */
import { equalBytes, utf8 } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import type { KeyHash, KeyLookup } from '#lib/crypto/index.ts';
import type { ProofOfWork } from '#lib/node/index.ts';
import {
  BadClaimChain,
  claimChainFromCbor,
  claimChainToCbor,
  mergeClaimChains,
  NameTaken,
  parseRequest,
  verifyClaimChain,
  WrongHost,
} from '#lib/protocol/index.ts';
import type { UserPublicKeyLink } from '#lib/protocol/index.ts';
import type { RecordChange, RecordEntry } from '#lib/stores/index.ts';
import { uncounted } from './accounting.ts';
import { admit, isOperatorsToken, requireWork } from './sign-up-policy.ts';
import { compareAndSet } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { isOwnNodeId, ownNodeId } from './node-id.ts';
import { partitionOf } from './owner-partition.ts';
import { keyLookupOf } from './public-keys.ts';
import { requireFreeAtRegistry } from './registered-names.ts';
import { Registry } from './writer-registry.ts';
import { requireFree } from './sign-up.ts';
import { changedOwner, movedOwner } from './usage.ts';
import { readOwner, replace, TABLE } from './records.ts';
import type { Read } from './records.ts';
import { readChain, requireNewName } from './users.ts';

/** A chain that grows beyond this costs work like a new name (B-2 §5). */
const FREE_LINKS = 10;

export interface ChainUpdate {
  readonly name: string;
  readonly chain: CborValue;
  readonly work: ProofOfWork;
  readonly token: string;
}

type Chain = readonly UserPublicKeyLink[];

export async function updateChain(deps: LocalNodeDeps, update: ChainUpdate): Promise<void> {
  const { name, chain, work } = update;
  const links = parseRequest('The claim chain', () => claimChainFromCbor(chain));
  await registerBefore(deps, update, links);
  await compareAndSet(deps.records, async () => {
    const existing = await readChain(deps, name);
    if (existing.value === undefined) {
      return { change: await registration(deps, update, existing, links), result: undefined };
    }
    if (existing.value.length > FREE_LINKS) await requireWork(deps, chain, work);
    const merged = await mergeClaimChains(
      existing.value,
      links,
      name,
      lookupFor(deps, existing.value),
    );
    return { change: await continuation(deps, name, existing, merged), result: undefined };
  });
}

/**
 * The registry is the first to know, and has the last word. A new name is registered there once all
 * else was looked at here.
 */
async function registerBefore(
  deps: LocalNodeDeps,
  update: ChainUpdate,
  links: Chain,
): Promise<void> {
  const { registry } = deps;
  if (registry === undefined) return;
  const { name, chain, work, token } = update;
  const existing = await readChain(deps, name);
  if (existing.value === undefined) {
    await requireFreeAtRegistry(deps, name, chain);
    await registration(deps, update, existing, links);
  }
  await registry.register(name, chain, work, token);
}

/**
 * Takes over what the registry has for a name of this node: claims are renewed, and accounts moved,
 * at other nodes too. A name that has no account here is passed over. Throws {@link BadClaimChain}.
 */
export async function adoptChain(
  deps: LocalNodeDeps,
  name: string,
  registered: Uint8Array,
): Promise<void> {
  const links = claimChainFromCbor(decodeBlock(registered));
  await compareAndSet(deps.records, async () => {
    const existing = await readChain(deps, name);
    if (existing.value === undefined) return { result: undefined };
    if (equalBytes(chainToBytes(existing.value), registered)) return { result: undefined };
    const lookup = lookupFor(deps, existing.value);
    const merged = await mergeClaimChains(existing.value, links, name, lookup);
    return { change: await continuation(deps, name, existing, merged), result: undefined };
  });
}

/** What a name's first chain makes of the records: an account without data, which may follow. */
async function registration(
  deps: LocalNodeDeps,
  { name, chain, work, token }: ChainUpdate,
  existing: Read<Chain>,
  links: Chain,
): Promise<RecordChange> {
  requireNewName(deps, name, await isOperatorsToken(deps, token));
  await verifyClaimChain(links, name);
  const last = lastOf(links);
  await requireHere(deps, last);
  for (const { owner } of links) await requireFree(deps, name, owner);
  const admission = await admit(deps, name, last.owner, token);
  await requireWork(deps, chain, work);
  const registry = new Registry(deps.records);
  if ((await registry.get(last.owner)) !== undefined) {
    throw new NameTaken('This identity is known.');
  }
  registry.set(last.owner, { owner: last.owner, parent: undefined, removedMs: undefined });
  const owner = await readOwner(deps.records, last.owner);
  const created = [
    ...identityEntries(name, links),
    ...links.slice(0, -1).map((link) => partitionEntry(link.owner, last.owner)),
  ];
  return {
    expect: [
      existing.entry,
      owner.entry,
      ...created.map((entry) => ({ ...entry, value: undefined })),
      ...registry.expectations(),
      ...(admission.expect ?? []),
    ],
    writes: [
      replace(existing.entry, chainToBytes(links)),
      ...created,
      ...registry.writes(),
      changedOwner(owner),
      ...admission.writes,
    ],
  };
}

/** What a merged chain makes of the records: perhaps a new identity, perhaps a new home. */
async function continuation(
  deps: LocalNodeDeps,
  name: string,
  existing: Read<Chain>,
  merged: Chain,
): Promise<RecordChange> {
  const before = lastOf(existing.value ?? []);
  const last = lastOf(merged);
  const [home] = last.claim.storageProviders;
  if (home === undefined) throw new BadClaimChain('A claim names no home.');
  const partition = await partitionOf(deps, before.owner);
  const owner = await readOwner(deps.records, partition);
  const movedTo = (await isOwnNodeId(deps, home)) ? undefined : home;
  const isNewIdentity = !last.owner.equals(before.owner);
  if (isNewIdentity) await requireFreeIdentity(deps, last.owner);
  const created = isNewIdentity
    ? [...identityEntries(name, [last]), partitionEntry(last.owner, partition)]
    : [];
  const registry = new Registry(deps.records);
  if (isNewIdentity) await enthrone(registry, partition, last.owner);
  return {
    expect: [
      existing.entry,
      owner.entry,
      ...created.map((entry) => ({ ...entry, value: undefined })),
      ...registry.expectations(),
    ],
    writes: [
      replace(existing.entry, chainToBytes(merged)),
      ...created,
      ...registry.writes(),
      ...(isNewIdentity ? [uncounted(deps, partition)] : []),
      movedOwner(owner, movedTo),
    ],
  };
}

/** The new identity owns itself from now on; before, the old one owned it (B-2 §11). */
async function enthrone(registry: Registry, partition: KeyHash, identity: KeyHash): Promise<void> {
  const record = await registry.get(identity);
  if (record !== undefined && !record.owner.equals(partition)) {
    throw new NameTaken('This identity belongs to another account.');
  }
  registry.set(identity, { owner: partition, parent: undefined, removedMs: undefined });
}

/** Keys of old identities lie among the account's blocks. */
function lookupFor(deps: LocalNodeDeps, chain: Chain): KeyLookup {
  return keyLookupOf(deps, lastOf(chain).owner);
}

async function requireHere(deps: LocalNodeDeps, { claim }: UserPublicKeyLink): Promise<void> {
  if (claim.storageProviders[0]?.equals(await ownNodeId(deps)) === true) return;
  throw new WrongHost('The claim is meant for another server.');
}

async function requireFreeIdentity(deps: LocalNodeDeps, identity: KeyHash): Promise<void> {
  if ((await deps.records.get(TABLE.identities, identity.toString())) === undefined) return;
  throw new NameTaken('This identity has a name already.');
}

function identityEntries(name: string, links: Chain): RecordEntry[] {
  const owners = new Set(links.map(({ owner }) => owner.toString()));
  return [...owners].map((key) => ({ table: TABLE.identities, key, value: utf8(name) }));
}

function partitionEntry(identity: KeyHash, partition: KeyHash): RecordEntry {
  return { table: TABLE.partitions, key: identity.toString(), value: encodeCbor(partition) };
}

function chainToBytes(chain: Chain): Uint8Array {
  return encodeCbor(claimChainToCbor(chain));
}

function lastOf(chain: Chain): UserPublicKeyLink {
  const last = chain.at(-1);
  if (last === undefined) throw new BadClaimChain('There is no claim to this name.');
  return last;
}
