/**
 * Keys behind key hashes. Today's names contain their key; those of old accounts are the hash of a
 * block that holds it, in the partition of the owner that uses the key (A-1 §7, B-6 §2).
 */
import type { LoadStored } from '#lib/champ/index.ts';
import { decodeCbor } from '#lib/codec/index.ts';
import { PublicSigningKey } from '#lib/crypto/index.ts';
import type { KeyHash, KeyLookup } from '#lib/crypto/index.ts';
import { parseRequest, UnknownWriter } from '#lib/protocol/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';

/** Finds keys among blocks, for names that do not contain theirs. */
export function keyLookup(load: LoadStored): KeyLookup {
  return async (hash) => {
    const block = await load(hash);
    if (block === undefined) return undefined;
    return parseRequest('A key', () => PublicSigningKey.fromCbor(decodeCbor(block)));
  };
}

/** {@link keyLookup} among the blocks that the node keeps for an owner. */
export function keyLookupOf(deps: LocalNodeDeps, owner: KeyHash): KeyLookup {
  return keyLookup(async (cid) => loadVerified(deps, await partitionOf(deps, owner), cid));
}

/** The key of an owner, or of one of his writers. Throws {@link UnknownWriter}. */
export async function publicKeyOf(
  deps: LocalNodeDeps,
  owner: KeyHash,
  hash = owner,
): Promise<PublicSigningKey> {
  const inlined = parseRequest('A key', () => PublicSigningKey.fromHash(hash));
  const key = inlined ?? (await keyLookupOf(deps, owner)(hash));
  if (key !== undefined) return key;
  throw new UnknownWriter('The key of this name is not stored here.');
}
