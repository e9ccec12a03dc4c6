/** What stands where a file is to be replaced (A-9 §2). */
import { writable, type Change, type WritableHandle } from '../change.ts';
import { DanglingEntry, NameExists } from '../errors.ts';
import type { FolderEdit } from '../folder-edit.ts';

/**
 * The file whose content is to be replaced; undefined when its entry led nowhere and was taken out.
 * @throws NameExists for a folder: only files are replaced
 */
export async function replaceable(
  change: Change,
  edit: FolderEdit,
  name: string,
  apart?: ReadonlySet<string>,
): Promise<WritableHandle | undefined> {
  const entry = edit.entry(name, apart);
  const capability = edit.childCapability(name, apart);
  try {
    if (!entry || !capability) return undefined;
    const existing = await change.openChild(edit.folder, entry.name, capability);
    if (existing.isDirectory) throw new NameExists(name);
    return writable(existing);
  } catch (error) {
    if (!(error instanceof DanglingEntry)) throw error;
    if (entry) edit.remove([entry]);
    return undefined;
  }
}
