/** What an identity's own state says to everybody: its links and what it published (A-6 §2). */
import type { ReadLimits } from '#lib/champ/index.ts';
import { asMap, decodeCbor } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { pointerStateOf } from '#lib/protocol/index.ts';
import { loadVerified } from './context.ts';
import type { LocalNodeDeps } from './context.ts';
import { partitionOf } from './owner-partition.ts';
import { TABLE } from './records.ts';

/** What an identity's public state leads strangers to: links, and published files (A-6 §8). */
export const PUBLIC_READS: ReadLimits = { blocks: 1024, bytes: 4 * 1024 * 1024 };

/** The public state of an identity; empty when it has none. */
export async function readState(deps: LocalNodeDeps, identity: KeyHash): Promise<CborMap> {
  const stored = await deps.records.get(TABLE.pointers, identity.toString());
  const { target } = pointerStateOf(stored);
  const owner = await partitionOf(deps, identity);
  const block = target === undefined ? undefined : await loadVerified(deps, owner, target);
  return block === undefined ? new Map() : asMap(decodeCbor(block), 'The writer data');
}
