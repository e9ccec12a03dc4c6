/** What a node answers with when it is asked for blocks. */
import type { Brand } from '#lib/bytes/index.ts';
import { CODEC } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { hashBlock } from '#lib/crypto/index.ts';

/** Bytes a node answered with; the caller has yet to compare them with the CID it asked for. */
export type UnverifiedBlock = Brand<Uint8Array, 'UnverifiedBlock'>;

/**
 * A block in the answer to a champ look-up. Nothing says which block it is but its hash, which is
 * worked out when it is first asked for, and once for all who ask. Nobody changes its bytes.
 */
export class LookedUpBlock {
  readonly bytes: UnverifiedBlock;
  #cid: Promise<Cid> | undefined;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes as UnverifiedBlock;
  }

  /** What the block is, by its hash. */
  cid(): Promise<Cid> {
    return (this.#cid ??= hashBlock(this.bytes, CODEC.dagCbor));
  }
}
