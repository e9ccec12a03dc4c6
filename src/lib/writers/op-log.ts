/** The writes of a sign-up (B-2 §6.1): what a commit would do, as a list for one request. */
import type { CborMap } from '#lib/codec/index.ts';
import {
  blockWriteToCbor,
  pointerWriteToCbor,
  signBlockWrite,
  signPointerWrite,
} from '#lib/protocol/index.ts';
import type { BlockBuffer } from './block-buffer.ts';
import type { PointerMove } from './set-pointers.ts';

/** Per writer, in order: each block its state leads to, once, and then its pointer. */
export async function opLogOf(
  moves: readonly PointerMove[],
  buffer: BlockBuffer,
): Promise<CborMap[]> {
  const writes: CborMap[] = [];
  const written = new Set<string>();
  for (const { space, update } of moves) {
    const { signer } = space;
    const needed = update.updated === undefined ? [] : buffer.reachableFrom([update.updated]);
    const unwritten = [...needed].filter((key) => !written.has(key));
    for (const { cid, bytes } of buffer.among(unwritten)) {
      written.add(cid.toString());
      writes.push(blockWriteToCbor(await signBlockWrite(signer, cid, bytes)));
    }
    writes.push(pointerWriteToCbor(await signPointerWrite(signer, update)));
  }
  return writes;
}
