/** Archives are read back by programs that are not ours: fflate, Python's zipfile, unzip, 7-Zip. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isZipPath, leftOutEntry, zipStream, type ZipEntry } from './index.ts';
import { has, run } from './testing.ts';

const MODIFIED_MS = Date.UTC(2026, 0, 2, 3, 4, 6);
let folder = '';
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'zip-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (path: string, text: string): ZipEntry => ({
  path,
  modifiedMs: MODIFIED_MS,
  content: new TextEncoder().encode(text),
});

async function archiveOf(entries: Iterable<ZipEntry>): Promise<Uint8Array> {
  return new Uint8Array(await new Response(zipStream(entries)).arrayBuffer());
}

function* numbered(count: number): Generator<ZipEntry> {
  for (let i = 0; i < count; i++) yield entry(`many/f${i}`, 'A');
}

/** Each fails on an archive that is not sound, and tells how many entries it holds. */
const READERS = [
  {
    name: 'Python',
    isHere: has('python3', '--version'),
    count: (path: string) =>
      run('python3', [
        '-c',
        'import sys,zipfile\nz=zipfile.ZipFile(sys.argv[1])\n[z.read(n) for n in z.namelist()[-50:]]\nprint(len(z.namelist()))',
        path,
      ]),
  },
  {
    name: 'unzip',
    isHere: has('unzip', '-v'),
    count: (path: string) => {
      run('unzip', ['-tqq', path]);
      return /(?<files>\d+) files?/.exec(run('unzip', ['-l', path]))?.groups?.['files'];
    },
  },
  {
    name: '7-Zip',
    isHere: has('7z', 'i'),
    count: (path: string) => {
      run('7z', ['t', path]);
      return /(?<files>\d+) files$/m.exec(run('7z', ['l', path]))?.groups?.['files'];
    },
  },
];

describe('an archive', () => {
  test('holds files and empty folders under their paths', async () => {
    const bytes = await archiveOf([
      entry('docs/a.txt', 'a'),
      { path: 'docs/empty/', modifiedMs: MODIFIED_MS },
      entry('docs/ünï.txt', 'u'),
    ]);
    const files = Object.entries(unzipSync(bytes)).map(([path, content]) => [
      path,
      new TextDecoder().decode(content),
    ]);
    expect(Object.fromEntries(files)).toEqual({
      'docs/a.txt': 'a',
      'docs/empty/': '',
      'docs/ünï.txt': 'u',
    });
  });

  test('comes in pieces of any size without a difference', async () => {
    const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251);
    const sizes = [1, 7, 21, 22, 23, 500, 426];
    let at = 0;
    const content = new ReadableStream<Uint8Array>({
      pull(controller) {
        const size = sizes.shift();
        if (size === undefined) return controller.close();
        controller.enqueue(bytes.slice(at, (at += size)));
      },
    });
    const archive = await archiveOf([{ path: 'x.bin', modifiedMs: MODIFIED_MS, content }]);
    expect(unzipSync(archive)['x.bin']).toEqual(bytes);
  });

  test('breaks where the content of an entry breaks', async () => {
    const content = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new Error('The file is damaged.')),
    });
    const broken = archiveOf([{ path: 'x.bin', modifiedMs: MODIFIED_MS, content }]);
    await expect(broken).rejects.toThrow('The file is damaged.');
  });

  test('lists what it lacks in a file of its own', async () => {
    const leftOut = [{ path: 'bad.txt', reason: 'This file is damaged.' }];
    const archive = await archiveOf([leftOutEntry('Lost.txt', leftOut, MODIFIED_MS)]);
    const list = new TextDecoder().decode(unzipSync(archive)['Lost.txt']);
    expect(list).toBe('bad.txt: This file is damaged.\r\n');
  });

  test('takes no path of more than 65,535 bytes', () => {
    expect(isZipPath('a/'.repeat(30_000))).toBe(true);
    expect(isZipPath('ü'.repeat(32_767))).toBe(true);
    expect(isZipPath('ü'.repeat(32_768))).toBe(false);
    expect(isZipPath('a'.repeat(65_536))).toBe(false);
  });

  describe.each([0, 1, 65_534, 65_535, 65_536])('of %i entries', (count) => {
    let path = '';
    beforeAll(async () => {
      path = join(folder, `${count}.zip`);
      writeFileSync(path, await archiveOf(numbered(count)));
    }, 60_000);

    for (const reader of READERS) {
      // unzip and 7-Zip call an empty archive a warning or none.
      test.skipIf(!reader.isHere || (count === 0 && reader.name !== 'Python'))(
        `is read whole by ${reader.name}`,
        () => {
          expect(Number(reader.count(path))).toBe(count);
        },
      );
    }
  });
});
