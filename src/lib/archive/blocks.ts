/** Reading any block of an account without knowing what it belongs to. */
import type { PyrgosError } from '#lib/bytes/index.ts';
import type { Cid } from '#lib/codec/index.ts';
import { DamagedBlock, type BatWithId } from '#lib/crypto/index.ts';
import { Unauthorised } from '#lib/protocol/index.ts';
import { BlockMissing, type Snapshot } from '#lib/writers/index.ts';

/**
 * A verified block. Every block lists a mirror BAT of its owner (A-4 §2); old ones may list an older
 * one, so all are tried, the newest first. Throws `BlockMissing`, `DamagedBlock`, `Unauthorised`.
 */
export async function readBlock(
  snapshot: Snapshot,
  cid: Cid,
  bats: readonly BatWithId[],
  signal?: AbortSignal,
): Promise<Uint8Array> {
  let refusal: PyrgosError | undefined;
  for (const bat of bats.length === 0 ? [undefined] : [...bats].reverse()) {
    try {
      return await snapshot.block(cid, bat, signal);
    } catch (error) {
      if (!(error instanceof Unauthorised)) throw error;
      refusal = error;
    }
  }
  throw refusal ?? new RangeError('no attempt was made');
}

/**
 * The same, for a walk that is to see all there is: what is missing or damaged is passed over, and
 * added to `lost`.
 */
export async function readBlockUnlessLost(
  lost: Cid[],
  ...[snapshot, cid, bats, signal]: Parameters<typeof readBlock>
): Promise<Uint8Array | undefined> {
  try {
    return await readBlock(snapshot, cid, bats, signal);
  } catch (error) {
    if (!(error instanceof BlockMissing) && !(error instanceof DamagedBlock)) throw error;
    lost.push(cid);
    return undefined;
  }
}

/** The bytes of a file a person chose, in pieces: for browsers that cannot iterate a stream. */
export async function* blobPieces(blob: Blob): AsyncGenerator<Uint8Array, void, void> {
  for (let at = 0; at < blob.size; at += BLOB_PIECE_BYTES) {
    yield new Uint8Array(await blob.slice(at, at + BLOB_PIECE_BYTES).arrayBuffer());
  }
}

const BLOB_PIECE_BYTES = 4 * 1024 * 1024;
