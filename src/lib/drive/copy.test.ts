import { beforeAll, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { createTestDrive, namesOf, patternOf, put } from './testing.ts';
import type { Progress } from './types.ts';

beforeAll(() => startCrypto());

/** Bytes of a chunk in these tests. */
const CHUNK = 64;

describe('a copy', () => {
  it('says how far it is, of all that is below', async () => {
    const { drive } = await createTestDrive({ chunkBytes: CHUNK });
    const home = await drive.home();
    const from = await drive.makeDirectory(home, 'from');
    await put(drive, from, 'large', patternOf(9 * CHUNK));
    await put(drive, from, 'small', patternOf(10));
    const to = await drive.makeDirectory(home, 'to');
    const told: Progress[] = [];
    const row = await drive.find(home, 'from');
    await drive.copy(home, [row!], to, { onProgress: (progress) => told.push(progress) });
    expect(told.at(-1)).toMatchObject({
      doneBytes: 9 * CHUNK + 10,
      totalBytes: 9 * CHUNK + 10,
      filesDone: 2,
      files: 2,
    });
  });

  it('that is cancelled leaves no record, since its source cannot be chosen again', async () => {
    const { drive } = await createTestDrive({ chunkBytes: CHUNK });
    const home = await drive.home();
    await put(drive, home, 'large', patternOf(30 * CHUNK));
    const to = await drive.makeDirectory(home, 'to');
    const row = await drive.find(home, 'large');
    const stop = new AbortController();
    const copying = drive.copy(home, [row!], to, {
      signal: stop.signal,
      onProgress: ({ doneBytes }) => doneBytes > 12 * CHUNK && stop.abort(),
    });
    await expect(copying).rejects.toMatchObject({ name: 'AbortError' });
    expect(await drive.uploads().list()).toEqual([]);
    expect(await namesOf(drive, to)).toEqual([]);
  });
});

describe('a deletion', () => {
  it('says how much it has found, and takes nothing when it is called off before its end', async () => {
    const { drive } = await createTestDrive({ chunkBytes: CHUNK });
    const home = await drive.home();
    const tree = await drive.makeDirectory(home, 'tree');
    for (const name of ['a', 'b', 'c']) await put(drive, tree, name, patternOf(10));
    const row = await drive.find(home, 'tree');
    const stop = new AbortController();
    const counts: number[] = [];
    const removing = drive.remove(home, [row!], {
      signal: stop.signal,
      onFound(count) {
        counts.push(count);
        if (count === 4) stop.abort();
      },
    });
    await expect(removing).rejects.toMatchObject({ name: 'AbortError' });
    expect(counts).toEqual([1, 4]);
    expect(await namesOf(drive, tree)).toEqual(['a', 'b', 'c']);
  });
});
