/**
 * Where the bytes of an upload come from. A source is read in pieces, maybe twice (a resumed
 * upload hashes what is already stored), and must say so when it is no longer what it was.
 */
import { SourceChanged } from './errors.ts';
import type { ByteSource } from './types.ts';

/** The part of Blob and File that is needed; both exist in pages, workers and Node. */
interface BlobLike {
  readonly size: number;
  readonly lastModified?: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** A Blob or a File. A browser refuses to read a File that changed on disk since it was chosen. */
export function blobSource(blob: BlobLike): ByteSource {
  return {
    sizeBytes: blob.size,
    ...(blob.lastModified === undefined ? {} : { modifiedMs: blob.lastModified }),
    async read(start, end, signal) {
      signal?.throwIfAborted();
      try {
        return new Uint8Array(await blob.slice(start, end).arrayBuffer());
      } catch (cause) {
        throw new SourceChanged({ cause });
      }
    },
  };
}

/** Bytes that are in memory already. */
export function bytesSource(bytes: Uint8Array, modifiedMs?: number): ByteSource {
  return {
    sizeBytes: bytes.length,
    ...(modifiedMs === undefined ? {} : { modifiedMs }),
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

/**
 * Bytes [start, end) of `source`.
 * @throws SourceChanged when it gives fewer or more, which a file does that was cut meanwhile
 */
export async function readExactly(
  source: ByteSource,
  start: number,
  end: number,
  signal?: AbortSignal,
): Promise<Uint8Array> {
  signal?.throwIfAborted();
  const bytes = await source.read(start, end, signal);
  if (bytes.length !== end - start) throw new SourceChanged();
  return bytes;
}
