/**
 * An app as it is read for installing: from a folder of any drive, or from a ZIP archive. Only the
 * manifest, its signature, `assets/` and `data/` count; all else beside them is ignored.
 */
import { concat, PyrgosError } from '#lib/bytes/index.ts';
import { checkName } from '#lib/cryptree/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import type { ByteSource, Drive, Handle } from '#lib/drive/index.ts';
import { readZip, type ZipFile } from '#lib/zip/index.ts';
import { ASSETS_FOLDER } from './assets.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { BadAppPackage } from './errors.ts';
import { MANIFEST_FILE, MANIFEST_MAX_BYTES, parseManifest } from './manifest.ts';
import type { Manifest } from './manifest-type.ts';
import { openPath, pathText } from './paths.ts';
import { SIGNATURE_FILE, SIGNATURE_MAX_BYTES } from './signature.ts';
import type { DrivePath } from './types.ts';

export const PACKAGE_MAX_FILES = 5000;
export const PACKAGE_MAX_BYTES = 512 * 1024 * 1024;
const DEPTH_MAX = 32;

export interface PackageFile {
  /** `assets/index.html`, `data/…`. */
  readonly path: string;
  readonly sizeBytes: number;
  /** All bytes from the beginning. */
  content(signal?: AbortSignal): AsyncGenerator<Uint8Array, void, void>;
}

/** The place a package was read from: who it is from, as far as that can be shown. */
export interface AppOrigin {
  /** The first name of the path. */
  readonly owner: string;
  /** Hashes of keys: the identity whose space it lies in, and the writer of the folder. */
  readonly identity: string;
  readonly writer: string;
  /** `/alice/apps/todo`. */
  readonly path: string;
  /** The name of the owner stands for this identity (B-2 §10). */
  readonly isVerified: boolean;
}

export interface AppPackage {
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly signatureBytes: Uint8Array | undefined;
  /** Below `assets/`. */
  readonly assets: readonly PackageFile[];
  /** Below `data/`, for a first installation. */
  readonly data: readonly PackageFile[];
  /** Undefined for an archive. */
  readonly origin: AppOrigin | undefined;
}

export interface PackagePlace {
  /** A drive that has the folder: the own one with the trees of friends, or a guest's. */
  readonly drive: Drive;
  readonly path: DrivePath;
  /** The identity a name stands for; without it no origin is verified. */
  readonly identityOf?: (username: string, signal?: AbortSignal) => Promise<KeyHash>;
}

/** The app in a folder. @throws BadManifest, BadAppPackage, PathNotFound */
export async function readFolderPackage(
  { drive, path, identityOf }: PackagePlace,
  signal?: AbortSignal,
): Promise<AppPackage> {
  const folder = await openPath(drive, path, path.length, signal);
  const files = await filesBelow(drive, folder, signal);
  const [owner = ''] = path;
  const { capability } = folder;
  const known = await identityOf?.(owner, signal).catch(unknownName);
  return packageOf(
    files,
    {
      owner,
      identity: capability.owner.toString(),
      writer: capability.writer.toString(),
      path: pathText(path),
      isVerified: known?.equals(capability.owner) ?? false,
    },
    signal,
  );
}

/** The app in a ZIP archive, at its top or in its only folder. @throws UnreadableZip, BadAppPackage, BadManifest */
export async function readZipPackage(
  archive: ByteSource,
  signal?: AbortSignal,
): Promise<AppPackage> {
  const limits = { files: PACKAGE_MAX_FILES, bytes: PACKAGE_MAX_BYTES };
  const all = await readZip(archive, limits, signal);
  const tops = all
    .map(({ path }) => path)
    .filter(
      (path) => path === MANIFEST_FILE || path.split('/').slice(1).join('/') === MANIFEST_FILE,
    );
  const [top, ...others] = tops;
  if (top === undefined || others.length > 0) {
    throw new BadAppPackage(`The archive has to hold one app: a file “${MANIFEST_FILE}”.`);
  }
  const above = top.slice(0, -MANIFEST_FILE.length);
  const files = all
    .filter(({ path }) => path.startsWith(above))
    .map((file): ZipFile => ({ ...file, path: file.path.slice(above.length) }));
  return packageOf(files, undefined, signal);
}

async function packageOf(
  files: readonly PackageFile[],
  origin: AppOrigin | undefined,
  signal?: AbortSignal,
): Promise<AppPackage> {
  const isIn = (folder: string) => files.filter(({ path }) => path.startsWith(`${folder}/`));
  const [assets, data] = [isIn(ASSETS_FOLDER), isIn(DATA_FOLDER)];
  const counted = [...assets, ...data];
  const bytes = counted.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  if (bytes > PACKAGE_MAX_BYTES || counted.length > PACKAGE_MAX_FILES) {
    throw new BadAppPackage('The app is larger than an app may be.');
  }
  for (const { path } of counted) checkNames(path);
  const manifestBytes = await bytesAt(files, MANIFEST_FILE, MANIFEST_MAX_BYTES, signal);
  if (manifestBytes === undefined) throw new BadAppPackage(`There is no “${MANIFEST_FILE}” here.`);
  const manifest = parseManifest(manifestBytes);
  const { appIcon } = manifest;
  const needed = [...(manifest.launchable ? ['index.html'] : []), ...(appIcon ? [appIcon] : [])];
  for (const path of needed) {
    if (assets.some((file) => file.path === `${ASSETS_FOLDER}/${path}`)) continue;
    throw new BadAppPackage(`The app lacks its file “${ASSETS_FOLDER}/${path}”.`);
  }
  const signatureBytes = await bytesAt(files, SIGNATURE_FILE, SIGNATURE_MAX_BYTES, signal);
  return { manifest, manifestBytes, signatureBytes, assets, data, origin };
}

function checkNames(path: string): void {
  try {
    path.split('/').forEach(checkName);
  } catch (error) {
    if (!(error instanceof PyrgosError)) throw error;
    throw new BadAppPackage(
      `The app has a file with a name that cannot be stored. ${error.message}`,
    );
  }
}

async function bytesAt(
  files: readonly PackageFile[],
  path: string,
  maxBytes: number,
  signal?: AbortSignal,
): Promise<Uint8Array | undefined> {
  const file = files.find((each) => each.path === path);
  if (file === undefined) return undefined;
  if (file.sizeBytes > maxBytes) throw new BadAppPackage(`The file “${path}” is too large.`);
  const pieces: Uint8Array[] = [];
  for await (const piece of file.content(signal)) pieces.push(piece);
  return concat(...pieces);
}

/** Files of an app's folder. Nothing of it may be unreadable: half an app is none. */
async function filesBelow(drive: Drive, top: Handle, signal?: AbortSignal): Promise<PackageFile[]> {
  const files: PackageFile[] = [];
  const walk = async (folder: Handle, above: string, depth: number): Promise<void> => {
    if (depth > DEPTH_MAX) throw new BadAppPackage('The folders of the app are too deep.');
    for await (const rows of drive.list(folder, signal ? { signal } : {})) {
      const wanted = rows.filter(({ name }) => depth > 0 || TOP_NAMES.has(name));
      for (const found of await drive.openMany(folder, wanted, signal)) {
        if (found instanceof PyrgosError) throw found;
        const path = `${above}${found.name}`;
        if (found.isDirectory) await walk(found, `${path}/`, depth + 1);
        else files.push(storedFile(drive, found, path));
        if (files.length > PACKAGE_MAX_FILES + TOP_NAMES.size) {
          throw new BadAppPackage('The app has too many files.');
        }
      }
    }
  };
  await walk(top, '', 0);
  return files;
}

const TOP_NAMES: ReadonlySet<string> = new Set([
  MANIFEST_FILE,
  SIGNATURE_FILE,
  ASSETS_FOLDER,
  DATA_FOLDER,
]);

function storedFile(drive: Drive, file: Handle, path: string): PackageFile {
  const { sizeBytes } = file.properties;
  return { path, sizeBytes, content: (signal) => drive.read(file, 0, sizeBytes, signal) };
}

/** The first name of a path is no user's, or nobody knows whose: then it is not verified. */
function unknownName(error: unknown): undefined {
  if (!(error instanceof PyrgosError) || error.kind === 'offline') throw error;
  return undefined;
}
