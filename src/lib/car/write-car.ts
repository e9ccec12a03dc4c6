/** Writing CAR files of version 1, piece by piece. The caller gives each block once, verified. */
import { concat, encodeVarint } from '#lib/bytes/index.ts';
import { cborMap, encodeCbor } from '#lib/codec/index.ts';
import type { Cid } from '#lib/codec/index.ts';

/** The beginning of a file with these roots. */
export function carHeader(roots: readonly Cid[]): Uint8Array {
  const header = encodeCbor(
    cborMap([
      ['roots', roots],
      ['version', 1],
    ]),
  );
  return concat(encodeVarint(header.length), header);
}

/** One block with its length and CID before it. */
export function carSection(cid: Cid, bytes: Uint8Array): Uint8Array {
  return concat(encodeVarint(cid.bytes.length + bytes.length), cid.bytes, bytes);
}
