import { randomBytes } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, statSync, truncateSync, utimesSync } from 'node:fs';
import { appendFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localFile } from './local-file.ts';

let folder: string;
let place: string;
const content = randomBytes(100_000);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'pyrgos-local-file-'));
  place = join(folder, 'file');
  writeFileSync(place, content);
  utimesSync(place, 1_700_000_000, 1_700_000_000.5);
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = () => localFile(place, statSync(place, { bigint: true }));

it('says what the file is', () => {
  expect(source().sizeBytes).toBe(100_000);
  expect(source().modified).toEqual({ seconds: 1_700_000_000, nanos: 500_000_000 });
});

it('reads any piece, into memory of its own', async () => {
  const file = source();
  for (const [start, end] of [
    [0, 100_000],
    [0, 0],
    [1, 70_000],
    [99_999, 100_000],
  ] as const) {
    const piece = await file.read(start, end);
    expect(Buffer.from(piece).equals(content.subarray(start, end))).toBe(true);
    expect(piece.buffer.byteLength).toBe(end - start);
    expect(structuredClone(piece, { transfer: [piece.buffer as ArrayBuffer] })).toEqual(
      new Uint8Array(content.subarray(start, end)),
    );
  }
});

it.each<[string, () => void]>([
  ['longer', () => appendFileSync(place, 'x')],
  ['shorter', () => truncateSync(place, 50_000)],
  ['written anew at another time', () => writeFileSync(place, content)],
  [
    'another one of the same size and time',
    () => {
      writeFileSync(`${place}.new`, content);
      utimesSync(`${place}.new`, 1_700_000_000, 1_700_000_000.5);
      renameSync(`${place}.new`, place);
    },
  ],
  ['gone', () => rmSync(place)],
])('is not read on when it is %s', async (_, change) => {
  const file = source();
  await file.read(0, 10);
  change();
  await expect(file.read(10, 60_000)).rejects.toMatchObject({ name: 'SourceChanged' });
});

it('tells an interruption as what it is', async () => {
  const stop = AbortSignal.abort(new Error('enough'));
  await expect(source().read(0, 10, stop)).rejects.toThrow('enough');
});
