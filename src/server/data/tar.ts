/**
 * The archive of a backup: POSIX tar (ustar), which every system can list and take apart. Names
 * beyond its 100 bytes are split at a slash, as the format provides. Read back, an archive is
 * hostile: names, lengths and checksums are checked.
 */
import { open, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fromUtf8, PyrgosError, utf8 } from '#lib/bytes/index.ts';
import { syncFolder, WholeFile } from '#lib/system/index.ts';

const BLOCK_BYTES = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const PREFIX_AT = 345;
const CHECKSUM_AT = 148;
/** What is read whole; blocks are smaller. */
const WHOLE_MAX_BYTES = 16 * 2 ** 20;
/** Pieces in which a large entry is read. */
const PIECE_BYTES = 2 ** 20;

/** Not an archive of this program, or a damaged one. */
export class BadArchive extends PyrgosError {
  override readonly name: string = 'BadArchive';
  override readonly kind = 'damaged';
}

export class TarWriter {
  readonly #file: WholeFile;

  private constructor(file: WholeFile) {
    this.#file = file;
  }

  /** Begins an archive for `path`; nothing is there before {@link finish}. */
  static async create(path: string): Promise<TarWriter> {
    const part = `${path}.part`;
    // What is there is left of one that was killed.
    await rm(part, { force: true });
    return new TarWriter(await WholeFile.create(path, { part }));
  }

  async add(name: string, bytes: Uint8Array, modifiedMs: number): Promise<void> {
    await this.#begin(name, bytes.length, modifiedMs);
    await this.#file.write(bytes);
    await this.#file.write(padding(bytes.length));
  }

  async addFile(name: string, path: string, modifiedMs: number): Promise<void> {
    const source = await open(path, 'r');
    try {
      const { size } = await source.stat();
      await this.#begin(name, size, modifiedMs);
      for (let done = 0; done < size; done += PIECE_BYTES) {
        await this.#file.write(await readAt(source, done, Math.min(PIECE_BYTES, size - done)));
      }
      await this.#file.write(padding(size));
    } finally {
      await source.close();
    }
  }

  /**
   * Ends the archive, puts it on the disk, reads it back and gives it its name, which nothing may
   * have. Throws `ShortWrite`, and `EEXIST`.
   */
  async finish(): Promise<void> {
    await this.#file.write(new Uint8Array(2 * BLOCK_BYTES));
    await this.#file.close();
    await this.#file.compare();
    await this.#file.moveIntoPlace({ isForced: false });
    await syncFolder(dirname(this.#file.place));
  }

  /** Removes what there is of it. */
  async abandon(): Promise<void> {
    await this.#file.discard();
  }

  async #begin(name: string, sizeBytes: number, modifiedMs: number): Promise<void> {
    await this.#file.write(header(name, sizeBytes, modifiedMs));
  }
}

export interface TarEntry {
  readonly name: string;
  readonly sizeBytes: number;
  /** Whole, for small entries. */
  bytes(): Promise<Uint8Array>;
  copyTo(path: string): Promise<void>;
}

/** Entries in order; each can be read until the next is asked for. Throws {@link BadArchive}. */
export async function* readTar(path: string): AsyncGenerator<TarEntry, void, void> {
  const file = await open(path, 'r');
  try {
    for (let at = 0; ;) {
      const head = await readAt(file, at, BLOCK_BYTES);
      if (head.every((byte) => byte === 0)) return;
      const { name, sizeBytes } = parseHeader(head);
      const start = at + BLOCK_BYTES;
      yield {
        name,
        sizeBytes,
        bytes: async () => {
          if (sizeBytes > WHOLE_MAX_BYTES) throw new BadArchive('The archive is damaged.');
          return readAt(file, start, sizeBytes);
        },
        copyTo: (target) => copy(file, start, sizeBytes, target),
      };
      at = start + sizeBytes + padding(sizeBytes).length;
    }
  } finally {
    await file.close();
  }
}

async function copy(file: FileHandle, start: number, size: number, target: string): Promise<void> {
  const copied = await WholeFile.create(target);
  try {
    for (let done = 0; done < size; done += PIECE_BYTES) {
      await copied.write(await readAt(file, start + done, Math.min(PIECE_BYTES, size - done)));
    }
    await copied.close();
    await copied.moveIntoPlace({ isForced: false });
  } catch (error) {
    await copied.discard();
    throw error;
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length;) {
    const { bytesRead } = await file.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) throw new BadArchive('The archive ends too early.');
    done += bytesRead;
  }
  return bytes;
}

function header(name: string, sizeBytes: number, modifiedMs: number): Uint8Array {
  const head = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, text: string): void => head.set(utf8(text), at);
  const octal = (at: number, digits: number, value: number): void => {
    put(at, value.toString(8).padStart(digits, '0'));
  };
  const { prefix, rest } = splitName(name);
  put(0, rest);
  octal(100, 7, 0o600);
  octal(108, 7, 0);
  octal(116, 7, 0);
  octal(124, 11, sizeBytes);
  octal(136, 11, Math.floor(modifiedMs / 1000));
  put(CHECKSUM_AT, '        ');
  put(156, '0');
  put(257, 'ustar\0' + '00');
  put(PREFIX_AT, prefix);
  put(CHECKSUM_AT, `${checksumOf(head).toString(8).padStart(6, '0')}\0 `);
  return head;
}

function splitName(name: string): { prefix: string; rest: string } {
  if (name.length <= NAME_BYTES) return { prefix: '', rest: name };
  const at = name.indexOf('/', name.length - NAME_BYTES - 1);
  const prefix = at < 0 ? '' : name.slice(0, at);
  if (at < 0 || prefix.length > PREFIX_BYTES) {
    throw new RangeError('A name is too long for an archive.');
  }
  return { prefix, rest: name.slice(at + 1) };
}

function parseHeader(head: Uint8Array): { name: string; sizeBytes: number } {
  const text = (at: number, length: number): string => {
    const field = head.subarray(at, at + length);
    const end = field.indexOf(0);
    return fromUtf8(end < 0 ? field : field.subarray(0, end));
  };
  const plain = head.slice();
  plain.fill(0x20, CHECKSUM_AT, CHECKSUM_AT + 8);
  if (parseInt(text(CHECKSUM_AT, 8), 8) !== checksumOf(plain)) {
    throw new BadArchive('The archive is damaged, or is none of this program.');
  }
  const sizeBytes = parseInt(text(124, 12), 8);
  if (!Number.isSafeInteger(sizeBytes) || sizeBytes < 0) {
    throw new BadArchive('The archive is damaged.');
  }
  const prefix = text(PREFIX_AT, PREFIX_BYTES);
  const rest = text(0, NAME_BYTES);
  return { name: prefix === '' ? rest : `${prefix}/${rest}`, sizeBytes };
}

function checksumOf(head: Uint8Array): number {
  return head.reduce((sum, byte) => sum + byte, 0);
}

function padding(sizeBytes: number): Uint8Array {
  return new Uint8Array((BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)) % BLOCK_BYTES);
}
