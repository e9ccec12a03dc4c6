/**
 * The node's own id: CIDv1 libp2p-key of an inlined Ed25519 peer key (B-1 §3.3). A node whose
 * caller gives no id makes a key at first use; the seed stays in the records, so that the same node
 * may later prove to be the one the claims name.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { peerIdOf, SigningKeyPair } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { keptSecret } from './kept-secret.ts';

const SEED_BYTES = 32;

/** Seed of the Ed25519 key that the id of a node is made of, made at first use; 32 bytes, secret. */
export function nodeKeySeed(deps: Pick<LocalNodeDeps, 'records' | 'random'>): Promise<Uint8Array> {
  return keptSecret(deps, 'identity', SEED_BYTES);
}

export async function ownNodeId(deps: LocalNodeDeps): Promise<Cid> {
  if (deps.nodeId !== undefined) return deps.nodeId;
  const seed = await nodeKeySeed(deps);
  return peerIdOf(SigningKeyPair.fromSeed(seed).publicKey);
}

/** Whether an id is this node's, or was: compared by bare multihash (B-1 §3.3). */
export async function isOwnNodeId(deps: LocalNodeDeps, id: Cid): Promise<boolean> {
  const own = [...(deps.formerNodeIds ?? []), await ownNodeId(deps)];
  return own.some(({ multihash }) => equalBytes(multihash, id.multihash));
}
