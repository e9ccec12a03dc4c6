/** A look at something in the trash: the viewer, which then leads back there. */
import type { Route, TrashedEntry } from '#lib/client/index.ts';

const FROM_TRASH = 'trash';

export function routeInTrash(entry: TrashedEntry): Route {
  return { app: 'view', path: entry.path, args: { from: FROM_TRASH } };
}

export function isFromTrash({ app, args }: Route): boolean {
  return app === 'view' && args?.['from'] === FROM_TRASH;
}
