/** Apps that are installed in `/me/.apps/` (C-9 §9.3), and taking them away again. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { PathNotFound, type Drive, type Handle, type ListedEntry } from '#lib/drive/index.ts';
import { bodyOf, wholeBody } from './answers.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { BadManifest, NoSuchApp } from './errors.ts';
import { KEPT_NAMES } from './manifest-rules.ts';
import { MANIFEST_FILE, MANIFEST_MAX_BYTES, parseManifest } from './manifest.ts';
import type { Manifest } from './manifest-type.ts';
import { APPS_FOLDER } from './open-app.ts';
import { openPath, walk } from './paths.ts';
import { parseRecord, RECORD_FILE, RECORD_MAX_BYTES, type AppRecord } from './record.ts';
import { compareVersions, parseVersion } from './version.ts';
import { readManifest } from './open-app.ts';
import type { DrivePath } from './types.ts';

export interface InstalledApp {
  /** The name of its folder. */
  readonly name: string;
  readonly folder: DrivePath;
  readonly manifest: Manifest;
  /** Absent if another client installed it. */
  readonly record: AppRecord | undefined;
  /** Tells this state of the manifest from every other one. */
  readonly manifestVersion: string;
}

export interface InstalledApps {
  /** In the alphabetical order of their titles. */
  readonly apps: readonly InstalledApp[];
  /** Folders whose manifest breaks a rule; they can be removed. */
  readonly damaged: readonly { readonly name: string; readonly error: PyrgosError }[];
  /** Names of removed apps whose data were kept. */
  readonly keptData: readonly string[];
}

/** All installed apps. */
export async function listInstalled(
  drive: Drive,
  username: string,
  signal?: AbortSignal,
): Promise<InstalledApps> {
  const apps: InstalledApp[] = [];
  const damaged: { name: string; error: PyrgosError }[] = [];
  const keptData: string[] = [];
  for (const found of await foldersOf(drive, username, signal)) {
    try {
      apps.push(await readInstalled(drive, username, found, signal));
    } catch (error) {
      if (error instanceof PathNotFound) keptData.push(found.name);
      else if (error instanceof BadManifest) damaged.push({ name: found.name, error });
      else throw error;
    }
  }
  return { apps: apps.sort(byTitle), damaged, keptData };
}

/** One installed app; undefined if there is none of this name. @throws BadManifest */
export async function findInstalled(
  drive: Drive,
  username: string,
  name: string,
  signal?: AbortSignal,
): Promise<InstalledApp | undefined> {
  try {
    const path = [username, APPS_FOLDER, name];
    const folder = await openPath(drive, path, path.length, signal);
    return await readInstalled(drive, username, folder, signal);
  } catch (error) {
    if (error instanceof PathNotFound) return undefined;
    throw error;
  }
}

/** Removes an app, with its data unless they are to be kept; one commit. @throws NoSuchApp */
export async function removeApp(
  drive: Drive,
  username: string,
  name: string,
  { keepData = false, signal }: { readonly keepData?: boolean; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const apps = await openPath(drive, [username, APPS_FOLDER], 2, signal).catch(absent);
  const row = apps && (await drive.find(apps, name, signal));
  if (apps === undefined || row === undefined || KEPT_NAMES.has(name)) throw new NoSuchApp(name);
  const options = signal ? { signal } : {};
  if (!keepData) return drive.remove(apps, [row], options);
  const folder = await drive.open(apps, row, signal);
  const rows: ListedEntry[] = [];
  for await (const batch of drive.list(folder, options)) rows.push(...batch);
  const gone = rows.filter((each) => each.name !== DATA_FOLDER);
  await drive.remove(folder, gone, options);
}

export interface AppUpdate {
  readonly version: string;
  /** Where it can be read from. */
  readonly path: DrivePath;
}

/** A newer version where an app was installed from; undefined if there is none to be seen. */
export async function findUpdate(
  drive: Drive,
  { manifest, record }: InstalledApp,
  signal?: AbortSignal,
): Promise<AppUpdate | undefined> {
  const source = record?.origin?.path ?? manifest.source;
  const path = source.split('/').filter((name) => name !== '');
  if (path.length < 2 || !drive.roots.has(path[0]!)) return undefined;
  try {
    const { name, version } = await readManifest(drive, path, signal);
    const [there, here] = [parseVersion(version), parseVersion(manifest.version)];
    const isNewer = there !== undefined && here !== undefined && compareVersions(there, here) > 0;
    return isNewer && name === manifest.name ? { version, path } : undefined;
  } catch (error) {
    if (error instanceof PyrgosError && error.kind !== 'offline') return undefined;
    throw error;
  }
}

async function foldersOf(drive: Drive, username: string, signal?: AbortSignal): Promise<Handle[]> {
  const folder = await openPath(drive, [username, APPS_FOLDER], 2, signal).catch(absent);
  if (folder === undefined) return [];
  const found: Handle[] = [];
  for await (const rows of drive.list(folder, signal ? { signal } : {})) {
    const wanted = rows.filter(({ name, isDirectory }) => isDirectory && !KEPT_NAMES.has(name));
    for (const handle of await drive.openMany(folder, wanted, signal)) {
      if (!(handle instanceof PyrgosError)) found.push(handle);
    }
  }
  return found;
}

async function readInstalled(
  drive: Drive,
  username: string,
  folder: Handle,
  signal?: AbortSignal,
): Promise<InstalledApp> {
  const file = await walk(drive, folder, [MANIFEST_FILE], Infinity, signal);
  const bytes = await smallFile(drive, file, MANIFEST_MAX_BYTES, signal);
  if (bytes === undefined) throw new BadManifest('the file is too large');
  const { name } = folder;
  return {
    name,
    folder: [username, APPS_FOLDER, name],
    manifest: { ...parseManifest(bytes), name },
    record: await recordOf(drive, folder, signal),
    manifestVersion: file.node.cid.toString(),
  };
}

async function recordOf(
  drive: Drive,
  folder: Handle,
  signal?: AbortSignal,
): Promise<AppRecord | undefined> {
  const file = await walk(drive, folder, [RECORD_FILE], Infinity, signal).catch(absent);
  const bytes = file && (await smallFile(drive, file, RECORD_MAX_BYTES, signal));
  return bytes && parseRecord(bytes);
}

async function smallFile(drive: Drive, file: Handle, maxBytes: number, signal?: AbortSignal) {
  const { sizeBytes } = file.properties;
  if (file.isDirectory || sizeBytes > maxBytes) return undefined;
  return wholeBody(bodyOf(drive, file, 0, sizeBytes), signal);
}

function byTitle(a: InstalledApp, b: InstalledApp): number {
  const [x, y] = [a, b].map(({ manifest }) => manifest.displayName.toLowerCase()) as [
    string,
    string,
  ];
  if (x !== y) return x < y ? -1 : 1;
  return a.name < b.name ? -1 : 1;
}

function absent(error: unknown): undefined {
  if (error instanceof PathNotFound) return undefined;
  throw error;
}
