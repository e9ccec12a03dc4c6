/** The writes of a sign-up (B-2 §6.1): what a commit would do, as a list for one request. */
import { cborMap } from '#lib/codec/index.ts';
import type { CborMap, Cid } from '#lib/codec/index.ts';
import { sign } from '#lib/crypto/index.ts';
import type { Signer } from '#lib/crypto/index.ts';
import { signPointer } from '#lib/protocol/index.ts';
import type { PointerUpdate } from '#lib/protocol/index.ts';
import type { BlockBuffer } from './block-buffer.ts';
import type { Move } from './set-pointers.ts';

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
      writes.push(await blockWrite(signer, cid, bytes));
    }
    writes.push(await pointerWrite(signer, update));
  }
  return writes;
}

/** A block in a list of writes. */
export async function blockWrite(signer: Signer, cid: Cid, bytes: Uint8Array): Promise<CborMap> {
  return cborMap([
    ['w', signer.hash],
    ['s', await sign(signer, cid.digest)],
    ['b', bytes],
    ['r', cid.isRaw],
  ]);
}

/** A move of a pointer in a list of writes. */
export async function pointerWrite(signer: Signer, update: PointerUpdate): Promise<CborMap> {
  return cborMap([
    ['w', signer.hash],
    ['s', await signPointer(signer, update)],
  ]);
}
