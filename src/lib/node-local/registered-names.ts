/** Names of this node's accounts at the registry, where there is one beside this node (B-2 §1, §6.3). */
import { equalBytes } from '#lib/bytes/index.ts';
import { decodeBlock, encodeCbor } from '#lib/codec/index.ts';
import type { CborValue } from '#lib/codec/index.ts';
import { claimChainFromCbor, NameTaken } from '#lib/protocol/index.ts';
import type { LocalNodeDeps } from './context.ts';

/**
 * Throws {@link NameTaken} for a name that the registry has, unless with the very same chain: then an
 * earlier sign-up came as far as that, and may be finished.
 */
export async function requireFreeAtRegistry(
  { registry }: LocalNodeDeps,
  name: string,
  chain: CborValue,
): Promise<void> {
  const registered = await registry?.chain(name);
  if (registered === undefined || claimChainFromCbor(decodeBlock(registered)).length === 0) return;
  if (equalBytes(registered, encodeCbor(chain))) return;
  throw new NameTaken('This user name is taken.');
}
