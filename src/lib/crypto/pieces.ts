/** Byte strings in several pieces, so that bulk data need not be put together first. */

/** A byte string in one piece, or in several that are meant one after the other. */
export type Pieces = Uint8Array | readonly Uint8Array[];

/** The pieces of a byte string, in order. */
export function piecesOf(bytes: Pieces): readonly Uint8Array[] {
  return bytes instanceof Uint8Array ? [bytes] : bytes;
}

/** Length of the whole. */
export function lengthOf(bytes: Pieces): number {
  return piecesOf(bytes).reduce((sum, piece) => sum + piece.length, 0);
}
