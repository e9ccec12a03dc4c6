/**
 * Files out of the drive onto this disk. Each is written beside its place and moved there when it is
 * whole, so that a transfer that breaks off never looks like the file. A failed
 * entry does not stop the others.
 */
import type { BigIntStats } from 'node:fs';
import { lstat, mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Drive } from '#lib/drive/index.ts';
import { codeOf, WholeFile } from '#lib/system/index.ts';
import { LocalExists } from './errors.ts';
import type { BrokenEntry, FetchPlan, FileToFetch } from './fetch-plan.ts';
import { isSameTime, showDay, toDiskTime } from './file-times.ts';
import { isFatal } from './left-out.ts';

export interface FetchOptions {
  readonly tell: (doneBytes: number, totalBytes: number, name: string) => void;
  /** Called for a file that was fetched with a change, such as its name or time. */
  readonly note: (path: readonly string[], sentence: string) => void;
  /** Called for a file that could not be fetched. */
  readonly onBroken: (entry: BrokenEntry) => void;
  readonly signal: AbortSignal;
}

/** Files that are put to the disk together: waiting for each alone would take most of the time. */
const FLUSHED_FILES = 32;
const FLUSHED_BYTES = 4 * 1024 * 1024;

/** Does what was planned. What ends the work, and is not about one entry alone, is thrown. */
export async function fetchAll(
  drive: Drive,
  plan: FetchPlan,
  options: FetchOptions,
): Promise<void> {
  const fetching = new Fetching(drive, plan, options);
  try {
    for (const { path, place } of plan.folders) await fetching.makeFolder(path, place);
    for (const file of plan.files) await fetching.fetch(file);
  } finally {
    // What has been fetched as a whole stays, whatever became of the others.
    await fetching.flush();
  }
}

/** Two names of the drive are one to this disk: `Readme` and `README` on many. */
function samePlaceError(place: string): LocalExists {
  const what = `The disk takes ${place} for another one that was fetched.`;
  return new LocalExists(`${what} Use --map-names.`);
}

function identityOf({ dev, ino }: BigIntStats): string {
  return `${dev}:${ino}`;
}

interface Written {
  readonly file: FileToFetch;
  readonly whole: WholeFile;
}

class Fetching {
  readonly #drive: Drive;
  readonly #plan: FetchPlan;
  readonly #options: FetchOptions;
  /** Folders that could not be made, and so hold nothing. */
  readonly #missing = new Set<string>();
  /** Devices and numbers of what was made here: two names of one place are seen by them. */
  readonly #made = new Set<string>();
  #written: Written[] = [];
  #writtenBytes = 0;
  #doneBytes = 0;

  constructor(drive: Drive, plan: FetchPlan, options: FetchOptions) {
    this.#drive = drive;
    this.#plan = plan;
    this.#options = options;
  }

  async makeFolder(path: readonly string[], place: string): Promise<void> {
    if (this.#isMissing(place)) return void this.#missing.add(place);
    try {
      await mkdir(place).catch(async (error: unknown) => {
        const isFolder = codeOf(error) === 'EEXIST' && (await lstat(place)).isDirectory();
        if (!isFolder) throw error;
      });
      await this.#claim(place);
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#missing.add(place);
      this.#options.onBroken({ path, error: error as Error });
    }
  }

  async fetch(file: FileToFetch): Promise<void> {
    if (this.#isMissing(file.place)) return;
    try {
      const whole = await this.#write(file);
      this.#written.push({ file, whole });
      this.#writtenBytes += whole.sizeBytes;
    } catch (error) {
      if (isFatal(error)) throw error;
      this.#options.onBroken({ path: file.path, error: error as Error });
    }
    if (this.#written.length >= FLUSHED_FILES || this.#writtenBytes >= FLUSHED_BYTES) {
      await this.flush();
    }
  }

  /** Gives their names to files that are on the disk as a whole. */
  async flush(): Promise<void> {
    const written = this.#written;
    this.#written = [];
    this.#writtenBytes = 0;
    const closings = written.map(async ({ file, whole }) => {
      const { sizeBytes, modified } = file.handle.properties;
      try {
        await whole.close({ expectedBytes: sizeBytes, modified: toDiskTime(modified) });
      } catch (error) {
        return error as Error;
      }
    });
    const failures = await Promise.all(closings);
    let fatal: Error | undefined;
    for (const [i, { file, whole }] of written.entries()) {
      try {
        const failure = failures[i];
        if (failure !== undefined) throw failure;
        await this.#moveIntoPlace(file, whole);
      } catch (error) {
        await whole.discard();
        if (isFatal(error)) fatal ??= error as Error;
        else this.#options.onBroken({ path: file.path, error: error as Error });
      }
    }
    if (fatal !== undefined) throw fatal;
  }

  async #write({ handle, place }: FileToFetch): Promise<WholeFile> {
    const { signal, tell } = this.#options;
    const whole = await WholeFile.create(place);
    try {
      for await (const piece of this.#drive.read(handle, 0, undefined, signal)) {
        await whole.write(piece);
        this.#doneBytes += piece.length;
        tell(this.#doneBytes, this.#plan.totalBytes, basename(place));
      }
      return whole;
    } catch (error) {
      await whole.discard();
      throw error;
    }
  }

  async #moveIntoPlace({ handle, path, place }: FileToFetch, whole: WholeFile): Promise<void> {
    const { isForced } = this.#plan;
    try {
      if (isForced) await this.#refuseMade(place);
      await whole.moveIntoPlace({ isForced });
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw LocalExists.at(place, { cause: error });
      throw error;
    }
    const found = await this.#claim(place);
    const { modified } = handle.properties;
    if (isSameTime(modified, found)) return;
    const kept = showDay(found.mtimeNs / 1_000_000_000n);
    const wanted = showDay(modified.seconds);
    this.#options.note(path, `was last changed ${wanted}, which this disk keeps as ${kept}.`);
  }

  /** A disk that sees no difference between two names would lose the first file. */
  async #refuseMade(place: string): Promise<void> {
    const found = await lstat(place, { bigint: true }).catch(() => undefined);
    if (found !== undefined && this.#made.has(identityOf(found))) throw samePlaceError(place);
  }

  async #claim(place: string): Promise<BigIntStats> {
    const found = await lstat(place, { bigint: true });
    const identity = identityOf(found);
    if (this.#made.has(identity)) throw samePlaceError(place);
    this.#made.add(identity);
    return found;
  }

  #isMissing(place: string): boolean {
    return this.#missing.has(dirname(place));
  }
}
