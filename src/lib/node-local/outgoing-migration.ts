/**
 * Moving an account to another node (B-2 §12). The new claim, signed by the identity, is the
 * authorisation; for the old home it has to name another one than is registered, which nobody but
 * the user and his new home can show.
 */
import { encodeCbor } from '#lib/codec/index.ts';
import type { MigrationRequest } from '#lib/node/index.ts';
import {
  BadClaimChain,
  claimChainFromCbor,
  mergeClaimChains,
  parseRequest,
  UnknownUser,
  WrongHost,
} from '#lib/protocol/index.ts';
import { acceptMigration } from './incoming-migration.ts';
import type { LocalNodeDeps } from './context.ts';
import { isOwnNodeId } from './node-id.ts';
import { keyLookupOf } from './public-keys.ts';
import { updateChain } from './update-chain.ts';
import { userSnapshot } from './user-snapshot.ts';
import { readChain, requireIdentity } from './users.ts';

export async function migrate(deps: LocalNodeDeps, request: MigrationRequest): Promise<Uint8Array> {
  if (await isOwnNodeId(deps, request.currentNode)) return leave(deps, request);
  return acceptMigration(deps, request);
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
  const existing = (await readChain(deps, username)).value;
  if (existing === undefined) throw new UnknownUser('There is no such user here.');
  const links = parseRequest('The claim chain', () => claimChainFromCbor(chain));
  const merged = await mergeClaimChains(
    existing,
    links,
    username,
    keyLookupOf(deps, await requireIdentity(deps, username)),
  );
  const [from, to] = [existing, merged].map((some) => some.at(-1)?.claim.storageProviders[0]);
  if (from === undefined || !(await isOwnNodeId(deps, from))) {
    throw new WrongHost('This account has its home on another server.');
  }
  if (to === undefined || (await isOwnNodeId(deps, to))) {
    throw new BadClaimChain('The new claim does not name another home.');
  }
}
