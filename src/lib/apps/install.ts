/**
 * Installing (C-9 §9.3): looking at a package first, then all of it in one commit. A device that dies
 * meanwhile leaves the old app or the new one, and no half of either.
 */
import { equalBytes } from '#lib/bytes/index.ts';
import { runningSha256 } from '#lib/crypto/index.ts';
import {
  bytesSource,
  childIn,
  ensureFolder,
  folderNamesIn,
  removeIn,
  writeFilesIn,
  writeSmall,
  type ByteSource,
  type Change,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { ASSETS_FOLDER } from './assets.ts';
import { DATA_FOLDER } from './data-folder.ts';
import { digestOf, type AppDigest } from './digest.ts';
import { AppChanged, BadAppPackage } from './errors.ts';
import { findInstalled, type InstalledApp } from './installed.ts';
import { composeManifest, MANIFEST_FILE, SOURCE_MAX } from './manifest.ts';
import { noticesOf, type PermissionNotice } from './notices.ts';
import { APPS_FOLDER } from './open-app.ts';
import type { AppOrigin, AppPackage, PackageFile } from './package.ts';
import { addedPermissions, type Permission } from './permissions.ts';
import { composeRecord, RECORD_FILE } from './record.ts';
import { SIGNATURE_FILE } from './signature.ts';
import { compareVersions, parseVersion } from './version.ts';

/** Folders below `.apps` that are no apps (C-9 §9.3). */
const NO_APPS: ReadonlySet<string> = new Set(['calendar', 'launcher']);
const HTML_VIEWER = 'htmlviewer';

/** What installing a package would do, for the dialog. Nothing is changed yet. */
export interface Inspection {
  readonly appPackage: AppPackage;
  readonly digest: AppDigest;
  /** Assets and data together. */
  readonly sizeBytes: number;
  readonly change:
    | 'new'
    /** From the same owner, with a greater version. */
    | 'update'
    /** From the same owner, with the same version or an earlier one. */
    | 'again'
    /** What is installed is from somebody else, or nobody knows from whom. */
    | 'other-owner';
  /** What is installed under this name. */
  readonly before: InstalledApp | undefined;
  readonly addedPermissions: readonly Permission[];
  readonly notices: readonly PermissionNotice[];
}

/** Reads a package as a whole and says what installing it would change. @throws BadManifest */
export async function inspect(
  drive: Drive,
  username: string,
  appPackage: AppPackage,
  signal?: AbortSignal,
): Promise<Inspection> {
  const { manifest, assets, data, origin } = appPackage;
  const before = await findInstalled(drive, username, manifest.name, signal);
  const files = [...assets, ...data];
  return {
    appPackage,
    digest: await digestOf(appPackage, signal),
    sizeBytes: files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    change: before === undefined ? 'new' : changeFrom(before, manifest.version, origin),
    before,
    addedPermissions: addedPermissions(before?.manifest.permissions ?? [], manifest.permissions),
    notices: noticesOf(manifest, before?.manifest),
  };
}

function changeFrom(
  { record, manifest }: InstalledApp,
  version: string,
  origin: AppOrigin | undefined,
): Inspection['change'] {
  const known = record?.origin;
  const isSame =
    known?.isVerified === true && origin?.isVerified === true && known.identity === origin.identity;
  if (!isSame) return 'other-owner';
  const [now, before] = [parseVersion(version), parseVersion(manifest.version)];
  return now && before && compareVersions(now, before) > 0 ? 'update' : 'again';
}

/**
 * Installs what was inspected, into `/me/.apps/<name>/`: assets are replaced, data that are there
 * stay. @throws AppChanged if the package or the installed app is no longer what was inspected
 */
export async function install(
  drive: Drive,
  inspection: Inspection,
  signal?: AbortSignal,
): Promise<void> {
  const { manifest } = inspection.appPackage;
  if (manifest.template === 'messaging') {
    throw new BadAppPackage('Apps that are templates of chats are not available here yet.');
  }
  await drive.change(async (change, home) => {
    const apps = await ensureFolder(change, home, APPS_FOLDER);
    await putHtmlViewer(change, apps);
    const folder = await ensureFolder(change, apps, manifest.name, { isHidden: false });
    await checkBefore(change, folder, inspection.before);
    await putApp(change, folder, inspection);
  }, signal);
}

/** In one change: what is read through the folder is the state before it. */
async function putApp(change: Change, folder: Handle, { appPackage, digest }: Inspection) {
  const { manifest, assets, data, origin, signatureBytes } = appPackage;
  await removeIn(change, folder, ASSETS_FOLDER);
  await removeIn(change, folder, SIGNATURE_FILE);
  await putTree(change, folder, ASSETS_FOLDER, assets, digest);
  const hasData = (await childIn(change, folder, DATA_FOLDER)) !== undefined;
  if (!hasData && data.length > 0) await putTree(change, folder, DATA_FOLDER, data, digest);
  const path = origin?.path ?? '';
  const source = path.length <= SOURCE_MAX ? path : '';
  const files = [
    { name: MANIFEST_FILE, source: bytesSource(composeManifest({ ...manifest, source })) },
  ];
  if (signatureBytes !== undefined) {
    files.push({ name: SIGNATURE_FILE, source: bytesSource(signatureBytes) });
  }
  await writeFilesIn(change, folder, files);
  const record = { version: manifest.version, digest: digest.digest, origin };
  await writeSmall(change, folder, RECORD_FILE, composeRecord(record));
}

/** The installed app is the one that the person was told of. */
async function checkBefore(change: Change, folder: Handle, before: InstalledApp | undefined) {
  const found = await childIn(change, folder, MANIFEST_FILE);
  if (found?.node.cid.toString() !== before?.manifestVersion) throw new AppChanged();
}

/** Files of one folder of the package, `assets/…`. */
async function putTree(
  change: Change,
  app: Handle,
  top: string,
  files: readonly PackageFile[],
  { hashes }: AppDigest,
): Promise<void> {
  const byFolder = new Map<string, PackageFile[]>([[top, []]]);
  for (const file of files) {
    const folder = file.path.slice(0, file.path.lastIndexOf('/'));
    const beside = byFolder.get(folder);
    if (beside === undefined) byFolder.set(folder, [file]);
    else beside.push(file);
  }
  for (const [path, inside] of byFolder) {
    let at = app;
    for (const name of path.split('/')) {
      at = await ensureFolder(change, at, name, { isHidden: false });
    }
    const sources = inside.map((file) => ({
      name: file.path.slice(path.length + 1),
      source: checkedSource(file, hashes.get(file.path)),
    }));
    await writeFilesIn(change, at, sources);
  }
}

/** Other clients show HTML pages with this "app"; it has no files of its own (C-9 §9.3). */
async function putHtmlViewer(change: Change, apps: Handle): Promise<void> {
  const names = await folderNamesIn(change, apps);
  if (names.some((name) => !NO_APPS.has(name))) return;
  const viewer = await ensureFolder(change, apps, HTML_VIEWER, { isHidden: false });
  await writeFilesIn(change, viewer, [
    { name: MANIFEST_FILE, source: bytesSource(new Uint8Array()) },
  ]);
}

/**
 * A file of a package for storing. It is read in order; what comes back to an earlier place begins
 * again. Bytes other than those inspected are an error at their end, before anything is committed.
 */
export function checkedSource(file: PackageFile, expected: Uint8Array | undefined): ByteSource {
  let pass = new Pass(file, expected);
  let turn: Promise<unknown> = Promise.resolve();
  return {
    sizeBytes: file.sizeBytes,
    read(start, end, signal) {
      const read = async (): Promise<Uint8Array> => {
        if (start < pass.at) {
          await pass.end();
          pass = new Pass(file, expected);
        }
        await pass.take(start - pass.at, signal);
        return pass.take(end - start, signal);
      };
      const reading = turn.then(read, read);
      turn = reading.catch(() => undefined);
      return reading;
    },
  };
}

/** One reading of a file from its beginning. */
class Pass {
  at = 0;
  readonly #file: PackageFile;
  readonly #expected: Uint8Array | undefined;
  readonly #hash = runningSha256();
  #pieces: AsyncGenerator<Uint8Array> | undefined;
  #rest: Uint8Array = new Uint8Array();

  constructor(file: PackageFile, expected: Uint8Array | undefined) {
    this.#file = file;
    this.#expected = expected;
  }

  /** The next bytes, exactly so many. @throws AppChanged */
  async take(length: number, signal?: AbortSignal): Promise<Uint8Array> {
    this.#pieces ??= this.#file.content();
    const taken = new Uint8Array(length);
    for (let filled = 0; filled < length;) {
      signal?.throwIfAborted();
      if (this.#rest.length === 0) {
        const { done, value } = await this.#pieces.next();
        if (done === true) throw new AppChanged();
        this.#rest = value;
      }
      const part = this.#rest.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    this.at += length;
    this.#hash.update(taken);
    if (length > 0 && this.at === this.#file.sizeBytes) this.#checkHash();
    return taken;
  }

  async end(): Promise<void> {
    await this.#pieces?.return(undefined);
  }

  #checkHash(): void {
    const isSame = this.#expected !== undefined && equalBytes(this.#hash.digest(), this.#expected);
    if (!isSame) throw new AppChanged();
  }
}
