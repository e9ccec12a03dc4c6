/** Leaving what others shared with us (C-2 §2.4). */
import type { Handle, ListedEntry } from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import { MirroredFolder } from './mirrored-folder.ts';

/**
 * Takes entries of a folder in somebody else's tree off what we see of it, with all below them. The
 * owner hears nothing of it, and can share them again: only then are they back.
 * @throws ShareRefused where an entry was not shared by itself
 */
export async function leave(
  folder: Handle,
  rows: readonly ListedEntry[],
  signal?: AbortSignal,
): Promise<void> {
  if (!(folder.partial instanceof MirroredFolder)) {
    throw new ShareRefused('Only what was shared with you by itself can be left.');
  }
  await folder.partial.leave(folder, rows, signal);
}
