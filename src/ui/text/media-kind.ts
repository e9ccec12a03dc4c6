/** What an entry is, to a person: decides its icon and its word. A viewer looks at the bytes, too. */
import type { Entry } from '#lib/client/index.ts';
import { kindByHints, type FileKind } from '#lib/content/index.ts';

export type MediaKind = 'folder' | FileKind;

/** The kind of an entry, from its name and label alone. */
export function mediaKindOf(entry: Pick<Entry, 'kind' | 'name' | 'mimeType'>): MediaKind {
  return entry.kind === 'folder' ? 'folder' : kindByHints(entry.name, entry.mimeType);
}
