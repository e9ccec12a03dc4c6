import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BadArchive, readTar, TarWriter } from './tar.ts';

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'pyrgos-tar-'));
  onTestFinished(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

const LONG = `blocks/${'o'.repeat(62)}/${'c'.repeat(50)}`;

async function archive(): Promise<string> {
  const path = join(folder(), 'a.tar');
  const tar = await TarWriter.create(path);
  await tar.add('short', new TextEncoder().encode('five!'), 1_800_000_000_000);
  await tar.add(LONG, new Uint8Array(1024).fill(7), 1_800_000_000_000);
  await tar.add('empty', new Uint8Array(), 0);
  await tar.finish();
  return path;
}

/** The archive with another size, and a checksum that agrees, in its first header. */
function resized(bytes: Buffer, octal: string): Buffer {
  bytes.write(octal, 124, 'latin1');
  return summed(bytes);
}

function summed(bytes: Buffer): Buffer {
  bytes.fill(' ', 148, 156);
  const sum = bytes.subarray(0, 512).reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

test('the tar of the system unpacks our archives', async () => {
  const target = folder();
  execFileSync('tar', ['xf', await archive(), '-C', target]);
  expect(readFileSync(join(target, 'short'), 'utf8')).toBe('five!');
  expect(readFileSync(join(target, LONG))).toEqual(Buffer.alloc(1024, 7));
  expect(readFileSync(join(target, 'empty'))).toHaveLength(0);
});

test('archives of the tar of the system can be read', async () => {
  const source = folder();
  writeFileSync(join(source, 'x'), 'content');
  const path = join(source, 'b.tar');
  execFileSync('tar', ['cf', path, '--format=ustar', '-C', source, 'x']);
  const read: string[] = [];
  for await (const entry of readTar(path)) {
    read.push(`${entry.name}=${Buffer.from(await entry.bytes()).toString()}`);
  }
  expect(read).toEqual(['x=content']);
});

test.each([
  ['cut in a header', (bytes: Buffer) => bytes.subarray(0, 700)],
  ['cut in content', (bytes: Buffer) => bytes.subarray(0, 1700)],
  ['without an end', (bytes: Buffer) => bytes.subarray(0, bytes.length - 1024)],
  ['with a changed header', (bytes: Buffer) => bytes.fill(0x41, 3, 4)],
  ['with an entry of less than nothing', (bytes: Buffer) => resized(bytes, '-0000001000')],
  ['with an entry beyond all bounds', (bytes: Buffer) => resized(bytes, '77777777777')],
  ['with a size in another notation', (bytes: Buffer) => resized(bytes, '\x80\0\0\0\x10')],
  ['with a name that is not UTF-8', (bytes: Buffer) => summed(bytes.fill(0xff, 0, 1))],
  ['of zeros and more', (bytes: Buffer) => bytes.fill(0x41, 0, 512)],
])('an archive %s is refused', async (_, damage) => {
  const path = await archive();
  writeFileSync(path, damage(readFileSync(path)));
  const read = async (): Promise<void> => {
    for await (const entry of readTar(path)) await entry.bytes();
  };
  await expect(read()).rejects.toBeInstanceOf(BadArchive);
});
