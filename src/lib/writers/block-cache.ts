/**
 * Verified small blocks kept for a while: champ nodes and cryptree nodes are read again and again.
 * Lasts as long as the object, so nothing lies around after signing out.
 */
import type { Cid } from '#lib/codec/index.ts';
import { LruMap } from '#lib/collections/index.ts';

export interface BlockCache {
  get(cid: Cid): Uint8Array | undefined;
  /** Only bytes whose hash was checked may be given. */
  put(cid: Cid, block: Uint8Array): void;
}

/** Larger blocks would push out many that are more useful. */
const ENTRY_MAX_BYTES = 64 * 1024;

/** An empty cache that holds at most `maxBytes` of blocks. */
export function createBlockCache(maxBytes: number): BlockCache {
  const blocks = new LruMap<string, Uint8Array>(maxBytes, ({ length }) => length);
  return {
    get: (cid) => blocks.get(cid.toString()),
    put(cid, block) {
      const key = cid.toString();
      if (block.length > ENTRY_MAX_BYTES || blocks.has(key)) return;
      // A view may keep a much larger buffer alive.
      blocks.set(key, block.buffer.byteLength === block.length ? block : block.slice());
    },
  };
}
