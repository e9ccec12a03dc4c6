/** What stands where a file is to be replaced (A-9 §2). */
import { writable, type Change, type WritableHandle } from './change.ts';
import { DanglingEntry, NameExists } from './errors.ts';
import type { FolderEdit } from './folder-edit.ts';

/**
 * The file whose content is to be replaced; undefined when its entry led nowhere and was taken out.
 * @throws NameExists for a folder: only files are replaced
 */
export async function replaceable(
  change: Change,
  edit: FolderEdit,
  name: string,
): Promise<WritableHandle | undefined> {
  const capability = edit.childCapability(name);
  try {
    if (!capability) return undefined;
    const existing = await change.openChild(edit.folder, name, capability);
    if (existing.isDirectory) throw new NameExists(name);
    return writable(existing);
  } catch (error) {
    if (!(error instanceof DanglingEntry)) throw error;
    const entry = edit.entry(name);
    if (entry) edit.remove([entry]);
    return undefined;
  }
}
