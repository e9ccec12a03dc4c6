/**
 * Packages of apps: looked at, and installed once the user agreed. A package is hostile whatever it comes from.
 */
import {
  findInstalled,
  inspect,
  install,
  readFolderPackage,
  readZipPackage,
  verifyAppSignature,
  writerKeys,
  type AppPackage,
  type Inspection,
} from '#lib/apps/index.ts';
import { concat, PyrgosError, type Random } from '#lib/bytes/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  blobSource,
  PathNotFound,
  type ByteSource,
  type Drive,
  type DriveDeps,
  type Handle,
} from '#lib/drive/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type { AppPackageSource, AppReview } from '../../app-types.ts';
import type { TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';
import { readLinkedPackage, readPublicPackage } from './foreign-package.ts';
import { reviewOf } from './app-facts.ts';

/** Packages that were reviewed and may still be installed. */
const REVIEWS_KEPT = 4;
const ICON_MAX_BYTES = 1024 * 1024;
const ICON_TYPES = new Map([
  ['png', 'image/png'],
  ['svg', 'image/svg+xml'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['ico', 'image/x-icon'],
]);

/** What was reviewed is not known any more. */
export class ReviewOver extends PyrgosError {
  override readonly name = 'ReviewOver';
  override readonly kind = 'not-found';
  constructor() {
    super('This app was looked at too long ago. Please open it again.');
  }
}

export interface AppPackagesDeps {
  readonly drive: Drive;
  readonly driveDeps: DriveDeps;
  readonly entries: Entries;
  readonly username: string;
  readonly random: Random;
  readonly changed: TellChange;
  /** Makes the tree of a path's first name known, if it is a friend's. */
  readonly mount: (root: string) => Promise<void>;
  readonly identityOf: (username: string, signal?: AbortSignal) => Promise<KeyHash>;
}

export class AppPackages {
  readonly #deps: AppPackagesDeps;
  readonly #reviews = new LruMap<string, Inspection>(REVIEWS_KEPT);

  constructor(deps: AppPackagesDeps) {
    this.#deps = deps;
  }

  async review(source: AppPackageSource, signal?: AbortSignal): Promise<AppReview> {
    const { drive, username, random } = this.#deps;
    const found = await inspect(drive, username, await this.#package(source, signal), signal);
    const id = ticketId(random);
    this.#reviews.set(id, found);
    return reviewOf(id, found, await this.#signatureOf(found, signal));
  }

  async install(id: string, signal?: AbortSignal): Promise<void> {
    const found = this.#reviews.get(id);
    if (found === undefined) throw new ReviewOver();
    const { drive, username, changed } = this.#deps;
    await install(drive, found, signal);
    this.#reviews.delete(id);
    changed([username, '.apps'], 'unknown', [found.appPackage.manifest.name]);
  }

  /** The picture of an app, as a file of the app: hostile, to be shown as a picture and in no other way. */
  async icon(name: string, signal?: AbortSignal): Promise<Blob | undefined> {
    const { drive, username } = this.#deps;
    const app = await findInstalled(drive, username, name, signal);
    const icon = app?.manifest.appIcon ?? '';
    const type = iconType(icon);
    if (app === undefined || type === undefined) return undefined;
    const file = await this.#open([...app.folder, 'assets', ...icon.split('/')], signal).catch(
      (error: unknown) => {
        if (error instanceof PathNotFound) return undefined;
        throw error;
      },
    );
    if (file === undefined || file.isDirectory) return undefined;
    if (file.properties.sizeBytes > ICON_MAX_BYTES) return undefined;
    return new Blob([(await this.#bytes(file, signal)) as Uint8Array<ArrayBuffer>], { type });
  }

  /** The picture of a package that was reviewed: as hostile as that of an installed app. */
  async reviewIcon(id: string, signal?: AbortSignal): Promise<Blob | undefined> {
    const appPackage = this.#reviews.get(id)?.appPackage;
    const icon = appPackage?.manifest.appIcon ?? '';
    const type = iconType(icon);
    const file = appPackage?.assets.find(({ path }) => path === `assets/${icon}`);
    if (file === undefined || type === undefined || file.sizeBytes > ICON_MAX_BYTES) {
      return undefined;
    }
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    for await (const piece of file.content(signal)) pieces.push(new Uint8Array(piece));
    return new Blob(pieces, { type });
  }

  async #package(source: AppPackageSource, signal?: AbortSignal): Promise<AppPackage> {
    const { drive, entries, identityOf, mount } = this.#deps;
    if (source.kind === 'folder') {
      await mount(source.path[0] ?? '');
      return readFolderPackage({ drive, path: source.path, identityOf }, signal);
    }
    const visit = { driveDeps: this.#deps.driveDeps, identityOf };
    if (source.kind === 'public') return readPublicPackage(visit, source.path, signal);
    if (source.kind === 'link') return readLinkedPackage(visit, source.address, signal);
    if (source.kind === 'file') return readZipPackage(blobSource(source.file), signal);
    const file = await entries.open(entries.item(source.id), signal);
    return readZipPackage(this.#sourceOf(file), signal);
  }

  #sourceOf(file: Handle): ByteSource {
    const { drive } = this.#deps;
    return {
      sizeBytes: file.properties.sizeBytes,
      async read(start, end, signal) {
        const pieces: Uint8Array[] = [];
        for await (const piece of drive.read(file, start, end, signal)) pieces.push(piece);
        return concat(...pieces);
      },
    };
  }

  async #signatureOf(
    { appPackage, digest }: Inspection,
    signal?: AbortSignal,
  ): Promise<AppReview['signature']> {
    const { signatureBytes, manifest } = appPackage;
    if (signatureBytes === undefined) return undefined;
    const { driveDeps, identityOf } = this.#deps;
    const { name, version } = manifest;
    const signed = { name, version, digest: digest.digest };
    try {
      const keys = writerKeys(driveDeps, identityOf);
      const { owner } = await verifyAppSignature(signatureBytes, signed, keys, signal);
      return { author: owner, isGood: true };
    } catch (error) {
      if (!(error instanceof PyrgosError) || error.kind === 'offline') throw error;
      return { author: '', isGood: false };
    }
  }

  async #open(path: readonly string[], signal?: AbortSignal): Promise<Handle> {
    const [, ...below] = path;
    return this.#deps.drive.resolve(below, signal);
  }

  async #bytes(file: Handle, signal?: AbortSignal): Promise<Uint8Array> {
    return this.#sourceOf(file).read(0, file.properties.sizeBytes, signal);
  }
}

function iconType(icon: string): string | undefined {
  return ICON_TYPES.get(icon.slice(icon.lastIndexOf('.') + 1).toLowerCase());
}
