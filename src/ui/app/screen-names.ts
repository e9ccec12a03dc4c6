/** Names of the screens that a route can lead to; a room that brings a screen adds its name. */
const SCREENS: ReadonlySet<string> = new Set([
  'drive',
  'view',
  'apps',
  'run',
  'friends',
  'person',
  'profile',
  'shared',
  'trash',
  'settings',
]);

export function isScreen(app: string): boolean {
  return SCREENS.has(app);
}
