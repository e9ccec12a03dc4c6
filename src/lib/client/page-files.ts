/**
 * Files that pass through the page: saving them, and showing them where no service worker answers
 * (path gateways, some private windows). Pieces become blobs one by one, which browsers keep on
 * disk; no file is ever one buffer.
 */
import type { LeftOut, ZipEntry } from '#lib/zip/index.ts';
import type { Caller } from '#lib/rpc/index.ts';
import type { EngineProtocol } from './engine-protocol.ts';
import type { PageDownload } from './protocol/transfers.ts';

const PIECE_BYTES = 5 * 1024 * 1024;
/** A download has begun long before; the frame only has to outlive its start. */
const FRAME_LIFE_MS = 120_000;

/**
 * Types that a blob of ours may claim. A blob URL is part of our origin: opened as a page it must
 * never be anything that runs.
 */
export function harmlessType(mimeType: string): string {
  const isMedia = /^(image|video|audio)\/[\w.+-]+$/.test(mimeType);
  return isMedia && !mimeType.includes('svg') && !mimeType.includes('xml')
    ? mimeType
    : 'application/octet-stream';
}

/** Reads a file piece by piece into a blob of blobs. */
export async function assembleBlob(
  sizeBytes: number,
  mimeType: string,
  readPiece: (start: number, end: number) => Promise<Uint8Array>,
): Promise<Blob> {
  const pieces: Blob[] = [];
  for (let start = 0; start < sizeBytes; start += PIECE_BYTES) {
    const piece = await readPiece(start, Math.min(start + PIECE_BYTES, sizeBytes));
    pieces.push(new Blob([piece as Uint8Array<ArrayBuffer>]));
  }
  return new Blob(pieces, { type: harmlessType(mimeType) });
}

/** Lets the service worker's answer be saved, without leaving the page whatever it answers. */
export function saveFromUrl(url: string): void {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.src = url;
  document.body.append(frame);
  setTimeout(() => frame.remove(), FRAME_LIFE_MS);
}

/** Saves one file, or several as an archive, through the page. */
export async function saveThroughPage(
  engine: Caller<EngineProtocol>,
  ids: readonly string[],
): Promise<void> {
  const download = await engine.call('openPageDownload', [ids]);
  try {
    saveBlob(await blobOf(engine, download), download.name);
    await engine.call('closePageDownload', [download.id, undefined]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : 'Something went wrong.';
    await engine.call('closePageDownload', [download.id, reason]);
    throw error;
  }
}

async function blobOf(engine: Caller<EngineProtocol>, download: PageDownload): Promise<Blob> {
  const piecesOf = (index: number) => (start: number, end: number) =>
    engine.call('readPageDownload', [download.id, index, start, end]);
  const [first] = download.files;
  if (!download.isArchive && first !== undefined) {
    return assembleBlob(first.sizeBytes, '', piecesOf(0));
  }
  const { leftOutEntry, zipStream } = await import('#lib/zip/index.ts');
  async function* entries(): AsyncGenerator<ZipEntry> {
    const leftOut: LeftOut[] = [...download.leftOut];
    for (const [index, { path, modifiedMs, sizeBytes, isFolder }] of download.files.entries()) {
      if (isFolder) {
        yield { path, modifiedMs };
        continue;
      }
      const content = await assembleBlob(sizeBytes, '', piecesOf(index)).catch((error: unknown) => {
        if (!(error instanceof Error) || error.name !== 'FileLeftOut') throw error;
        leftOut.push({ path, reason: error.message });
      });
      if (content !== undefined) yield { path, modifiedMs, content };
    }
    if (leftOut.length > 0) yield leftOutEntry(download.listPath, leftOut, Date.now());
  }
  return new Response(zipStream(entries())).blob();
}

/** Offers a blob to be saved under a name. */
export function saveBlob(blob: Blob, name: string): void {
  const url = URL.createObjectURL(blob);
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), FRAME_LIFE_MS);
}
