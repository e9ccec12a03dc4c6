/**
 * Apps of the account that is signed in: which there are, installing and removing them, and those
 * that run. What an app may do is decided here, by the manifest as it is installed.
 */
import {
  appsForItem,
  createBroker,
  findInstalled,
  findUpdate,
  inspect,
  install,
  listInstalled,
  newFileContent,
  newFileEntries,
  NoSuchApp,
  openInPlace,
  openInstalled,
  openPages,
  readFolderPackage,
  readZipPackage,
  removeApp,
  verifyAppSignature,
  writerKeys,
  type AppPackage,
  type Inspection,
  type OpenedItem,
  type RunnableApp,
} from '#lib/apps/index.ts';
import { concat, PyrgosError, type Random } from '#lib/bytes/index.ts';
import { LruMap } from '#lib/collections/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import {
  blobSource,
  bytesSource,
  PathNotFound,
  type ByteSource,
  type Drive,
  type DriveDeps,
  type Handle,
} from '#lib/drive/index.ts';
import { ticketId } from '#lib/tickets/index.ts';
import type {
  AppAnswer,
  AppEvent,
  AppOffer,
  AppPackageSource,
  AppReview,
  AppsReport,
  AppToRun,
  AppUpdateFacts,
} from '../../app-types.ts';
import type { Events, TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';
import { readLinkedPackage, readPublicPackage } from './foreign-package.ts';
import { AppPublishing } from './publishing.ts';
import type { Publications } from '../people/publications.ts';
import { appHost, AppQuestions } from './app-questions.ts';
import { installedFacts, reviewOf } from './app-facts.ts';
import { starterFiles } from './starter-app.ts';
import { RunningApp } from './running-app.ts';

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

export interface AppsDeps {
  readonly drive: Drive;
  readonly driveDeps: DriveDeps;
  readonly entries: Entries;
  readonly username: string;
  readonly random: Random;
  readonly clock: () => number;
  readonly events: Events;
  readonly changed: TellChange;
  /** Makes the tree of a path's first name known, if it is a friend's. */
  readonly mount: (root: string) => Promise<void>;
  readonly identityOf: (username: string, signal?: AbortSignal) => Promise<KeyHash>;
  readonly publications: () => Publications;
  readonly photoOf: (username: string, signal?: AbortSignal) => Promise<Blob | undefined>;
}

export class Apps {
  readonly #deps: AppsDeps;
  readonly #reviews = new LruMap<string, Inspection>(REVIEWS_KEPT);
  readonly #running = new Map<string, RunningApp>();
  readonly #questions: AppQuestions;
  readonly publishing: AppPublishing;

  constructor(deps: AppsDeps) {
    this.#deps = deps;
    this.publishing = new AppPublishing(deps);
    this.#questions = new AppQuestions(deps.random);
  }

  async report(signal?: AbortSignal): Promise<AppsReport> {
    const { apps, damaged, keptData } = await this.#installed(signal);
    const kinds = newFileEntries(apps);
    return {
      apps: apps.map((app) =>
        installedFacts(
          app,
          kinds
            .filter((kind) => kind.app === app)
            .map(({ extension, label }) => ({ extension, label })),
        ),
      ),
      damaged: damaged.map(({ name, error }) => ({ name, reason: error.message })),
      keptData,
    };
  }

  /** The picture of an app, as a file of the app: hostile, to be shown as a picture and in no other way. */
  async icon(name: string, signal?: AbortSignal): Promise<Blob | undefined> {
    const { drive, username } = this.#deps;
    const app = await findInstalled(drive, username, name, signal);
    const icon = app?.manifest.appIcon ?? '';
    const type = ICON_TYPES.get(icon.slice(icon.lastIndexOf('.') + 1).toLowerCase());
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

  async offers(id: string, signal?: AbortSignal): Promise<readonly AppOffer[]> {
    const { entries } = this.#deps;
    const { name, kind, mimeType, hidden } = entries.describe(entries.item(id));
    const { apps } = await this.#installed(signal);
    const facts = { name, mimeType, isDirectory: kind === 'folder', isHidden: hidden };
    return appsForItem(apps, facts).map(({ app, action }) => ({
      name: app.name,
      title: app.manifest.displayName,
      action,
    }));
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

  async remove(name: string, keepData: boolean): Promise<void> {
    const { drive, username, changed } = this.#deps;
    await removeApp(drive, username, name, { keepData });
    changed([username, '.apps'], 'removed', [name]);
  }

  async updates(signal?: AbortSignal): Promise<readonly AppUpdateFacts[]> {
    const { drive, mount } = this.#deps;
    const { apps } = await this.#installed(signal);
    const found: AppUpdateFacts[] = [];
    for (const app of apps) {
      const [owner] = (app.record?.origin?.path ?? app.manifest.source).split('/').filter(Boolean);
      if (owner !== undefined) await mount(owner).catch(() => undefined);
      const update = await findUpdate(drive, app, signal);
      if (update !== undefined) found.push({ name: app.name, ...update });
    }
    return found;
  }

  /** A small app that works, in a new folder. */
  async create(folderId: string, title: string, signal?: AbortSignal): Promise<readonly string[]> {
    const { drive, entries, changed } = this.#deps;
    const item = entries.item(folderId);
    const folder = await entries.open(item, signal);
    const { name, files } = starterFiles(title);
    const items = files.map(({ path, bytes }) => ({
      path: [name, ...path],
      source: bytesSource(bytes),
    }));
    await drive.makeDirectory(folder, name);
    await drive.upload(folder, items, { onConflict: 'skip' });
    changed(entries.path(item), 'added', [name]);
    return [...entries.path(item), name];
  }

  /** A new file as an app begins it; gives its name. */
  async createFile(
    app: string,
    extension: string,
    folderId: string,
    name: string,
  ): Promise<string> {
    const { drive, entries, username, changed } = this.#deps;
    const found = await findInstalled(drive, username, app);
    if (found === undefined) throw new NoSuchApp(app);
    const bytes = await newFileContent(drive, { app: found, extension, label: '' });
    const item = entries.item(folderId);
    const folder = await entries.open(item);
    await drive.upload(folder, [{ path: [name], source: bytesSource(bytes) }]);
    changed(entries.path(item), 'added', [name]);
    return name;
  }

  /** Runs an app until the signal ends it. */
  async run(
    what: AppToRun,
    openedId: string | undefined,
    runId: string,
    tell: (event: AppEvent) => void,
    signal: AbortSignal,
  ): Promise<void> {
    const { drive, username, clock, random, events, changed, photoOf } = this.#deps;
    const { app, page } = await this.#runnable(what, signal);
    const opened = openedId === undefined ? undefined : this.#openedItem(openedId);
    const host = appHost(this.#questions, tell, signal, (path, names) =>
      changed(path, 'unknown', names),
    );
    const broker = createBroker({
      drive,
      app,
      opened,
      username,
      host,
      clock,
      random,
      photoOf: async (name, stop) => {
        const photo = await photoOf(name, stop);
        return photo && { mimeType: photo.type, bytes: new Uint8Array(await photo.arrayBuffer()) };
      },
    });
    const running = new RunningApp(broker, app.manifest.permissions.includes('STORE_APP_DATA'));
    this.#running.set(runId, running);
    const stop = events.listen((event) => {
      if (event.kind !== 'folder-changed') return;
      const paths = changedFiles(app, event.path, event.names);
      if (paths === undefined) return;
      broker.refresh();
      tell({ kind: 'changed', paths });
    });
    try {
      tell({
        kind: 'started',
        title: app.mode === 'browsing' ? (page ?? '') : app.manifest.displayName,
        query: await broker.startQuery('', signal),
        path: page ?? 'index.html',
        allowsEval: app.manifest.permissions.includes('CSP_UNSAFE_EVAL'),
      });
      await ended(signal);
    } finally {
      stop();
      running.close();
      this.#running.delete(runId);
    }
  }

  /** The frame of a running app, by the page's id of the run. */
  connect(runId: string, port: MessagePort): void {
    const running = this.#running.get(runId);
    if (running === undefined) port.close();
    else running.connect(port);
  }

  /** What the `localStorage` of a running app holds; undefined where it may not store data. */
  async storage(runId: string, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    const running = this.#running.get(runId);
    if (running?.mayStore !== true) return undefined;
    return (await running.broker.readStorage(signal)) ?? new Uint8Array();
  }

  answer(id: string, answer: AppAnswer): void {
    this.#questions.answer(id, answer);
  }

  close(): void {
    for (const running of this.#running.values()) running.close();
  }

  #installed(signal?: AbortSignal) {
    const { drive, username } = this.#deps;
    return listInstalled(drive, username, signal);
  }

  async #runnable(
    what: AppToRun,
    signal: AbortSignal,
  ): Promise<{ readonly app: RunnableApp; readonly page?: string }> {
    const { drive, username, mount } = this.#deps;
    if (what.kind === 'installed') {
      return { app: await openInstalled(drive, username, what.name, signal) };
    }
    await mount(what.path[0] ?? '');
    if (what.kind === 'in-place') return { app: await openInPlace(drive, what.path, signal) };
    const page = what.path.at(-1);
    return { app: openPages(what.path.slice(0, -1)), ...(page === undefined ? {} : { page }) };
  }

  #openedItem(id: string): OpenedItem {
    const { entries } = this.#deps;
    const item = entries.item(id);
    return { path: entries.path(item), isFolder: entries.describe(item).kind === 'folder' };
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

/**
 * Which files that make up an app a change in a folder is about; undefined: none. What the app itself
 * stores lies in its folder, too, and is no change of the app.
 */
function changedFiles(
  { folder, mode }: RunnableApp,
  path: readonly string[],
  names: readonly string[],
): string[] | undefined {
  if (!folder.every((name, at) => path[at] === name)) return undefined;
  const inside = path.slice(folder.length);
  const paths = names.length > 0 ? names.map((name) => [...inside, name]) : [inside];
  const own = paths.filter(([top]) => mode === 'browsing' || top === undefined || top === 'assets');
  return own.length > 0 ? own.map((one) => one.join('/')) : undefined;
}

function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve());
  });
}
