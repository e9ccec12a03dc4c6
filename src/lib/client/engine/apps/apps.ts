/**
 * Apps of the account that is signed in: which there are, what they open and make, and those that run.
 * What an app may do is decided here, by the manifest as it is installed.
 */
import {
  appsForItem,
  createBroker,
  findInstalled,
  keyedSubdomain,
  listInstalled,
  newFileContent,
  newFileEntries,
  NoSuchApp,
  openInPlace,
  openInstalled,
  openPages,
  recommendedApp,
  removeApp,
  type OpenedItem,
  type RunnableApp,
} from '#lib/apps/index.ts';
import { PyrgosError, type Random } from '#lib/bytes/index.ts';
import type { KeyHash } from '#lib/crypto/index.ts';
import { bytesSource, type Drive, type DriveDeps } from '#lib/drive/index.ts';
import type { AppAnswer, AppEvent, AppOffer, AppsReport, AppToRun } from '../../app-types.ts';
import type { Events, TellChange } from '../events.ts';
import type { Entries } from '../files/entries.ts';
import { AppUpdates } from './app-updates.ts';
import { AppPackages } from './packages.ts';
import { AppPublishing } from './publishing.ts';
import type { Publications } from '../people/publications.ts';
import { appHost, AppQuestions } from './app-questions.ts';
import { installedFacts } from './app-facts.ts';
import { AppShortcuts } from './shortcuts.ts';
import { starterFiles } from './starter-app.ts';
import { RunningApp } from './running-app.ts';

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
  /** Bytes that only this account has. */
  readonly secret: () => Uint8Array;
}

export class Apps {
  readonly #deps: AppsDeps;
  readonly #running = new Map<string, RunningApp>();
  readonly #questions: AppQuestions;
  readonly publishing: AppPublishing;
  readonly packages: AppPackages;
  readonly updates: AppUpdates;
  readonly shortcuts: AppShortcuts;

  constructor(deps: AppsDeps) {
    this.#deps = deps;
    this.publishing = new AppPublishing(deps);
    this.packages = new AppPackages(deps);
    this.updates = new AppUpdates(deps);
    this.shortcuts = new AppShortcuts(deps);
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

  /** A public app to be proposed where none opens an entry; undefined where the node knows of none. */
  async proposal(id: string, signal?: AbortSignal): Promise<readonly string[] | undefined> {
    const { entries, identityOf } = this.#deps;
    const path = recommendedApp(entries.describe(entries.item(id)).name);
    const [owner] = path ?? [];
    if (owner === undefined || (await this.offers(id, signal)).length > 0) return undefined;
    return identityOf(owner, signal).then(
      () => path,
      (error: unknown) => {
        if (error instanceof PyrgosError) return undefined;
        throw error;
      },
    );
  }

  async remove(name: string, keepData: boolean): Promise<void> {
    const { drive, username, changed } = this.#deps;
    await removeApp(drive, username, name, { keepData });
    changed([username, '.apps'], 'removed', [name]);
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
        ...(what.kind === 'installed' ? { label: this.#label(app.folder) } : {}),
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

  /**
   * Of the origin of an app, where a node offers one. It is made with a secret of the account: with the
   * label of C-9 §9.1, which is a hash of the path alone, the node could tell which apps are run.
   */
  #label(folder: readonly string[]): string {
    return keyedSubdomain(this.#deps.secret(), folder.join('/'));
  }

  #openedItem(id: string): OpenedItem {
    const { entries } = this.#deps;
    const item = entries.item(id);
    return { path: entries.path(item), isFolder: entries.describe(item).kind === 'folder' };
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
