/** The writes of a sign-up (B-2 §6.1): what a commit would do, as a list for one request. */
import { cborMap } from '#lib/codec/index.ts';
import type { CborMap } from '#lib/codec/index.ts';
import { sign } from '#lib/crypto/index.ts';
import { signPointer } from '#lib/pointers/index.ts';
import type { BlockBuffer } from './block-buffer.ts';
import type { Move } from './move.ts';

/** Per writer, in order: each block its state leads to, once, and then its pointer. */
export async function opLogOf(moves: readonly Move[], buffer: BlockBuffer): Promise<CborMap[]> {
  const writes: CborMap[] = [];
  const written = new Set<string>();
  for (const { space, update } of moves) {
    const { signer } = space;
    const needed = update.updated === undefined ? [] : buffer.reachableFrom([update.updated]);
    const unwritten = [...needed].filter((key) => !written.has(key));
    for (const { cid, bytes } of buffer.among(unwritten)) {
      written.add(cid.toString());
      writes.push(
        cborMap([
          ['w', signer.hash],
          ['s', await sign(signer, cid.digest)],
          ['b', bytes],
          ['r', cid.isRaw],
        ]),
      );
    }
    writes.push(
      cborMap([
        ['w', signer.hash],
        ['s', await signPointer(signer, update)],
      ]),
    );
  }
  return writes;
}
