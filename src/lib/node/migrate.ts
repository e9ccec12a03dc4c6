/**
 * Moving an account to another node (B-2 §12), the old home's side: the new claim, signed by the
 * identity, is the authorisation; it has to name another home than the registered one does, which
 * nobody but the user and his new home can show.
 */
import { cborMap, decodeCbor, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { asKeyHash } from '#lib/crypto/index.ts';
import { Cid } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { claimChainFromCbor, mergeClaimChains } from './claims.ts';
import type { LocalNodeDeps } from './context.ts';
import { BadClaimChain, NotOffered, parseRequest, WrongHost } from './errors.ts';
import { batsFromBytes } from './local-bats.ts';
import { waitingFor } from './local-inbox.ts';
import { linkCounts } from './local-links.ts';
import { loginRecordFromBytes } from './login-record.ts';
import { isOwnNodeId } from './node-id.ts';
import { partitionOf } from './partitions.ts';
import { listRecords, TABLE } from './tables.ts';
import type { MigrationRequest } from './types.ts';
import { updateChain } from './update-chain.ts';
import { readChain, requireIdentity } from './users.ts';

export async function migrate(deps: LocalNodeDeps, request: MigrationRequest): Promise<Uint8Array> {
  if (await isOwnNodeId(deps, request.currentNode)) return leave(deps, request);
  throw new NotOffered('Accounts cannot move to this server.');
}

/** The old home: everything that is not in blocks, and on commit the switch. */
async function leave(deps: LocalNodeDeps, request: MigrationRequest): Promise<Uint8Array> {
  const { username, chain, isCommit } = request;
  await requireDeparture(deps, request);
  const snapshot = await userSnapshot(deps, username, request.linkCountsAfterSeconds);
  if (!isCommit) return encodeCbor(snapshot);
  await updateChain(deps, { name: username, chain, work: { prefix: new Uint8Array() }, token: '' });
  return encodeCbor(await userSnapshot(deps, username, request.linkCountsAfterSeconds));
}

/** The account is at home here, and the new chain leads it elsewhere. */
async function requireDeparture(
  deps: LocalNodeDeps,
  { username, chain }: MigrationRequest,
): Promise<void> {
  const existing = (await readChain(deps, username)).value ?? [];
  await requireIdentity(deps, username);
  const links = parseRequest('The claim chain', () => claimChainFromCbor(chain));
  const merged = await mergeClaimChains(existing, links, username);
  const [from, to] = [existing, merged].map((some) => some.at(-1)?.claim.storageProviders[0]);
  if (from === undefined || !(await isOwnNodeId(deps, from))) {
    throw new WrongHost('This account has its home on another server.');
  }
  if (to === undefined || (await isOwnNodeId(deps, to))) {
    throw new BadClaimChain('The new claim does not name another home.');
  }
}

/** UserSnapshot. */
async function userSnapshot(
  deps: LocalNodeDeps,
  username: string,
  afterSeconds: number,
): Promise<CborValue> {
  const identity = await requireIdentity(deps, username);
  const partition = await partitionOf(deps, identity);
  const login = await deps.records.get(TABLE.logins, username);
  const bats = await deps.records.get(TABLE.bats, partition.toString());
  const requests = (await waitingFor(deps, partition)).value;
  return cborMap([
    ['n', username],
    ['o', identity],
    ['p', await pointersOf(deps, partition)],
    ['f', requests.map((request) => decodeCbor(request))],
    ['b', bats === undefined ? [] : batsFromBytes(bats).map((bat) => bat.toCbor())],
    ['l', login && loginToCbor(username, login)],
    ['lc', cborMap([['d', await linkCounts(deps, partition, afterSeconds)]])],
  ]);
}

/** Writers and their signed pointers in turn. */
async function pointersOf(deps: LocalNodeDeps, partition: KeyHash): Promise<CborValue[]> {
  const prefix = `${partition.toString()}/`;
  const flat: CborValue[] = [];
  for (const { key } of await listRecords(deps.records, TABLE.writersOf, prefix)) {
    const writer = asKeyHash(Cid.parse(key.slice(prefix.length)), 'A writer');
    const signed = await deps.records.get(TABLE.pointers, writer.toString());
    if (signed !== undefined) flat.push(writer, signed);
  }
  return flat;
}

function loginToCbor(username: string, bytes: Uint8Array): CborValue {
  const { entryPoints, loginKey } = loginRecordFromBytes(bytes);
  return cborMap([
    ['u', username],
    ['e', entryPoints],
    ['r', loginKey.toCbor()],
  ]);
}
