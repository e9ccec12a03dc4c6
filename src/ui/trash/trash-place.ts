/** A look at something in the trash: the viewer, which then leads back there. */
import type { Place, TrashedEntry } from '#lib/client/index.ts';

const FROM_TRASH = 'trash';

export function placeInTrash(entry: TrashedEntry): Place {
  return { app: 'view', path: entry.path, args: { from: FROM_TRASH } };
}

export function isFromTrash({ app, args }: Place): boolean {
  return app === 'view' && args?.['from'] === FROM_TRASH;
}
