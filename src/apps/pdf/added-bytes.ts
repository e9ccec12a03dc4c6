/** What a save adds to the file: pdf.js writes changes after the original, which stays as it is. */
import { checksum } from './checksum.ts';
import type { ReadPiece } from './file-transport.ts';

/**
 * The bytes after the original; undefined where the result does not begin with it, byte for byte as
 * far as `pieces` cover it. To be sure of all of it, they must cover the first `sizeBytes` bytes.
 */
export function addedBytes(
  result: Uint8Array,
  sizeBytes: number,
  pieces: readonly ReadPiece[],
): Uint8Array | undefined {
  if (result.length < sizeBytes || !covers(pieces, sizeBytes)) return undefined;
  const isSame = ({ start, end, sum }: ReadPiece): boolean =>
    checksum(result.subarray(start, end)) === sum;
  return pieces.every(isSame) ? result.slice(sizeBytes) : undefined;
}

/** Whether the pieces, in any order, leave no gap. */
function covers(pieces: readonly ReadPiece[], sizeBytes: number): boolean {
  let reached = 0;
  for (const { start, end } of pieces.toSorted((a, b) => a.start - b.start)) {
    if (start > reached) return false;
    reached = Math.max(reached, end);
  }
  return reached >= sizeBytes;
}
