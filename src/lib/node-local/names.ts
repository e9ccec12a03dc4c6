/** The name registry of the local node: only names registered here are known (B-2 §1). */
import { encodeCbor } from '#lib/codec/index.ts';
import type { NodeNames } from '#lib/node/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { mirror } from './mirror-request.ts';
import { migrateInSteps } from './migration-steps.ts';
import { migrate } from './outgoing-migration.ts';
import { listRecords, TABLE } from './records.ts';
import { updateChain } from './update-chain.ts';
import { identityOf, nameOf } from './users.ts';

export function createLocalNames(deps: LocalNodeDeps): NodeNames {
  return {
    publicKey: (name) => identityOf(deps, name),
    nameOf: (identity) => nameOf(deps, identity),
    chain: async (name) => (await deps.records.get(TABLE.names, name)) ?? encodeCbor([]),
    usernames: async () => (await listRecords(deps.records, TABLE.names)).map(({ key }) => key),
    updateChain: (name, chain, work, token) => updateChain(deps, { name, chain, work, token }),
    migrate: (request) => migrate(deps, request),
    mirror: (request) => mirror(deps, request),
    migrateInSteps: (request, extras) => migrateInSteps(deps, request, extras),
  };
}
