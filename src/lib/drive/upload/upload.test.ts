import { describe, expect, it } from 'vitest';
import type { StorageNode } from '#lib/node/index.ts';
import { observed, tally } from '#lib/writers/testing.ts';
import { bytesSource, type ByteSource, type Progress } from '../index.ts';
import {
  bytesOf,
  countMapped,
  countReachable,
  createTestDrive,
  namesOf,
  patternOf,
  put,
  rowsOf,
} from '../testing.ts';

const CHUNK = 64;
const MODIFIED_MS = 1_700_000_000_000;

/** A source that does something before it gives a piece. */
function watched(bytes: Uint8Array, before: (start: number) => void): ByteSource {
  return {
    sizeBytes: bytes.length,
    modifiedMs: MODIFIED_MS,
    read: async (start, end) => {
      before(start);
      return Promise.resolve(bytes.slice(start, end));
    },
  };
}

async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error as Error).name,
  );
}

describe('many small files', () => {
  it(
    'take a few commits, and their folder is rewritten once in each',
    { timeout: 60_000 },
    async () => {
      const test = await createTestDrive();
      const { calls, node } = observed(test.account.node);
      const drive = test.another(node);
      const home = await drive.home();
      calls.length = 0;
      const seen: Progress[] = [];
      const items = Array.from({ length: 1000 }, (_, i) => ({
        path: [`f${i}`],
        source: bytesSource(patternOf(4096, i)),
      }));
      await drive.upload(home, items, { onProgress: (progress) => seen.push(progress) });
      const { 'pointers.set': commits, 'blocks.put': puts } = tally(calls);
      expect(commits).toBeLessThanOrEqual(3);
      expect(puts).toBeLessThanOrEqual(40);
      expect(seen.at(-1)).toEqual({
        doneBytes: 4_096_000,
        totalBytes: 4_096_000,
        filesDone: 1000,
        files: 1000,
      });
      const rows = await rowsOf(drive, home);
      expect(rows).toHaveLength(1000);
      const children = await drive.openMany(home, rows.slice(0, 40));
      expect(children.every((child) => !(child instanceof Error))).toBe(true);
      await drive.remove(home, rows);
      expect(await countMapped(test)).toBe(2);
    },
  );

  it('in nested folders make the folders, empty ones too', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await drive.upload(home, [
      { path: ['a', 'b', 'f'], source: bytesSource(patternOf(5)) },
      { path: ['a', 'empty'] },
      { path: ['a', 'secret'], hidden: true },
      { path: ['g'], source: bytesSource(patternOf(6)) },
    ]);
    expect(await namesOf(drive, home)).toEqual(['a', 'g']);
    expect(await namesOf(drive, await drive.resolve(['a']))).toEqual(['b', 'empty', 'secret']);
    expect((await drive.resolve(['a', 'secret'])).properties.isHidden).toBe(true);
    expect(await bytesOf(drive, await drive.resolve(['a', 'b', 'f']))).toEqual(patternOf(5));
  });
});

describe('a taken name', () => {
  it('is refused before anything is read, unless told what to do', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await put(drive, home, 'f', patternOf(10));
    let reads = 0;
    const source = watched(patternOf(20), () => reads++);
    const item = { path: ['f'], source };
    expect(await failureOf(drive.upload(home, [item]))).toBe('NameExists');
    expect(await drive.upload(home, [item], { onConflict: 'skip' })).toEqual([
      { path: ['f'], outcome: 'skipped' },
    ]);
    expect(reads).toBe(0);
    await drive.upload(home, [item], { onConflict: 'keep-both' });
    expect(await namesOf(drive, home)).toEqual(['f', 'f (copy)']);
  });

  it('replaced keeps the capability, and the same content is not written again', async () => {
    const test = await createTestDrive();
    const { drive } = test;
    const home = await drive.home();
    const before = await put(drive, home, 'f', patternOf(10));
    const after = await put(drive, home, 'f', patternOf(20), { onConflict: 'replace' });
    expect(after.capability.mapKey).toEqual(before.capability.mapKey);
    expect(after.capability.readKey.equals(before.capability.readKey)).toBe(true);
    expect(after.properties.created).toEqual(before.properties.created);
    expect(await bytesOf(drive, before)).toEqual(patternOf(20));
    const item = { path: ['f'], source: bytesSource(patternOf(20)) };
    expect(await drive.upload(home, [item], { onConflict: 'replace' })).toEqual([
      { path: ['f'], outcome: 'unchanged' },
    ]);
  });
});

describe('a large upload', () => {
  const LARGE = patternOf(21 * CHUNK + 9);

  it('that is aborted shows nothing, is listed, goes on where it was, and leaves nothing over', async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const { drive } = test;
    const home = await drive.home();
    const abort = new AbortController();
    const first = watched(LARGE, (start) => {
      if (start >= 13 * CHUNK) abort.abort(new Error('enough'));
    });
    const options = { signal: abort.signal };
    const upload = drive.upload(home, [{ path: ['large'], source: first }], options);
    await expect(upload).rejects.toThrow('enough');
    expect(await namesOf(drive, home)).toEqual(['.transactions']);
    const [open] = await drive.uploads().list();
    expect(open).toMatchObject({
      path: ['alice', 'large'],
      sizeBytes: LARGE.length,
      isResumable: true,
      isRunning: false,
    });
    const { calls, node } = observed(test.account.node);
    const later = test.another(node);
    await later.upload(home, [{ path: ['large'], source: watched(LARGE, () => undefined) }]);
    expect(await bytesOf(later, await later.resolve(['large']))).toEqual(LARGE);
    // Eight chunks were there; the other fourteen take four commits and the beginning one.
    expect(tally(calls)['pointers.set']).toBeLessThanOrEqual(5);
    expect(await later.uploads().list()).toEqual([]);
    const reachable = await countReachable(drive, test, home, CHUNK);
    expect(await countMapped(test)).toBe(reachable);
  });

  it('of other bytes under the same name and time does not go on from the old ones', async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const { drive } = test;
    const home = await drive.home();
    const abort = new AbortController();
    const first = watched(LARGE, (start) => {
      if (start >= 13 * CHUNK) abort.abort();
    });
    await failureOf(drive.upload(home, [{ path: ['f'], source: first }], { signal: abort.signal }));
    const other = patternOf(LARGE.length, 1);
    await drive.upload(home, [{ path: ['f'], source: watched(other, () => undefined) }]);
    expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(other);
    const reachable = await countReachable(drive, test, home, CHUNK);
    expect(await countMapped(test)).toBe(reachable);
  });

  it('sends what comes next while a pointer moves, and leaves no transaction open', async () => {
    const test = await createTestDrive({ chunkBytes: 131_072 });
    const { node } = test.account;
    const open = new Set<string>();
    const sentAtMoves: number[] = [];
    let sent = 0;
    const slow: StorageNode = {
      ...node,
      blocks: {
        ...node.blocks,
        async startTransaction(owner) {
          const tid = await node.blocks.startTransaction(owner);
          open.add(tid);
          return tid;
        },
        async closeTransaction(owner, tid) {
          await node.blocks.closeTransaction(owner, tid);
          open.delete(tid);
        },
        async put(...request) {
          const cids = await node.blocks.put(...request);
          if (request[3] === 'raw') sent += cids.length;
          return cids;
        },
      },
      pointers: {
        ...node.pointers,
        async set(...move) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          sentAtMoves.push(sent);
          await node.pointers.set(...move);
        },
      },
    };
    const drive = test.another(slow);
    const bytes = patternOf(22 * 131_072 - 9); // one fragment a chunk
    await put(drive, await drive.home(), 'f', bytes);
    expect(open).toEqual(new Set());
    // The record; commits of four chunks, by then more of them are sent; the last two chunks.
    const isMore = sentAtMoves.map((count, commit) => count > 4 * commit);
    expect(isMore).toEqual([false, true, true, true, true, false, false]);
    expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(bytes);
  });

  it('can be cleared', async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const { drive } = test;
    const home = await drive.home();
    const abort = new AbortController();
    const source = watched(LARGE, (start) => {
      if (start >= 13 * CHUNK) abort.abort();
    });
    await failureOf(drive.upload(home, [{ path: ['f'], source }], { signal: abort.signal }));
    for (const open of await drive.uploads().list()) await drive.uploads().clear(open);
    expect(await drive.uploads().list()).toEqual([]);
    expect(await countMapped(test)).toBe(2);
  });

  it.each(['new', 'replaced'])(
    'whose source is cut meanwhile leaves no trace (%s)',
    async (kind) => {
      const test = await createTestDrive({ chunkBytes: CHUNK });
      const { drive } = test;
      const home = await drive.home();
      const old = patternOf(9 * CHUNK, 5);
      if (kind === 'replaced') await put(drive, home, 'f', old);
      const source: ByteSource = {
        sizeBytes: LARGE.length,
        read: (start, end) => Promise.resolve(LARGE.slice(start, Math.min(end, 15 * CHUNK))),
      };
      const upload = drive.upload(home, [{ path: ['f'], source }], { onConflict: 'replace' });
      expect(await failureOf(upload)).toBe('SourceChanged');
      if (kind === 'replaced') {
        expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(old);
      } else expect(await drive.find(home, 'f')).toBeUndefined();
      expect(await drive.uploads().list()).toEqual([]);
      const reachable = await countReachable(drive, test, home, CHUNK);
      expect(await countMapped(test)).toBe(reachable);
    },
  );

  it('waits when it is told to, and holds few chunks in memory', async () => {
    const { drive } = await createTestDrive({ chunkBytes: CHUNK });
    const home = await drive.home();
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    let reads = 0;
    const upload = drive.upload(home, [{ path: ['f'], source: watched(LARGE, () => reads++) }], {
      pace: () => (reads < 8 ? Promise.resolve() : gate),
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(reads).toBeLessThanOrEqual(13);
    go();
    await upload;
    expect(await bytesOf(drive, await drive.resolve(['f']))).toEqual(LARGE);
  });

  it('cannot run twice at once to the same place', async () => {
    const { drive } = await createTestDrive({ chunkBytes: CHUNK });
    const home = await drive.home();
    const item = () => [{ path: ['f'], source: watched(LARGE, () => undefined) }];
    const results = await Promise.all([
      failureOf(drive.upload(home, item())),
      failureOf(drive.upload(home, item())),
    ]);
    expect(results.sort()).toEqual(['AlreadyUploading', 'none']);
  });
});

it('a small picture is made for what has one, and failing to is no error', async () => {
  const jpeg = Uint8Array.from([0xff, 0xd8, ...patternOf(100)]);
  let asked = 0;
  const { drive } = await createTestDrive({
    chunkBytes: CHUNK,
    thumbnailer: (source) => {
      asked++;
      if (source.sizeBytes === jpeg.length) return Promise.reject(new Error('broken'));
      return Promise.resolve({ mimeType: 'image/webp', bytes: Uint8Array.of(1, 2, 3) });
    },
  });
  const home = await drive.home();
  expect((await put(drive, home, 'a.jpg', jpeg)).properties.thumbnail).toBeUndefined();
  for (const length of [200, 500]) {
    const image = Uint8Array.from([0xff, 0xd8, ...patternOf(length)]);
    const { properties } = await put(drive, home, `${length}.jpg`, image);
    expect(properties).toMatchObject({
      mimeType: 'image/jpg',
      thumbnail: { mimeType: 'image/webp', bytes: Uint8Array.of(1, 2, 3) },
    });
  }
  await put(drive, home, 'a.txt', new TextEncoder().encode('x'.repeat(50)));
  expect(asked).toBe(3);
});

describe('two devices at once', () => {
  it('changing one folder lose nothing', { timeout: 60_000 }, async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const home = await test.drive.home();
    const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
    const devices = [0, 1, 2].map(() => test.another(undefined, { pause }));
    const work = devices.map(async (drive, d) => {
      for (let i = 0; i < 6; i++) {
        await put(drive, home, `f${d}-${i}`, patternOf(20, i));
        if (i % 2 === 1) {
          const row = await drive.find(home, `f${d}-${i}`);
          await drive.rename(home, row!, `r${d}-${i}`);
        }
      }
    });
    await Promise.all(work);
    const expected = [0, 1, 2].flatMap((d) =>
      [0, 1, 2, 3, 4, 5].map((i) => `${i % 2 === 1 ? 'r' : 'f'}${d}-${i}`),
    );
    expect(await namesOf(test.drive, home)).toEqual(expected.sort());
    const reachable = await countReachable(test.drive, test, home, CHUNK);
    expect(await countMapped(test)).toBe(reachable);
  });

  it('uploading beside each other do not disturb each other', { timeout: 60_000 }, async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const home = await test.drive.home();
    const folders = await Promise.all([0, 1].map((d) => test.drive.makeDirectory(home, `d${d}`)));
    await Promise.all(
      folders.map((folder, d) =>
        test
          .another()
          .upload(folder, [{ path: ['large'], source: bytesSource(patternOf(30 * CHUNK, d)) }]),
      ),
    );
    for (const d of [0, 1]) {
      const file = await test.drive.resolve([`d${d}`, 'large']);
      expect(await bytesOf(test.drive, file)).toEqual(patternOf(30 * CHUNK, d));
    }
  });
});
