/** For tests of the workers: a sealed chunk as a storage node would answer it. */
import type { SealedChunk, UnverifiedChunk } from '#lib/cryptree/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';

export function unverifiedOf(sealed: SealedChunk): UnverifiedChunk {
  return {
    nonce: sealed.nonce,
    header: sealed.inline ?? sealed.header,
    fragments: sealed.fragments.map(({ cid, block }) => ({ cid, block: block as UnverifiedBlock })),
  };
}
