/**
 * The node's own id: CIDv1 libp2p-key of an inlined Ed25519 peer key (B-1 §3.3). A node whose
 * caller gives no id makes a key at first use; the seed stays in the records, so that the same node
 * may later prove to be the one the claims name. So do the seeds of ids that it had before.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { asBytesOf, asList, decodeBlock } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { keptSecret } from './kept-secret.ts';
import { TABLE } from './records.ts';

export const SEED_BYTES = 32;
/** Keys of the table `node`. */
export const KEY = 'identity';
export const FORMER_KEYS = 'formerIdentities';

/** Seed of the Ed25519 key that the id of a node is made of, made at first use; 32 bytes, secret. */
export function nodeKeySeed(deps: Pick<LocalNodeDeps, 'records' | 'random'>): Promise<Uint8Array> {
  return keptSecret(deps, KEY, SEED_BYTES);
}

export async function ownNodeId(deps: LocalNodeDeps): Promise<Cid> {
  if (deps.nodeId !== undefined) return deps.nodeId;
  const seed = await nodeKeySeed(deps);
  return peerIdOf(SigningKeyPair.fromSeed(seed).publicKey);
}

/** Seeds of the keys that this node had before, oldest first; secret. */
export async function formerSeeds({
  records,
}: Pick<LocalNodeDeps, 'records'>): Promise<readonly Uint8Array[]> {
  const bytes = await records.get(TABLE.node, FORMER_KEYS);
  if (bytes === undefined) return [];
  const what = 'The former keys of this node';
  return asList(decodeBlock(bytes), what).map((it) => asBytesOf(it, SEED_BYTES, what));
}

/** All ids of this node, oldest first; the last is the present one. */
export async function ownNodeIds(deps: LocalNodeDeps): Promise<Cid[]> {
  const former = (await formerSeeds(deps)).map((seed) =>
    peerIdOf(SigningKeyPair.fromSeed(seed).publicKey),
  );
  return [...(deps.formerNodeIds ?? []), ...former, await ownNodeId(deps)];
}

/** Whether an id is this node's, or was: compared by bare multihash (B-1 §3.3). */
export async function isOwnNodeId(deps: LocalNodeDeps, id: Cid): Promise<boolean> {
  const own = await ownNodeIds(deps);
  return own.some(({ multihash }) => equalBytes(multihash, id.multihash));
}
