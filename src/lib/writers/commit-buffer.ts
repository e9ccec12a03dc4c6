/**
 * The blocks of one commit before anyone else can see them: structured ones buffered until the
 * commit knows which of them it needs, raw ones already on their way to the node where it would
 * take them.
 */
import { CODEC, decodeBlock, encodeCbor, linksOf } from '#lib/codec/index.ts';
import type { CborValue, Cid } from '#lib/codec/index.ts';
import { hashBlockNow } from '#lib/crypto/index.ts';
import type { KeyHash, Signer } from '#lib/crypto/index.ts';
import type { StorageNode } from '#lib/node/index.ts';
import type { BlockCache } from './block-cache.ts';
import { BlockBuffer } from './block-buffer.ts';
import { Uploads } from './uploads.ts';

export class Outbox {
  readonly buffer = new BlockBuffer();
  readonly uploads: Uploads;
  /** Writers the node does not know yet: it would refuse their blocks. */
  readonly newWriters = new Set<string>();
  /** Values that were replaced in a data map: to be linked again they have to be put again. */
  readonly #superseded = new Set<string>();

  constructor(node: StorageNode, owner: KeyHash) {
    this.uploads = new Uploads(node, owner);
  }

  putCbor(writer: Signer, value: CborValue): Cid {
    const bytes = encodeCbor(value);
    const cid = hashBlockNow(bytes, CODEC.dagCbor);
    this.buffer.put(writer, cid, bytes, linksOf(value));
    this.#superseded.delete(cid.toString());
    return cid;
  }

  putRaw(writer: Signer, bytes: Uint8Array, cid: Cid): void {
    if (this.newWriters.has(writer.hash.toString())) this.buffer.put(writer, cid, bytes, []);
    else this.uploads.sendEarly({ cid, bytes, signer: writer });
  }

  /** Buffers the block of a tree or a state, which does not count as something that was put. */
  readonly save = (signer: Signer, block: Uint8Array): Cid => {
    const cid = hashBlockNow(block, CODEC.dagCbor);
    this.buffer.put(signer, cid, block, linksOf(decodeBlock(block)));
    return cid;
  };

  /** Says that nothing will link this block any more. */
  supersede(cid: Cid): void {
    this.#superseded.add(cid.toString());
  }

  /** A block that is still here. */
  get(cid: Cid): Uint8Array | undefined {
    return this.buffer.get(cid) ?? this.uploads.waiting(cid);
  }

  /** Lets go of what was committed and of what never will be; the rest may still be linked. */
  settle(committed: ReadonlySet<string>, cache: BlockCache | undefined): void {
    for (const { cid, bytes } of this.buffer.among(committed)) cache?.put(cid, bytes);
    this.buffer.drop(committed);
    this.buffer.drop(this.#superseded);
    this.#superseded.clear();
  }

  /** Forgets everything and closes the transactions. Never fails. */
  async close(reason: unknown): Promise<void> {
    this.buffer.clear();
    await this.uploads.close(reason);
  }
}
