/**
 * Publishing an app from its folder: it is signed by the folder's writer, and the version is noted in
 * `pyrgos-app-versions.json` beside the manifest: a JSON list of `{"version", "digest", "time"}`,
 * the newest last, times in ISO 8601. Other clients ignore both files. Who may read the folder is
 * decided elsewhere.
 */
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import {
  bytesSource,
  childIn,
  PathNotFound,
  readSmall,
  writeFilesIn,
  type Change,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { bodyOf, wholeBody } from './answers.ts';
import { digestOf } from './digest.ts';
import { AppVersionTaken } from './errors.ts';
import { isJsonObject, parseJson } from './json.ts';
import { readFolderPackage } from './package.ts';
import { openPath, walk } from './paths.ts';
import { SIGNATURE_FILE, signApp } from './signature.ts';
import type { DrivePath } from './types.ts';

export const VERSIONS_FILE = 'pyrgos-app-versions.json';
const VERSIONS_MAX_BYTES = 256 * 1024;
const VERSIONS_MAX = 500;

export interface PublishedVersion {
  readonly version: string;
  /** 64 hex digits. */
  readonly digest: string;
  /** When it was published first, ISO 8601. */
  readonly time: string;
}

/** What is about to be published, and what was. */
export interface AppToPublish {
  readonly title: string;
  readonly version: string;
  readonly digest: string;
  /** Newest last. */
  readonly published: readonly PublishedVersion[];
}

/** @throws BadManifest, BadAppPackage, PathNotFound */
export async function readAppToPublish(
  drive: Drive,
  path: DrivePath,
  signal?: AbortSignal,
): Promise<AppToPublish> {
  const appPackage = await readFolderPackage({ drive, path }, signal);
  const { manifest } = appPackage;
  const { digest } = await digestOf(appPackage, signal);
  const folder = await openPath(drive, path, path.length, signal);
  const published = await readVersions(drive, folder, signal);
  return { title: manifest.displayName, version: manifest.version, digest, published };
}

/**
 * Signs an app of the own home and notes its version, in one commit. An app with other files than
 * those published as this version is refused: nobody raises a version but its author.
 * @throws AppVersionTaken, BadManifest, BadAppPackage, PathNotFound, NotWritable
 */
export async function signPublishedApp(
  drive: Drive,
  path: DrivePath,
  nowMs: number,
  signal?: AbortSignal,
): Promise<PublishedVersion> {
  const appPackage = await readFolderPackage({ drive, path }, signal);
  const { manifest } = appPackage;
  const { digest } = await digestOf(appPackage, signal);
  const { name, version } = manifest;
  const time = new Date(nowMs).toISOString();
  return drive.change(async (change, home) => {
    const folder = await folderIn(change, home, path.slice(1));
    const known = await versionsIn(change, folder);
    const same = known.findLast((one) => one.version === version);
    if (same !== undefined && same.digest !== digest) throw new AppVersionTaken(version);
    const made = same ?? { version, digest, time };
    const versions = same === undefined ? [...known, made].slice(-VERSIONS_MAX) : known;
    const signature = await signApp(folder, path[0] ?? '', { name, version, digest });
    await writeFilesIn(change, folder, [
      { name: SIGNATURE_FILE, source: bytesSource(signature) },
      { name: VERSIONS_FILE, source: bytesSource(utf8(`${JSON.stringify(versions, null, 2)}\n`)) },
    ]);
    return made;
  }, signal);
}

async function folderIn(change: Change, home: Handle, names: DrivePath): Promise<Handle> {
  let at = home;
  for (const [i, name] of names.entries()) {
    const child = at.isDirectory ? await childIn(change, at, name) : undefined;
    if (child === undefined) throw new PathNotFound(names.slice(0, i + 1));
    at = child;
  }
  return at;
}

async function versionsIn(change: Change, folder: Handle): Promise<readonly PublishedVersion[]> {
  const file = await childIn(change, folder, VERSIONS_FILE);
  if (file === undefined || file.isDirectory) return [];
  if (file.properties.sizeBytes > VERSIONS_MAX_BYTES) return [];
  return parseVersions(await readSmall(change, file, VERSIONS_MAX_BYTES));
}

async function readVersions(
  drive: Drive,
  folder: Handle,
  signal?: AbortSignal,
): Promise<readonly PublishedVersion[]> {
  const row = await drive.find(folder, VERSIONS_FILE, signal);
  const file = row && (await walk(drive, folder, [VERSIONS_FILE], Infinity, signal));
  const { sizeBytes } = file?.properties ?? { sizeBytes: 0 };
  if (file === undefined || file.isDirectory || sizeBytes > VERSIONS_MAX_BYTES) return [];
  return parseVersions(await wholeBody(bodyOf(drive, file, 0, sizeBytes), signal));
}

/** Entries that break the form are left out, as is a file that is none. */
function parseVersions(bytes: Uint8Array): readonly PublishedVersion[] {
  try {
    const json = parseJson(fromUtf8(bytes));
    if (!Array.isArray(json)) return [];
    return json.flatMap((one) => {
      if (!isJsonObject(one)) return [];
      const [version, digest, time] = ['version', 'digest', 'time'].map((key) => one.get(key));
      if (typeof version !== 'string' || typeof digest !== 'string') return [];
      return typeof time === 'string' ? [{ version, digest, time }] : [];
    });
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    return [];
  }
}
