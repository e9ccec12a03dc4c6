/**
 * States that came with their pointers (`pointer-block` of {@link ../offers.ts}), until they are
 * asked for. Each is filed under the hash it has here, so it can only be taken for what it is.
 */
import { CODEC } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import { hashBlock } from '#lib/crypto/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { UnverifiedBlock } from '#lib/node/index.ts';

const MAX_BLOCKS = 32;

export class Prefetched {
  readonly #blocks = new LruMap<string, Uint8Array>(MAX_BLOCKS);

  async put(owner: KeyHash, block: Uint8Array): Promise<void> {
    const cid = await hashBlock(block, CODEC.dagCbor);
    this.#blocks.set(placeOf(owner, cid), block);
  }

  /** The block, which is then no longer held. */
  take(owner: KeyHash, cid: Cid): UnverifiedBlock | undefined {
    const place = placeOf(owner, cid);
    const block = this.#blocks.get(place);
    this.#blocks.delete(place);
    return block as UnverifiedBlock | undefined;
  }
}

function placeOf(owner: KeyHash, cid: Cid): string {
  return `${owner.toString()}/${cid.toString()}`;
}
