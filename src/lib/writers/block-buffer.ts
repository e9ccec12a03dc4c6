/**
 * Blocks that exist only here so far, with their links, so that a commit can tell which of them its
 * final states need (A-10 §3) and leave the superseded ones behind.
 */
import type { Cid } from '#lib/codec/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import type { BlockToSend } from './upload-groups.ts';

export interface BufferedBlock extends BlockToSend {
  readonly links: readonly Cid[];
}

export class BlockBuffer {
  readonly #blocks = new Map<string, BufferedBlock>();

  put(signer: Signer, cid: Cid, bytes: Uint8Array, links: readonly Cid[]): void {
    const key = cid.toString();
    if (!cid.isIdentity && !this.#blocks.has(key)) {
      this.#blocks.set(key, { cid, bytes, signer, links });
    }
  }

  get(cid: Cid): Uint8Array | undefined {
    return this.#blocks.get(cid.toString())?.bytes;
  }

  /** Everything the targets lead to, as CID texts: buffered blocks, and links that leave the buffer. */
  reachableFrom(targets: Iterable<Cid>): Set<string> {
    const reached = new Set<string>();
    const open = [...targets];
    for (let cid = open.pop(); cid !== undefined; cid = open.pop()) {
      const key = cid.toString();
      if (reached.has(key)) continue;
      reached.add(key);
      open.push(...(this.#blocks.get(key)?.links ?? []));
    }
    return reached;
  }

  /** The buffered blocks among these. */
  among(keys: Iterable<string>): BufferedBlock[] {
    const found: BufferedBlock[] = [];
    for (const key of keys) {
      const block = this.#blocks.get(key);
      if (block !== undefined) found.push(block);
    }
    return found;
  }

  drop(keys: Iterable<string>): void {
    for (const key of keys) this.#blocks.delete(key);
  }

  clear(): void {
    this.#blocks.clear();
  }
}
