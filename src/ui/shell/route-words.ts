/** What a place is called in the title of the tab. */
import type { Route } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';
import { shownName } from '../text/shown-name.ts';

export function routeWords({ app, path, args }: Route, username: string): string {
  if (app === 'settings') return m.settings_title();
  if (app === 'apps') return m.apps_title();
  if (app === 'run') {
    return m.app_running({ title: shownName(args?.['name'] ?? path.at(-1) ?? '') });
  }
  if (app === 'friends') return m.people_title();
  if (app === 'person') return shownName(args?.['name'] ?? '');
  if (app === 'profile') return m.profile_title();
  if (app === 'shared') return m.shared_title();
  if (app === 'trash') return m.trash_title();
  const name = path.at(-1) ?? username;
  return path.length < 2 && name === username ? m.drive_title() : shownName(name);
}
