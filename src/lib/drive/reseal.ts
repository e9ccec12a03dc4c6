/**
 * Sealing contents anew at once (C-3 §3.3): after a revocation the protocol leaves contents under the
 * keys that a former reader may have kept, until they next change. This does that change now, file
 * by file; one that is broken off goes on with what is left.
 */
import { isDirty } from '#lib/cryptree/index.ts';
import { PyrgosError } from '#lib/bytes/index.ts';
import { cleaned } from './clean.ts';
import type { Drive } from './drive.ts';
import { damageOnly } from './nodes.ts';
import type { Handle, LeftOut } from './types.ts';

/** Small files are sealed together, up to this many bytes in a commit. */
const TOGETHER_BYTES = 20 * 2 ** 20;
const TOGETHER_FILES = 50;

export interface ResealProgress {
  /** Files that were sealed so far. */
  readonly files: number;
  readonly bytes: number;
}

export interface Resealed extends ResealProgress {
  /** What could not be read and stays as it is. */
  readonly leftOut: readonly LeftOut[];
}

/**
 * Seals the contents of a file, or of all files below a folder, under new keys where a revocation
 * left them under old ones. @throws NotWritable
 */
export async function reseal(
  drive: Drive,
  entry: Handle,
  onProgress: (progress: ResealProgress) => void = () => undefined,
  signal?: AbortSignal,
): Promise<Resealed> {
  const resealing = new Resealing(drive, onProgress, signal);
  await resealing.visit(entry, [entry.name]);
  return resealing.end();
}

interface Found {
  readonly file: Handle;
  readonly path: readonly string[];
}

class Resealing {
  readonly #drive: Drive;
  readonly #onProgress: (progress: ResealProgress) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #leftOut: LeftOut[] = [];
  #together: Found[] = [];
  #togetherBytes = 0;
  #files = 0;
  #bytes = 0;

  constructor(drive: Drive, onProgress: (progress: ResealProgress) => void, signal?: AbortSignal) {
    this.#drive = drive;
    this.#onProgress = onProgress;
    this.#signal = signal;
  }

  async visit(entry: Handle, path: readonly string[]): Promise<void> {
    if (!entry.isDirectory) return this.#add({ file: entry, path });
    try {
      const options = this.#signal ? { signal: this.#signal } : {};
      for await (const rows of this.#drive.list(entry, options)) {
        const opened = await this.#drive.openMany(entry, rows, this.#signal);
        for (const [i, child] of opened.entries()) {
          const at = [...path, rows[i]!.name];
          if (child instanceof PyrgosError) this.#leftOut.push({ path: at, error: child });
          else await this.visit(child, at);
        }
      }
    } catch (error) {
      this.#leftOut.push({ path, error: damageOnly(error, this.#signal) });
    }
  }

  async end(): Promise<Resealed> {
    await this.#flush();
    return { files: this.#files, bytes: this.#bytes, leftOut: this.#leftOut };
  }

  async #add(found: Found): Promise<void> {
    if (!isDirty(found.file.node)) return;
    this.#together.push(found);
    this.#togetherBytes += found.file.properties.sizeBytes;
    const isFull = this.#togetherBytes >= TOGETHER_BYTES || this.#together.length >= TOGETHER_FILES;
    if (isFull) await this.#flush();
  }

  async #flush(): Promise<void> {
    const together = this.#together;
    this.#together = [];
    this.#togetherBytes = 0;
    if (together.length === 0) return;
    try {
      await this.#seal(together);
    } catch (error) {
      damageOnly(error, this.#signal);
      // One of them cannot be read: each alone, then.
      for (const found of together) {
        await this.#seal([found]).catch((cause: unknown) => {
          this.#leftOut.push({ path: found.path, error: damageOnly(cause, this.#signal) });
        });
      }
    }
  }

  async #seal(together: readonly Found[]): Promise<void> {
    await this.#drive.change(async (change) => {
      for (const { file } of together) await cleaned(change, await change.reopenFile(file));
    }, this.#signal);
    this.#files += together.length;
    for (const { file } of together) this.#bytes += file.properties.sizeBytes;
    this.#onProgress({ files: this.#files, bytes: this.#bytes });
  }
}
