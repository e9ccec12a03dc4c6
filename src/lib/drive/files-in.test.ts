/** What rooms above use: many files in one commit, and writing only what was not changed. */
import { describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { FileChangedMeanwhile, NameExists } from './errors.ts';
import { ensureFolder, writeFilesIn } from './small-files.ts';
import { bytesSource } from './sources.ts';
import {
  bytesOf,
  countMapped,
  countReachable,
  createTestDrive,
  namesOf,
  patternOf,
  put,
} from './testing.ts';

const CHUNK = 100;

describe('files put into a folder by one change', () => {
  it('are new ones and replaced ones of any size, and nothing is left over', async () => {
    const test = await createTestDrive({ chunkBytes: CHUNK });
    const { drive } = test;
    await drive.makeDirectory(await drive.home(), 'box');
    const contents = { small: patternOf(10), large: patternOf(1050), empty: patternOf(0) };
    const write = (files: Readonly<Record<string, Uint8Array>>) =>
      drive.change(async (change, home) => {
        const folder = await ensureFolder(change, home, 'box');
        const list = Object.entries(files).map(([name, bytes]) => ({
          name,
          source: bytesSource(bytes),
        }));
        await writeFilesIn(change, folder, list);
      });
    const check = async (expected: Readonly<Record<string, Uint8Array>>) => {
      const box = await drive.resolve(['box']);
      expect(await namesOf(drive, box)).toEqual(Object.keys(expected).sort());
      for (const [name, bytes] of Object.entries(expected)) {
        expect(await bytesOf(drive, await drive.resolve(['box', name])), name).toEqual(bytes);
      }
      const reachable = await countReachable(drive, test, await drive.home(), CHUNK);
      expect(await countMapped(test)).toBe(reachable);
    };
    await write(contents);
    await check(contents);
    const next = { ...contents, small: patternOf(750, 1), large: patternOf(20, 2) };
    await write(next);
    await check(next);
  });

  it('are refused, all of them, where a folder has one of their names', async () => {
    const { drive } = await createTestDrive();
    await drive.makeDirectory(await drive.home(), 'b');
    const files = ['a', 'b'].map((name) => ({ name, source: bytesSource(utf8('x')) }));
    const writing = drive.change((change, home) => writeFilesIn(change, home, files));
    await expect(writing).rejects.toThrow(NameExists);
    expect(await namesOf(drive, await drive.home())).toEqual(['b']);
  });
});

describe('a file that is written only if it is unchanged', () => {
  it('is written once, and then only from its new handle', async () => {
    const { drive, another } = await createTestDrive();
    const file = await put(drive, await drive.home(), 'a', utf8('one'));
    const unchanged = { unchangedSince: file };
    const written = await drive.replaceContent(file, bytesSource(utf8('two')), unchanged);
    const again = drive.replaceContent(file, bytesSource(utf8('six')), unchanged);
    await expect(again).rejects.toThrow(FileChangedMeanwhile);
    expect(await bytesOf(another(), written)).toEqual(utf8('two'));
    await drive.replaceContent(written, bytesSource(utf8('ten')), { unchangedSince: written });
    expect(await bytesOf(another(), written)).toEqual(utf8('ten'));
  });
});
