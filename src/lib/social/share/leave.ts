/** Leaving what others shared with us (C-2 §2.4). */
import type { Handle, ListedEntry } from '#lib/drive/index.ts';
import { ShareRefused } from '../errors.ts';
import type { SocialDeps } from '../person.ts';
import { mirrorAgain, type Given } from './mirror.ts';
import { MirroredFolder } from './mirrored-folder.ts';

/**
 * Takes entries of a folder in somebody else's tree off what we see of it, with all below them. The
 * owner hears nothing of it, and can share them again: then they are back. Answers what left, for
 * {@link comeBack}. @throws ShareRefused where an entry was not shared by itself
 */
export async function leave(
  folder: Handle,
  rows: readonly ListedEntry[],
  signal?: AbortSignal,
): Promise<readonly Given[]> {
  if (!(folder.partial instanceof MirroredFolder)) {
    throw new ShareRefused('Only what was shared with you by itself can be left.');
  }
  return folder.partial.leave(folder, rows, signal);
}

/** Undoes {@link leave}. */
export function comeBack({ drive }: SocialDeps, given: readonly Given[]): Promise<void> {
  return drive.change((change, home) => mirrorAgain(change, home, given));
}
