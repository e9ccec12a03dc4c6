/** The files of a running app: listed once, then found without asking the node for folders again. */
import { PyrgosError } from '#lib/bytes/index.ts';
import { PathNotFound, type Drive, type Handle } from '#lib/drive/index.ts';
import { AppRequestRefused } from './errors.ts';
import { typeOfFile } from './file-types.ts';
import { openPath } from './paths.ts';
import type { AppAsset, DrivePath, RunnableApp } from './types.ts';

export const ASSETS_FOLDER = 'assets';
export const ASSETS_MAX = 10_000;
const DEPTH_MAX = 32;

export class Assets {
  readonly #drive: Drive;
  readonly #path: DrivePath;
  readonly #isBrowsing: boolean;
  #files: Promise<ReadonlyMap<string, Handle>> | undefined;

  constructor(drive: Drive, { mode, folder }: RunnableApp) {
    this.#drive = drive;
    this.#isBrowsing = mode === 'browsing';
    this.#path = this.#isBrowsing ? folder : [...folder, ASSETS_FOLDER];
  }

  /** Below the folder, in the order of their paths. */
  async list(signal?: AbortSignal): Promise<readonly AppAsset[]> {
    const files = await this.#all(signal);
    const assets = [...files].map(([path, { name, properties }]) => ({
      path,
      sizeBytes: properties.sizeBytes,
      type: typeOfFile(name, properties.mimeType),
    }));
    return assets.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** @throws PathNotFound */
  async find(names: DrivePath, signal?: AbortSignal): Promise<Handle> {
    const found = (await this.#all(signal)).get(names.join('/'));
    if (found === undefined) throw new PathNotFound(names);
    return found;
  }

  /** The files may be others now. */
  refresh(): void {
    this.#files = undefined;
  }

  #all(signal?: AbortSignal): Promise<ReadonlyMap<string, Handle>> {
    // One caller's abort is not to end what the others wait for.
    this.#files ??= this.#read().catch((error: unknown) => {
      this.#files = undefined;
      throw error;
    });
    return untilAborted(this.#files, signal);
  }

  async #read(): Promise<ReadonlyMap<string, Handle>> {
    const files = new Map<string, Handle>();
    const visibleFrom = this.#path.length;
    const top = await openPath(this.#drive, this.#path, visibleFrom);
    await this.#walk(top, '', 0, files);
    return files;
  }

  async #walk(folder: Handle, above: string, depth: number, files: Map<string, Handle>) {
    if (depth > DEPTH_MAX) throw new AppRequestRefused('The folders of the app are too deep.');
    for await (const rows of this.#drive.list(folder)) {
      const shown = rows.filter(({ name }) => !this.#isBrowsing || !name.startsWith('.'));
      for (const found of await this.#drive.openMany(folder, shown)) {
        if (found instanceof PyrgosError) continue; // other files can still be served
        if (this.#isBrowsing && found.properties.isHidden) continue;
        const path = `${above}${found.name}`;
        if (found.isDirectory) await this.#walk(found, `${path}/`, depth + 1, files);
        else files.set(path, found);
        if (files.size > ASSETS_MAX) throw new AppRequestRefused('The app has too many files.');
      }
    }
  }
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
