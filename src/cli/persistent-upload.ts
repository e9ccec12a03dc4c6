/**
 * An upload that waits for its server: when that goes away it is asked again and again, and the
 * upload goes on with what is missing. A large file goes on in its midst, by its record (A-9 §3).
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Drive, Handle, UploadItem, UploadOptions } from '#lib/drive/index.ts';
import { equalBytes } from '#lib/bytes/index.ts';
import { NodeUnreachable } from '#lib/protocol/index.ts';

export interface WaitOptions {
  /** Succeeds when the server answers. */
  readonly ask: (signal: AbortSignal) => Promise<unknown>;
  /** Called when the server stops answering, and when it answers again. */
  readonly onWaiting: (isWaiting: boolean) => void;
  readonly pauseMs?: number;
}

const PAUSE_MS = 5_000;

/** Uploads everything, however often the server is away. Only `signal` ends it early. */
export async function uploadPersistently(
  drive: Drive,
  folder: Handle,
  items: readonly UploadItem[],
  options: UploadOptions & { readonly signal: AbortSignal },
  wait: WaitOptions,
): Promise<void> {
  const stored = new Set<string>();
  const keyOf = (path: readonly string[]): string => path.join('/');
  const { signal } = options;
  for (let rest = items; ;) {
    try {
      await drive.upload(folder, rest, {
        ...options,
        onUploaded: (uploaded) => {
          for (const { path } of uploaded) stored.add(keyOf(path));
        },
      });
      return;
    } catch (error) {
      if (!(error instanceof NodeUnreachable)) throw error;
    }
    wait.onWaiting(true);
    await untilBack(wait, signal);
    wait.onWaiting(false);
    rest = rest.filter(({ path }) => !stored.has(keyOf(path)));
    // What was stored when the server went away, so that its answer was lost.
    if (options.onConflict === undefined) rest = await missing(drive, folder, rest, signal);
  }
}

async function untilBack({ ask, pauseMs = PAUSE_MS }: WaitOptions, signal: AbortSignal) {
  for (;;) {
    await pause(pauseMs, undefined, { signal });
    try {
      await ask(signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // Also a refusal is an answer.
      if (!(error instanceof NodeUnreachable)) return;
    }
  }
}

/** The items that are not stored with equal bytes; a name that is taken is a conflict later. */
async function missing(
  drive: Drive,
  folder: Handle,
  items: readonly UploadItem[],
  signal: AbortSignal,
): Promise<readonly UploadItem[]> {
  const found: UploadItem[] = [];
  for (const item of items) if (!(await isStored(drive, folder, item, signal))) found.push(item);
  return found;
}

async function isStored(
  drive: Drive,
  folder: Handle,
  { path, source }: UploadItem,
  signal: AbortSignal,
): Promise<boolean> {
  if (source === undefined) return false;
  const file = await handleAt(drive, folder, path, signal);
  if (file === undefined || file.isDirectory) return false;
  if (file.properties.sizeBytes !== source.sizeBytes) return false;
  let at = 0;
  for await (const piece of drive.read(file, 0, undefined, signal)) {
    const own = await source.read(at, at + piece.length, signal);
    if (!equalBytes(piece, own)) return false;
    at += piece.length;
  }
  return true;
}

async function handleAt(
  drive: Drive,
  folder: Handle,
  path: readonly string[],
  signal: AbortSignal,
): Promise<Handle | undefined> {
  let at = folder;
  for (const name of path) {
    const entry = at.isDirectory ? await drive.find(at, name, signal) : undefined;
    if (entry === undefined) return undefined;
    at = await drive.open(at, entry, signal);
  }
  return at;
}
