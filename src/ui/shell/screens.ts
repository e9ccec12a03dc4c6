/**
 * Screens beside the drive, by the name in the route, each loaded when it is first shown. The drive
 * stands behind everything else, and behind the viewers that lie over it.
 */
import type { Component } from 'svelte';

type Screen = Component<{ username: string }>;

const SCREENS = new Map<string, () => Promise<{ default: Screen }>>([
  ['apps', () => import('../apps/Apps.svelte')],
  ['friends', () => import('../people/Friends.svelte')],
  ['person', () => import('../people/profile/Person.svelte')],
  ['profile', () => import('../people/profile/Profile.svelte')],
  ['shared', () => import('../people/Shared.svelte')],
  ['trash', () => import('../trash/Trash.svelte')],
  ['settings', () => import('../settings/Settings.svelte')],
]);

/** How to load the screen of an app; undefined where the drive is the screen. */
export function screenOf(app: string): (() => Promise<{ default: Screen }>) | undefined {
  return SCREENS.get(app);
}
