/** The data of one app, `<app>/data` (C-9 §9.3), within its quota. Every change is one commit. */
import { PyrgosError } from '#lib/bytes/index.ts';
import {
  appendSmall,
  bytesSource,
  childIn,
  ensureFolder,
  PathNotFound,
  writeFilesIn,
  type Change,
  type Drive,
  type Handle,
} from '#lib/drive/index.ts';
import { AppRequestRefused } from './errors.ts';
import { openPath } from './paths.ts';
import type { AppLimits, DrivePath, RunnableApp } from './types.ts';

export const DATA_FOLDER = 'data';

interface Usage {
  readonly bytes: number;
  readonly files: number;
}

export class DataFolder {
  readonly path: DrivePath;
  readonly #drive: Drive;
  readonly #limits: AppLimits;
  readonly #isOwn: boolean;
  #usage: Usage | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(drive: Drive, { folder }: RunnableApp, username: string, limits: AppLimits) {
    this.#drive = drive;
    this.#limits = limits;
    this.path = [...folder, DATA_FOLDER];
    this.#isOwn = folder[0] === username;
  }

  /** What lies at a path below it. @throws PathNotFound */
  open(names: DrivePath, signal?: AbortSignal): Promise<Handle> {
    return openPath(this.#drive, [...this.path, ...names], this.path.length, signal);
  }

  /** Stores a file; folders on the way are made. `folder` where a folder has that name. */
  put(
    names: DrivePath,
    bytes: Uint8Array,
    signal?: AbortSignal,
  ): Promise<'created' | 'replaced' | 'folder'> {
    const { parent, name } = split(names);
    return this.#change(async (change, home) => {
      const folder = await this.#folder(change, home, parent);
      const existing = await childIn(change, folder, name);
      if (existing?.isDirectory === true) return { result: 'folder', bytes: 0, files: 0 };
      await writeFilesIn(change, folder, [{ name, source: bytesSource(bytes) }]);
      const oldBytes = existing?.properties.sizeBytes ?? 0;
      const isNew = existing === undefined;
      return {
        result: isNew ? 'created' : 'replaced',
        bytes: bytes.length - oldBytes,
        files: isNew ? 1 : 0,
      };
    }, signal);
  }

  /** Adds bytes at the end of a file. @throws PathNotFound */
  append(names: DrivePath, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
    const { parent, name } = split(names);
    return this.#change(async (change, home) => {
      const folder = await this.#folder(change, home, parent);
      const existing = await childIn(change, folder, name);
      if (existing === undefined) throw new PathNotFound(names);
      if (existing.isDirectory) throw new AppRequestRefused('This is a folder.');
      await appendSmall(change, folder, name, bytes, { isHidden: false });
      return { result: undefined, bytes: bytes.length, files: 0 };
    }, signal);
  }

  /** Deletes a file, or a folder with all in it. @throws PathNotFound */
  async remove(names: DrivePath, signal?: AbortSignal): Promise<void> {
    this.#needOwn();
    const { parent, name } = split(names);
    const folder = await this.open(parent, signal);
    const row = await this.#drive.find(folder, name, signal);
    if (row === undefined) throw new PathNotFound(names);
    await this.#drive.remove(folder, [row], signal ? { signal } : {});
    this.#usage = undefined;
  }

  #folder(change: Change, home: Handle, names: DrivePath): Promise<Handle> {
    return folderIn(change, home, this.path.slice(1, -1), [DATA_FOLDER, ...names]);
  }

  #needOwn(): void {
    if (!this.#isOwn) throw new AppRequestRefused('The data of this app lie in another drive.');
  }

  /** One change at a time, so that two together cannot pass the quota. */
  #change<T>(
    work: (change: Change, home: Handle) => Promise<{ result: T } & Usage>,
    signal?: AbortSignal,
  ): Promise<T> {
    this.#needOwn();
    const inTurn = async (): Promise<T> => {
      const before = (this.#usage ??= await this.#measure(signal));
      const { result, ...added } = await this.#drive.change(async (change, home) => {
        const done = await work(change, home);
        this.#checkRoom(before, done);
        return done;
      }, signal);
      this.#usage = { bytes: before.bytes + added.bytes, files: before.files + added.files };
      return result;
    };
    const turn = this.#turn.then(inTurn, inTurn);
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Thrown within a change, nothing of it stays. */
  #checkRoom(before: Usage, added: Usage): void {
    const { dataBytes, dataFiles } = this.#limits;
    const hasRoom =
      (added.bytes <= 0 || before.bytes + added.bytes <= dataBytes) &&
      (added.files <= 0 || before.files + added.files <= dataFiles);
    if (!hasRoom) throw new AppRequestRefused('The app stores more than it may.');
  }

  async #measure(signal?: AbortSignal): Promise<Usage> {
    try {
      const top = await openPath(this.#drive, this.path, this.path.length, signal);
      return await sumOf(this.#drive, top, signal);
    } catch (error) {
      if (error instanceof PathNotFound) return { bytes: 0, files: 0 };
      throw error;
    }
  }
}

/**
 * The folder at `existing` below the home, which must be there, and in it those of `made`, which are
 * made where they are missing. @throws PathNotFound
 */
export async function folderIn(
  change: Change,
  home: Handle,
  existing: DrivePath,
  made: DrivePath,
): Promise<Handle> {
  let at = home;
  for (const [i, name] of existing.entries()) {
    const next = await childIn(change, at, name);
    if (next === undefined) throw new PathNotFound(existing.slice(0, i + 1));
    at = next;
  }
  for (const name of made) at = await ensureFolder(change, at, name, { isHidden: false });
  return at;
}

async function sumOf(drive: Drive, folder: Handle, signal?: AbortSignal): Promise<Usage> {
  let bytes = 0;
  let files = 0;
  for await (const rows of drive.list(folder, signal ? { signal } : {})) {
    for (const found of await drive.openMany(folder, rows, signal)) {
      if (found instanceof PyrgosError) continue; // it can still be removed
      const sum = found.isDirectory
        ? await sumOf(drive, found, signal)
        : { bytes: found.properties.sizeBytes, files: 1 };
      bytes += sum.bytes;
      files += sum.files;
    }
  }
  return { bytes, files };
}

function split(names: DrivePath): { parent: DrivePath; name: string } {
  const name = names.at(-1);
  if (name === undefined) throw new AppRequestRefused('A name is missing.');
  return { parent: names.slice(0, -1), name };
}
