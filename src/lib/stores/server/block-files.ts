/**
 * Files of a folder of blocks. A file is named by the escaped key and its number,
 * `<shard>/<key>.<number>`, so keys are never paths, a file system that ignores case does not
 * confuse two of them, and a lost index can be made again. While it is written it ends in `.part`.
 */
import * as fs from 'node:fs';
import { mkdir, open, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { codeOf, describeSystemError, EXIT, systemSentence } from '#lib/system/index.ts';
import { StoreFull, StoreUnavailable } from '../types.ts';
import type { BlockFile } from './block-index.ts';

const PART = '.part';
const SHARD = /^[0-9a-f]{2}$/u;
const NAME = /^(?<key>.+)\.(?<id>[0-9]{1,16})$/u;
/** Every file system in use takes names of 255 bytes. */
const NAME_MAX_CHARS = 255;

type FileName = Pick<BlockFile, 'key' | 'id'>;

export class BlockFiles {
  readonly #folder: string;
  readonly #shards = new Set<string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Throws a `RangeError` for a key too long to be a file's name. */
  checkKey(key: string): void {
    const longest = { key, id: Number.MAX_SAFE_INTEGER };
    if (nameOf(longest).length + PART.length > NAME_MAX_CHARS) {
      throw new RangeError('The key of a block is too long to name a file.');
    }
  }

  /** Writes a whole file under its final name. With `isSynced` its bytes are on the disk then. */
  async write(file: FileName, bytes: Uint8Array, isSynced: boolean): Promise<void> {
    const path = this.#pathOf(file);
    await this.#makeShard(dirname(path));
    const fd = await calls.open(path + PART, 'w');
    try {
      await writeWhole(fd, bytes);
      if (isSynced) await calls.datasync(fd);
    } finally {
      await calls.close(fd);
    }
    await calls.rename(path + PART, path);
  }

  /** Puts the names of these files on the disk. */
  async syncNames(files: readonly FileName[]): Promise<void> {
    if (process.platform === 'win32') return; // it knows no such thing; its names are journalled
    const folders = new Set(files.map((file) => dirname(this.#pathOf(file))));
    await Promise.all(Array.from(folders, syncFolder));
  }

  /** A file's bytes, `undefined` if it is not there. Throws if its size is another. */
  async read(file: BlockFile): Promise<Uint8Array | undefined> {
    const handle = await open(this.#pathOf(file), 'r').catch((error: unknown) => {
      if (codeOf(error) === 'ENOENT') return undefined;
      throw error;
    });
    if (handle === undefined) return undefined;
    try {
      // One byte more than there should be, to see the end: only there a file gives less.
      const buffer = new Uint8Array(file.sizeBytes + 1);
      let end = 0;
      for (let read = -1; read !== 0 && end < file.sizeBytes; end += read) {
        ({ bytesRead: read } = await handle.read(buffer, end, buffer.length - end, end));
      }
      if (end !== file.sizeBytes) throw new StoreUnavailable("A block's file is damaged.");
      return new Uint8Array(buffer.buffer.transfer(end));
    } finally {
      await handle.close();
    }
  }

  /** Removes a file, whole or in part, if it is there. */
  async remove(file: FileName): Promise<void> {
    const path = this.#pathOf(file);
    for (const candidate of [path, path + PART]) {
      try {
        await unlink(candidate);
        return;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') throw error;
      }
    }
  }

  /** Every whole file there is. Blocks this thread: for opening only. */
  *all(): Generator<BlockFile> {
    for (const shard of entriesOf(this.#folder)) {
      if (!shard.isDirectory() || !SHARD.test(shard.name)) continue;
      for (const { name } of entriesOf(join(this.#folder, shard.name))) {
        const { key, id } = NAME.exec(name)?.groups ?? {};
        if (key === undefined || id === undefined) continue;
        const sizeBytes = fs.statSync(join(this.#folder, shard.name, name)).size;
        yield { key: unescaped(key), id: Number(id), sizeBytes };
      }
    }
  }

  async #makeShard(path: string): Promise<void> {
    if (this.#shards.has(path)) return;
    const isNew = (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
    if (isNew && process.platform !== 'win32') await syncFolder(this.#folder);
    this.#shards.add(path);
  }

  #pathOf(file: FileName): string {
    // Sixteen numbers in a row share a folder, so that a batch syncs one or two.
    const shard = (Math.floor(file.id / 16) % 256).toString(16).padStart(2, '0');
    return join(this.#folder, shard, nameOf(file));
  }
}

/** A request may store a thousand files: these cost half of what file handles do. */
const calls = {
  open: promisify(fs.open) as (path: string, flags: string) => Promise<number>,
  /** Answers how many bytes were taken. */
  write: (fd: number, bytes: Uint8Array, offset: number) =>
    new Promise<number>((resolve, reject) => {
      fs.write(fd, bytes, offset, bytes.length - offset, offset, (error, written) => {
        if (error === null) resolve(written);
        else reject(error);
      });
    }),
  datasync: promisify(fs.fdatasync),
  close: promisify(fs.close),
  rename: promisify(fs.rename),
};

/** Every byte, counted. */
async function writeWhole(fd: number, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const bytesWritten = await calls.write(fd, bytes, done);
    if (bytesWritten === 0) throw new StoreFull();
    done += bytesWritten;
  }
}

/** What a disk says, in the words of this room. */
export function translatedFileError(error: unknown): unknown {
  const code = codeOf(error);
  const isFull = describeSystemError(error)?.exitCode === EXIT.noRoom;
  if (isFull) return new StoreFull({ cause: error });
  if (code === undefined || !/^E[A-Z0-9]+$/u.test(code)) return error;
  const sentence = systemSentence(code) ?? 'It could not be used';
  return new StoreUnavailable(`The folder of blocks: ${sentence} (${code}).`, { cause: error });
}

function nameOf({ key, id }: FileName): string {
  return `${escaped(key)}.${String(id)}`;
}

function escaped(key: string): string {
  return key.replace(/[^A-Za-z0-9_-]/g, (unit) => {
    return `%${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function unescaped(name: string): string {
  return name.replace(/%([0-9a-f]{4})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
}

function entriesOf(folder: string): fs.Dirent[] {
  return fs.readdirSync(folder, { withFileTypes: true });
}

async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
