/** Blocks for readers: from the store, else from where the shell says (see {@link FetchBlock}). */
import type { Cid } from '#lib/codec/index.ts';
import { verifyBlock, type BatWithId, type KeyHash } from '#lib/crypto/index.ts';
import type { LocalNodeDeps } from './context.ts';
import { blockKey } from './records.ts';

/** The block as it is stored here, or as it came from elsewhere and has the right hash. */
export async function storedOrFetched(
  { blocks, fetchBlock }: LocalNodeDeps,
  owner: KeyHash,
  cid: Cid,
  bat: BatWithId | undefined,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const stored = await blocks.get(blockKey(owner, cid), signal);
  if (stored !== undefined || fetchBlock === undefined) return stored;
  try {
    const fetched = await fetchBlock(owner, cid, bat, signal);
    if (fetched !== undefined) await verifyBlock(cid, fetched);
    return fetched;
  } catch {
    signal?.throwIfAborted();
    return undefined;
  }
}
