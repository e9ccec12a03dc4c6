/**
 * An archive past 4 GiB and past 65,535 entries at once, where every field has its 64-bit form. It
 * is written as a stream to a temporary file and read back by Python's zipfile and by 7-Zip.
 */
import { createWriteStream, mkdtempSync, rmSync, statfsSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { zipStream, type ZipEntry } from './index.ts';
import { has, run } from './testing.ts';

const GIB = 1024 ** 3;
const MODIFIED_MS = Date.UTC(2026, 0, 2, 3, 4, 6);
const SMALL_ENTRIES = 66_000;
/** One entry by itself is past 4 GiB; another begins past it. */
const LARGE_BYTES = 4 * GIB + 3;
const PIECE = new Uint8Array(1024 * 1024);
const ARCHIVE_BYTES = LARGE_BYTES + 32 * 1024 * 1024;

const folder = mkdtempSync(join(tmpdir(), 'zip-long-'));
const place = join(folder, 'large.zip');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Whether there is room for the archive here. */
function hasRoom(): boolean {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize > ARCHIVE_BYTES;
}

/** Zeros that end in the bytes of `end`, never whole in memory. */
function zeros(length: number, end: Uint8Array): ReadableStream<Uint8Array> {
  let left = length - end.length;
  return new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = PIECE.subarray(0, Math.min(left, PIECE.length));
        left -= piece.length;
        if (piece.length > 0) return controller.enqueue(piece);
        controller.enqueue(end);
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

async function* piecesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function* entries(): Generator<ZipEntry> {
  const modifiedMs = MODIFIED_MS;
  yield { path: 'first.txt', modifiedMs, content: bytes('first') };
  yield { path: 'many/', modifiedMs };
  for (let i = 0; i < SMALL_ENTRIES / 2; i++) {
    yield { path: `many/before ${i}`, modifiedMs, content: bytes(String(i)) };
  }
  yield { path: 'large.bin', modifiedMs, content: zeros(LARGE_BYTES, bytes('end')) };
  for (let i = 0; i < SMALL_ENTRIES / 2; i++) {
    yield { path: `many/after ${i}`, modifiedMs, content: bytes(String(i)) };
  }
  yield { path: 'last.txt', modifiedMs, content: bytes('last') };
}

/** All that is in the archive: two texts, a folder, the large file and the small ones. */
const COUNT = SMALL_ENTRIES + 4;

/** Checks every checksum, and tells the count, the large file's size and end, and what frames all. */
const READ_ALL = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
small = [i for i in z.infolist() if i.filename.startswith('many/') and not i.is_dir()]
assert all(z.read(i).decode() == i.filename.rsplit(' ', 1)[1] for i in small)
large = z.getinfo('large.bin')
with z.open(large) as f:
    f.seek(large.file_size - 4)
    end = f.read()
print(json.dumps({
    'count': len(z.infolist()),
    'names': len(set(z.namelist())),
    'largeBytes': large.file_size,
    'end': list(end),
    'first': z.read('first.txt').decode(),
    'last': z.read('last.txt').decode(),
    'lastOffset': z.getinfo('last.txt').header_offset,
}))
`;

describe.skipIf(!hasRoom())('an archive of 66,004 entries and more than 4 GiB', () => {
  let peakBytes = 0;
  beforeAll(async () => {
    const before = process.memoryUsage.rss();
    const timer = setInterval(() => {
      peakBytes = Math.max(peakBytes, process.memoryUsage.rss() - before);
    }, 100);
    await pipeline(piecesOf(zipStream(entries())), createWriteStream(place));
    clearInterval(timer);
  }, 1_200_000);

  test('is written as a stream, without holding it in memory', () => {
    expect(statSync(place).size).toBeGreaterThan(LARGE_BYTES);
    expect(statSync(place).size).toBeLessThan(ARCHIVE_BYTES);
    expect(peakBytes).toBeLessThan(GIB);
  });

  test.skipIf(!has('python3', '--version'))(
    'is read whole by Python',
    () => {
      const found = JSON.parse(run('python3', ['-c', READ_ALL, place])) as Record<string, unknown>;
      expect(found).toMatchObject({
        count: COUNT,
        names: COUNT,
        largeBytes: LARGE_BYTES,
        end: [0, ...bytes('end')],
        first: 'first',
        last: 'last',
      });
      expect(found['lastOffset']).toBeGreaterThan(LARGE_BYTES);
    },
    1_200_000,
  );

  test.skipIf(!has('7z', 'i'))(
    'is read whole by 7-Zip',
    () => {
      expect(run('7z', ['t', place])).toContain('Everything is Ok');
      const listed = run('7z', ['l', place]);
      const total = /(?<files>\d+) files, (?<folders>\d+) folders$/m.exec(listed)?.groups;
      expect({ ...total }).toEqual({ files: String(COUNT - 1), folders: '1' });
      expect(run('7z', ['l', '-slt', place, 'large.bin'])).toContain(`Size = ${LARGE_BYTES}`);
    },
    1_200_000,
  );
});
