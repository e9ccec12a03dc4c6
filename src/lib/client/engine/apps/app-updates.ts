/**
 * Newer versions of installed apps, where they were installed from: in the own drive, in that of
 * somebody who is followed, or in a folder that its owner made public. Of a public folder a version is
 * offered only if the same owner's keys lead to it and one of them signed it. What is offered is
 * reviewed like any package before it is installed, and new permissions are shown then.
 */
import {
  compareVersions,
  digestOf,
  findInstalled,
  findUpdate,
  listInstalled,
  parseVersion,
  verifyAppSignature,
  writerKeys,
  type AppPackage,
  type InstalledApp,
} from '#lib/apps/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { AppUpdateFacts } from '../../app-types.ts';
import { readPublicPackage } from './foreign-package.ts';
import type { AppPackagesDeps } from './packages.ts';

const DAY_MS = 86_400_000;
/** To see a signature all of a package is read, unasked: not more than this. */
const UNASKED_MAX_BYTES = 64 * 1024 * 1024;
const SEEN_KEPT = 100;

export interface AppUpdatesDeps extends AppPackagesDeps {
  readonly clock: () => number;
}

export class AppUpdates {
  readonly #deps: AppUpdatesDeps;
  /** When an app was asked about at its start, by name. */
  readonly #askedMs = new Map<string, number>();
  /** Whether a package was signed by its owner, by place, version and signature. */
  readonly #signed = new LruMap<string, boolean>(SEEN_KEPT);

  constructor(deps: AppUpdatesDeps) {
    this.#deps = deps;
  }

  /** Of all installed apps. */
  async all(signal?: AbortSignal): Promise<readonly AppUpdateFacts[]> {
    const { drive, username } = this.#deps;
    const { apps } = await listInstalled(drive, username, signal);
    const found: AppUpdateFacts[] = [];
    for (const app of apps) {
      const update = await this.#of(app, signal);
      if (update !== undefined) found.push(update);
    }
    return found;
  }

  /** Of an app that starts; it is asked for once a day at most. */
  async atStart(name: string, signal?: AbortSignal): Promise<AppUpdateFacts | undefined> {
    const { drive, username, clock } = this.#deps;
    const nowMs = clock();
    const askedMs = this.#askedMs.get(name);
    if (askedMs !== undefined && nowMs - askedMs < DAY_MS) return undefined;
    this.#askedMs.set(name, nowMs);
    const app = await findInstalled(drive, username, name, signal);
    return app && this.#of(app, signal);
  }

  async #of(app: InstalledApp, signal?: AbortSignal): Promise<AppUpdateFacts | undefined> {
    const { drive, mount } = this.#deps;
    const [owner] = (app.record?.origin?.path ?? app.manifest.source).split('/').filter(Boolean);
    if (owner !== undefined) await mount(owner).catch(() => undefined);
    const near = await findUpdate(drive, app, signal);
    if (near !== undefined) return { name: app.name, ...near, isPublic: false };
    try {
      return await this.#inPublic(app, signal);
    } catch (error) {
      // Public no longer, or no app; or the node is away, and it is asked another time.
      if (error instanceof PyrgosError) return undefined;
      throw error;
    }
  }

  async #inPublic(app: InstalledApp, signal?: AbortSignal): Promise<AppUpdateFacts | undefined> {
    const { driveDeps, identityOf, username } = this.#deps;
    const known = app.record?.origin;
    if (known?.isVerified !== true || known.owner === username) return undefined;
    const path = known.path.split('/').filter(Boolean);
    const found = await readPublicPackage({ driveDeps, identityOf }, path, signal);
    const { manifest, origin } = found;
    const [there, here] = [manifest.version, app.manifest.version].map(parseVersion);
    const isNewer = there && here && compareVersions(there, here) > 0;
    if (!isNewer || manifest.name !== app.name) return undefined;
    if (origin?.isVerified !== true || origin.identity !== known.identity) return undefined;
    if (!(await this.#isSigned(found, known.owner, signal))) return undefined;
    return { name: app.name, version: manifest.version, path, isPublic: true };
  }

  async #isSigned(found: AppPackage, owner: string, signal?: AbortSignal): Promise<boolean> {
    const { signatureBytes, manifest, assets } = found;
    const sizeBytes = assets.reduce((sum, file) => sum + file.sizeBytes, 0);
    if (signatureBytes === undefined || sizeBytes > UNASKED_MAX_BYTES) return false;
    const { name, version } = manifest;
    const key = [found.origin?.path, version, new TextDecoder().decode(signatureBytes)].join('\0');
    const seen = this.#signed.get(key);
    if (seen !== undefined) return seen;
    const isSigned = await this.#isSignedNow(found, { owner, name, version }, signal);
    this.#signed.set(key, isSigned);
    return isSigned;
  }

  async #isSignedNow(
    found: AppPackage,
    { owner, name, version }: { owner: string; name: string; version: string },
    signal?: AbortSignal,
  ): Promise<boolean> {
    const { driveDeps, identityOf } = this.#deps;
    const { digest } = await digestOf(found, signal);
    const keys = writerKeys(driveDeps, identityOf);
    const signed = { name, version, digest };
    try {
      const bytes = found.signatureBytes ?? new Uint8Array();
      return (await verifyAppSignature(bytes, signed, keys, signal)).owner === owner;
    } catch (error) {
      if (error instanceof PyrgosError && error.kind !== 'offline') return false;
      throw error;
    }
  }
}
