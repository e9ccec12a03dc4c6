/** The ways between the main screens, the same on the rail and on the bar of a phone. */
import HardDrive from '@lucide/svelte/icons/hard-drive';
import LayoutGrid from '@lucide/svelte/icons/layout-grid';
import Settings from '@lucide/svelte/icons/settings';
import Share from '@lucide/svelte/icons/share-2';
import Trash from '@lucide/svelte/icons/trash-2';
import Users from '@lucide/svelte/icons/users';
import type { Route } from '#lib/client/index.ts';
import { m } from '../text/messages.ts';

/** Screens that belong to another one, which is marked as the present one. */
const BELOW = new Map([
  ['view', 'drive'],
  ['person', 'friends'],
  ['run', 'apps'],
]);

/** Which of the main screens an app is, or belongs to. */
export function navAppOf(app: Route['app']): Route['app'] {
  return BELOW.get(app) ?? app;
}

export const NAV_ITEMS = [
  { app: 'drive', label: m.nav_drive, Icon: HardDrive },
  { app: 'friends', label: m.nav_friends, Icon: Users },
  { app: 'shared', label: m.nav_shared, Icon: Share },
  { app: 'apps', label: m.nav_apps, Icon: LayoutGrid },
  { app: 'trash', label: m.nav_trash, Icon: Trash },
  { app: 'settings', label: m.nav_settings, Icon: Settings },
] as const satisfies readonly { app: Route['app']; label: () => string; Icon: unknown }[];
