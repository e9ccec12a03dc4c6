/**
 * Files that a document names by relative paths: its pictures, sounds and films. The path is input
 * of the author of the document: it stays inside the tree that the person sees, leads through
 * nothing hidden, and only media are handed out.
 */
import { decideViewer, pathBeside, START_BYTES } from '#lib/content/index.ts';
import { createFileReader, isSystemName, PathNotFound } from '#lib/drive/index.ts';
import type { Handle, ReaderDeps } from '#lib/drive/index.ts';

/** The most bytes of one file. */
const FILE_LIMIT_BYTES = 64 * 1024 * 1024;

export interface Medium {
  readonly bytes: Uint8Array;
  readonly mimeType: string;
}

/** The names from the root down; undefined for what is hidden, the system's own folders too. */
export function mediumPath(
  folder: readonly string[],
  relative: string,
): readonly string[] | undefined {
  const path = pathBeside(folder, relative);
  return path === undefined || isSystemName([], path[1] ?? '') ? undefined : path;
}

/** Whether an error means that there is nothing at the path. */
export function isAbsent(error: unknown): boolean {
  return error instanceof PathNotFound;
}

/** All bytes of a picture, sound or film; undefined for anything else and for what is too large. */
export async function readMedium(
  reader: ReaderDeps,
  { name, isDirectory, capability, properties }: Handle,
  signal: AbortSignal,
): Promise<Medium | undefined> {
  const { sizeBytes, mimeType: label } = properties;
  if (isDirectory || sizeBytes > FILE_LIMIT_BYTES) return undefined;
  const file = await createFileReader(reader, capability, signal);
  const start = await collect(file.read(0, Math.min(sizeBytes, START_BYTES), signal), START_BYTES);
  const { viewer, mimeType } = decideViewer({ name, label, start, sizeBytes });
  if (viewer !== 'image' && viewer !== 'audio' && viewer !== 'video') return undefined;
  if (sizeBytes <= start.length) return { bytes: start, mimeType };
  return { bytes: await collect(file.read(0, sizeBytes, signal), sizeBytes), mimeType };
}

/** At most `limit` bytes. */
async function collect(
  pieces: AsyncGenerator<Uint8Array, void, void>,
  limit: number,
): Promise<Uint8Array> {
  const bytes = new Uint8Array(limit);
  let at = 0;
  for await (const piece of pieces) {
    bytes.set(piece.subarray(0, limit - at), at);
    at += Math.min(piece.length, limit - at);
  }
  return at === limit ? bytes : bytes.slice(0, at);
}
