/** Rows of folders of which only some entries may be seen. */
import type { Capability, OpenNode } from '#lib/cryptree/index.ts';
import type { ListedEntry } from '#lib/drive/index.ts';

/** The row of an entry that was found by its capability, not in a folder's own list. */
export function rowOf(name: string, capability: Capability, { properties }: OpenNode): ListedEntry {
  const { isDirectory, mimeType, created } = properties;
  const { mapKey, bat, readKey, writer } = capability;
  const hints = { isDirectory, mimeType, createdSeconds: created.seconds };
  const relative = { writer, mapKey, bat, readKey, writeKeyLink: undefined };
  const child = { name, capability: relative, ...hints };
  return { name, capability, ...hints, child, isGiven: true };
}
