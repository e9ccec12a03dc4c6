/**
 * Files that are whole or not there. A file is written beside its place, every byte of it counted;
 * it is put to the disk and compared in size, and only then takes its name. What was there before
 * stays until that moment, and what breaks off leaves nothing behind.
 *
 * `write` may take less than it was given, with no error: a disk that becomes full does, and so does
 * a process that reaches its limit.
 */
import { writeSync } from 'node:fs';
import { link, lstat, open, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { PyrgosError } from '#lib/bytes/index.ts';
import { codeOf } from './failures.ts';

/** The disk holds another number of bytes than it was given, or other bytes. */
export class ShortWrite extends PyrgosError {
  override readonly name = 'ShortWrite';
  override readonly kind = 'quota';
  constructor(place: string, what: string) {
    super(`${place} was not written: ${what}. Is the disk full, or failing?`);
  }
}

export interface WholeFileOptions {
  /** Where it is written meanwhile; a name of its own beside the place when absent. */
  readonly part?: string;
  /** For its owner alone when absent. */
  readonly mode?: number;
}

export interface CloseOptions {
  /** What it has to come to. */
  readonly expectedBytes?: number;
  /** Seconds since 1970, or what Node takes for one. */
  readonly modified?: number | Date;
}

export interface MoveOptions {
  /** Whatever is there, but a folder, makes way. Otherwise `EEXIST` is thrown. */
  readonly isForced: boolean;
}

const PIECE_BYTES = 1024 * 1024;

export class WholeFile {
  readonly place: string;
  readonly part: string;
  readonly #file: FileHandle;
  #sizeBytes = 0;
  #checksum = 0;
  #isOpen = true;

  private constructor(place: string, part: string, file: FileHandle) {
    this.place = place;
    this.part = part;
    this.#file = file;
  }

  /** Begins a file for `place`, where nothing happens yet. */
  static async create(place: string, options: WholeFileOptions = {}): Promise<WholeFile> {
    // A name of its own length: one made of the file's name may be too long.
    const { part = join(dirname(place), `.pyrgos-${crypto.randomUUID()}.part`), mode = 0o600 } =
      options;
    return new WholeFile(place, part, await open(part, 'wx', mode));
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await writeAll(this.#file, bytes, this.part);
    this.#sizeBytes += bytes.length;
    this.#checksum = crc32(bytes, this.#checksum);
  }

  /** Puts it to the disk and looks at what is there. Throws {@link ShortWrite}. */
  async close({ expectedBytes = this.#sizeBytes, modified }: CloseOptions = {}): Promise<void> {
    // A time that the disk does not take is no reason to lose the file.
    if (modified !== undefined) await this.#file.utimes(modified, modified).catch(() => undefined);
    await naming(this.part, () => this.#file.sync());
    const { size } = await this.#file.stat();
    this.#isOpen = false;
    await naming(this.part, () => this.#file.close());
    if (size === this.#sizeBytes && size === expectedBytes) return;
    throw new ShortWrite(this.place, `${size} of its ${expectedBytes} bytes are there`);
  }

  /** Reads what was written and compares it. Throws {@link ShortWrite}. */
  async compare(): Promise<void> {
    const file = await open(this.part, 'r');
    try {
      const piece = new Uint8Array(PIECE_BYTES);
      let [sizeBytes, checksum] = [0, 0];
      for (let read = -1; read !== 0; sizeBytes += read) {
        ({ bytesRead: read } = await file.read(piece, 0, PIECE_BYTES, sizeBytes));
        checksum = crc32(piece.subarray(0, read), checksum);
      }
      if (sizeBytes === this.#sizeBytes && checksum === this.#checksum) return;
      throw new ShortWrite(this.place, 'what is on the disk is not what was written');
    } finally {
      await file.close();
    }
  }

  /** Gives it its name, at one instant. */
  async moveIntoPlace({ isForced }: MoveOptions): Promise<void> {
    if (isForced) await rename(this.part, this.place);
    else await this.#claimPlace();
  }

  /** Takes it back; safe to call at any time before it has its name. */
  async discard(): Promise<void> {
    if (this.#isOpen) await this.#file.close().catch(() => undefined);
    this.#isOpen = false;
    await rm(this.part, { force: true });
  }

  /** A second name is refused where one is taken, also by somebody who came just now. */
  async #claimPlace(): Promise<void> {
    try {
      await link(this.part, this.place);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw existing(this.place, error);
      // Not every disk knows second names.
      if (await isThere(this.place)) throw existing(this.place, error);
      return rename(this.part, this.place);
    }
    await unlink(this.part);
  }
}

/** Writes every byte or throws. */
async function writeAll(file: FileHandle, bytes: Uint8Array, place: string): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesWritten } = await naming(place, () => file.write(bytes, done));
    if (bytesWritten === 0) throw new ShortWrite(place, 'the disk takes no more bytes');
    done += bytesWritten;
  }
}

/** Writes every byte to a descriptor that is open already, such as standard output. */
export function writeAllSync(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) {
    const written = writeSync(descriptor, bytes, done);
    if (written === 0) throw new ShortWrite('The output', 'the disk takes no more bytes');
    done += written;
  }
}

/** Puts the names in a folder to the disk, where systems know such a thing. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const file = await open(folder, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function isThere(place: string): Promise<boolean> {
  return lstat(place).then(
    () => true,
    () => false,
  );
}

function existing(place: string, cause: unknown): Error {
  const error = new Error('The place is taken.', { cause });
  return Object.assign(error, { code: 'EEXIST', path: place });
}

/** What a handle throws does not say which file it is about. */
async function naming<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && !('path' in error)) Object.assign(error, { path });
    throw error;
  }
}
