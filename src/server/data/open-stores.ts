/** Opens the stores that the settings name, and holds the data folder where they lie in it. */
import { existsSync, mkdirSync } from 'node:fs';
import { BadSetting } from '../settings/settings.ts';
import type { NodeSettings } from '../settings/settings.ts';
import { openLocalStores, openNodeStores } from './stores.ts';
import type { OpenStores } from './stores.ts';

/** For a node that serves. Throws `FolderInUse`, `BadSetting`, `StoreUnavailable`. */
export async function openStores(settings: NodeSettings): Promise<OpenStores> {
  mkdirSync(settings.dataFolder, { recursive: true, mode: 0o700 });
  return openNodeStores(settings.dataFolder);
}

/** For an operator's command, whether a node is running or not. */
export async function openBesideNode(settings: NodeSettings): Promise<OpenStores> {
  if (!existsSync(settings.dataFolder)) {
    throw new BadSetting(`There is no folder ${settings.dataFolder}.`);
  }
  return openLocalStores(settings.dataFolder);
}
