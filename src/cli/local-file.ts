/**
 * A file of this disk as what an upload reads from: opened for each piece, so that a folder of many
 * holds none open, and read into memory of its own, which the piece's reader may give away. What is
 * no longer the file that was looked at is not read on.
 */
import type { BigIntStats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { SourceChanged } from '#lib/drive/index.ts';
import type { ByteSource } from '#lib/drive/index.ts';
import { fromDiskTime } from './file-times.ts';

/** Bytes where the name of a file is no text. */
export type LocalPlace = string | Buffer;

/** The file at `place`, which looked like `before`. */
export function localFile(place: LocalPlace, before: BigIntStats): ByteSource {
  return {
    sizeBytes: Number(before.size),
    modified: fromDiskTime(before),
    async read(start, end, signal) {
      signal?.throwIfAborted();
      try {
        return await readPiece(place, before, start, end);
      } catch (cause) {
        signal?.throwIfAborted();
        const message = `${place.toString()} changed while it was being stored. Put it again.`;
        throw new SourceChanged({ message, cause });
      }
    },
  };
}

async function readPiece(
  place: LocalPlace,
  before: BigIntStats,
  start: number,
  end: number,
): Promise<Uint8Array> {
  const file = await open(place, 'r');
  try {
    // Not from Node's pool, and not filled with zeros first: every byte is read or this fails.
    const { buffer } = Buffer.allocUnsafeSlow(end - start);
    const bytes = new Uint8Array(buffer);
    await fill(file, bytes, start);
    const now = await file.stat({ bigint: true });
    if (!isSame(before, now)) throw new Error('The file is another one now.');
    return bytes;
  } finally {
    await file.close();
  }
}

async function fill(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await file.read(bytes, done, bytes.length - done, position + done);
    if (bytesRead === 0) throw new Error('The file ends early.');
    done += bytesRead;
  }
}

function isSame(before: BigIntStats, now: BigIntStats): boolean {
  return (
    before.size === now.size &&
    before.mtimeNs === now.mtimeNs &&
    before.ino === now.ino &&
    before.dev === now.dev
  );
}
