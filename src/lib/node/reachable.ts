/**
 * Everything that blocks lead to, block by block: what an account consists of, given the targets of
 * its pointers (B-6 §4). Links end in raw blocks and in CIDs that are their own content.
 */
import { CODEC, decodeBlock, linksOf } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';

/** Blocks asked for before the first of them is handed out. */
const AHEAD = 8;

/** A verified block, or undefined for one to be passed over: nothing below it is reached then. */
export type LoadReached = (cid: Cid, signal?: AbortSignal) => Promise<Uint8Array | undefined>;

export interface ReachedBlock {
  readonly cid: Cid;
  readonly bytes: Uint8Array;
}

/** Each block once, those closest to the roots first among their kin; `ahead` are loaded at once. */
export async function* reachableBlocks(
  roots: readonly Cid[],
  load: LoadReached,
  signal?: AbortSignal,
  ahead = AHEAD,
): AsyncGenerator<ReachedBlock, void, void> {
  const seen = new Set<string>();
  const open = [...roots].reverse();
  const loading: { readonly cid: Cid; readonly bytes: Promise<Uint8Array | undefined> }[] = [];
  const loadMore = (): void => {
    while (loading.length < ahead && open.length > 0) {
      const cid = open.pop()!;
      if (cid.isIdentity || seen.has(cid.toString())) continue;
      seen.add(cid.toString());
      const bytes = load(cid, signal);
      bytes.catch(() => undefined); // seen when its turn comes
      loading.push({ cid, bytes });
    }
  };
  for (loadMore(); loading.length > 0; loadMore()) {
    signal?.throwIfAborted();
    const { cid, bytes: pending } = loading.shift()!;
    const bytes = await pending;
    if (bytes === undefined) continue;
    if (cid.codec === CODEC.dagCbor) open.push(...linksOf(decodeBlock(bytes)).reverse());
    yield { cid, bytes };
  }
}
