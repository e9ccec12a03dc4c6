/**
 * Files to give to the drive: a folder of this machine that lives as long as a test, bytes that
 * nobody can guess and everybody can make again, pictures, and hashes of what came back.
 */
import { createCipheriv, createHash, type Hash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { once } from 'node:events';
import { crc32, deflateSync } from 'node:zlib';

const MIB = 1024 * 1024;

/** A folder of its own in the system's temporary folder. */
export class FixtureFiles {
  readonly folder = mkdtempSync(join(tmpdir(), 'pyrgos-fixture-files-'));

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  /** Writes a file, with the folders above it. Its path. */
  file(name: string, content: string | Uint8Array): string {
    const path = this.path(name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  emptyFolder(name: string): string {
    const path = this.path(name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  /** A file of any size that is never in memory whole; its hash is known when it is written. */
  async largeFile(name: string, sizeBytes: number): Promise<{ path: string; sha256: string }> {
    const path = this.path(name);
    const file = createWriteStream(path);
    const hash = createHash('sha256');
    const next = keystream(name);
    for (let left = sizeBytes; left > 0; left -= MIB) {
      const piece = next(Math.min(left, MIB));
      hash.update(piece);
      if (!file.write(piece)) await once(file, 'drain');
    }
    file.end();
    await once(file, 'close');
    return { path, sha256: hash.digest('hex') };
  }
}

/** Bytes without any pattern, the same for the same seed. */
export function noise(seed: string, length: number): Buffer {
  return keystream(seed)(length);
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash: Hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
}

/** A PNG of one colour. */
export function picture(
  width: number,
  height: number,
  colour: readonly [number, number, number],
): Buffer {
  const row = Buffer.concat([Buffer.of(0), Buffer.alloc(width * 3, Buffer.from(colour))]);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const rows = Buffer.concat(Array.from({ length: height }, () => row));
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function keystream(seed: string): (length: number) => Buffer {
  const key = createHash('sha256').update(seed).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  return (length) => cipher.update(Buffer.alloc(length));
}
