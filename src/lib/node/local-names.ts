/** The name registry of the local node: only names registered here are known (B-2 §1). */
import { fromUtf8 } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { claimChainFromCbor } from './claims.ts';
import type { LocalNodeDeps } from './context.ts';
import { TABLE } from './tables.ts';
import type { NodeNames } from './types.ts';

export function createLocalNames(deps: LocalNodeDeps): NodeNames {
  return {
    publicKey: (name) => identityOf(deps, name),
    nameOf: async (identity) => {
      const name = await deps.records.get(TABLE.identities, identity.toString());
      return name === undefined ? undefined : fromUtf8(name);
    },
    chain: async (name) => (await deps.records.get(TABLE.names, name)) ?? encodeCbor([]),
  };
}

/** The current identity: the owner of the last link. */
export async function identityOf(
  deps: LocalNodeDeps,
  username: string,
): Promise<KeyHash | undefined> {
  const chain = await deps.records.get(TABLE.names, username);
  return chain === undefined ? undefined : claimChainFromCbor(decodeBlock(chain)).at(-1)?.owner;
}
