/** Apps ready to run: read from where they lie, with the permissions of the manifest found there. */
import type { Drive, Handle } from '#lib/drive/index.ts';
import { PathNotFound } from '#lib/drive/index.ts';
import { bodyOf, wholeBody } from './answers.ts';
import { BadAppPackage, BadManifest, NoSuchApp } from './errors.ts';
import { MANIFEST_FILE, MANIFEST_MAX_BYTES, newManifest, parseManifest } from './manifest.ts';
import type { Manifest } from './manifest-type.ts';
import { openPath } from './paths.ts';
import type { Permission } from './permissions.ts';
import type { DrivePath, RunnableApp } from './types.ts';

export const APPS_FOLDER = '.apps';

/** Runs only where it is installed: its data belong to one place (C-9 §9.3). */
const INSTALLED_ONLY: readonly Permission[] = ['EXCHANGE_MESSAGES_WITH_FRIENDS', 'USE_MAILBOX'];

/** An installed app. @throws NoSuchApp, BadManifest */
export async function openInstalled(
  drive: Drive,
  username: string,
  name: string,
  signal?: AbortSignal,
): Promise<RunnableApp> {
  const folder = [username, APPS_FOLDER, name];
  try {
    const manifest = await readManifest(drive, folder, signal);
    return { mode: 'installed', manifest: { ...manifest, name }, folder };
  } catch (error) {
    if (error instanceof PathNotFound) throw new NoSuchApp(name);
    throw error;
  }
}

/** An app in its own folder, not installed. @throws BadManifest, BadAppPackage, PathNotFound */
export async function openInPlace(
  drive: Drive,
  folder: DrivePath,
  signal?: AbortSignal,
): Promise<RunnableApp> {
  const manifest = await readManifest(drive, folder, signal);
  if (!canRunInPlace(manifest)) {
    throw new BadAppPackage('This app runs only after it was installed.');
  }
  return { mode: 'in-place', manifest, folder };
}

/** Whether an app may run from its folder (C-9 §9.3). */
export function canRunInPlace({ launchable, permissions, template }: Manifest): boolean {
  return (
    launchable && template === '' && !permissions.some((each) => INSTALLED_ONLY.includes(each))
  );
}

/** Pages of a folder: read only, without API. */
export function openPages(folder: DrivePath): RunnableApp {
  const manifest = newManifest({ displayName: 'Pages', description: 'Pages of a folder' });
  return { mode: 'browsing', manifest, folder };
}

/** The manifest in a folder of the drive. @throws BadManifest, PathNotFound */
export async function readManifest(
  drive: Drive,
  folder: DrivePath,
  signal?: AbortSignal,
): Promise<Manifest> {
  const path = [...folder, MANIFEST_FILE];
  return manifestOf(drive, await openPath(drive, path, path.length, signal), signal);
}

async function manifestOf(drive: Drive, file: Handle, signal?: AbortSignal): Promise<Manifest> {
  const { sizeBytes } = file.properties;
  if (file.isDirectory) throw new BadManifest('it is a folder');
  if (sizeBytes > MANIFEST_MAX_BYTES) throw new BadManifest('the file is too large');
  return parseManifest(await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal));
}
