import { describe, expect, it } from 'vitest';
import { bytesSource, NameAmbiguous, NameExists, type Drive, type Handle } from './index.ts';
import { bytesOf, createTestDrive, namesOf, patternOf, put } from './testing.ts';

const [COMPOSED, DECOMPOSED] = ['Überblick.txt'.normalize('NFC'), 'Überblick.txt'.normalize('NFD')];
/** Ångström sign, letter with ring, and letter and ring apart: three spellings of one name. */
const [SIGN, LETTER, APART] = ['\u212B', '\u00C5', 'A\u030A'];

/** As another client stores them: two spellings of one name. */
async function withTwins(): Promise<{ drive: Drive; home: Handle }> {
  const { drive } = await createTestDrive();
  const home = await drive.home();
  const items = [COMPOSED, DECOMPOSED].map((name, i) => ({
    path: [name],
    source: bytesSource(patternOf(10, i)),
  }));
  await drive.upload(home, items);
  return { drive, home };
}

const row = async (drive: Drive, folder: Handle, name: string) =>
  (await drive.find(folder, name)) ?? expect.fail(`${name} is not there`);

describe('names in several spellings', () => {
  it('are found by every spelling, and stay as they were stored', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await drive.makeDirectory(home, APART);
    await put(drive, await drive.resolve([APART]), DECOMPOSED, patternOf(7));
    for (const name of [SIGN, LETTER, APART]) {
      const file = await drive.resolve([name, COMPOSED]);
      expect(file.name).toBe(DECOMPOSED);
      expect(await bytesOf(drive, file)).toEqual(patternOf(7));
    }
    expect(await namesOf(drive, home)).toEqual([APART]);
  });

  it('count as taken for a folder, a name and a move', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await put(drive, home, DECOMPOSED, patternOf(1));
    await put(drive, home, 'other', patternOf(2));
    const folder = await drive.makeDirectory(home, 'folder');
    await put(drive, folder, COMPOSED, patternOf(3));
    await expect(drive.makeDirectory(home, COMPOSED)).rejects.toThrow(NameExists);
    const other = await row(drive, home, 'other');
    await expect(drive.rename(home, other, COMPOSED)).rejects.toThrow(NameExists);
    const inner = await row(drive, folder, COMPOSED);
    await expect(drive.move(folder, [inner], home)).rejects.toThrow(NameExists);
    await drive.move(folder, [inner], home, { onConflict: 'replace' });
    expect((await namesOf(drive, home)).sort()).toEqual([COMPOSED, 'folder', 'other'].sort());
    expect(await bytesOf(drive, await drive.resolve([DECOMPOSED]))).toEqual(patternOf(3));
  });

  it.each([
    [undefined, 'refused', [DECOMPOSED]],
    ['skip', 0, [DECOMPOSED]],
    ['replace', 1, [DECOMPOSED]],
    ['keep-both', 0, [DECOMPOSED, 'Überblick (copy).txt'.normalize('NFC')]],
  ] as const)('go by the choice “%s” in an upload', async (onConflict, salt, names) => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await put(drive, home, DECOMPOSED, patternOf(9, 0));
    const items = [{ path: [COMPOSED], source: bytesSource(patternOf(9, 1)) }];
    const options = onConflict === undefined ? {} : { onConflict };
    const stored = drive.upload(home, items, options);
    if (salt === 'refused') await expect(stored).rejects.toThrow(NameExists);
    else await stored;
    expect(await namesOf(drive, home)).toEqual(names);
    const content = await bytesOf(drive, await drive.resolve([DECOMPOSED]));
    expect(content).toEqual(patternOf(9, salt === 1 ? 1 : 0));
  });

  it('may be changed into one another by a rename', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    await put(drive, home, DECOMPOSED, patternOf(1));
    await drive.rename(home, await row(drive, home, DECOMPOSED), COMPOSED);
    expect(await namesOf(drive, home)).toEqual([COMPOSED]);
  });

  it('stay apart where both are there, by their exact spelling', async () => {
    const { drive, home } = await withTwins();
    for (const [i, name] of [COMPOSED, DECOMPOSED].entries()) {
      expect(await bytesOf(drive, await drive.resolve([name]))).toEqual(patternOf(10, i));
    }
    const third = 'U\u0308berblick.txt'.replace('U\u0308', '\u00DC');
    expect(third).toBe(COMPOSED);
    await drive.makeDirectory(home, 'to');
    const rows = [await row(drive, home, COMPOSED), await row(drive, home, DECOMPOSED)];
    await drive.move(home, rows, await drive.resolve(['to']));
    await drive.copy(home, [await row(drive, home, 'to')], home);
    for (const folder of ['to', 'to (copy)']) {
      const there = await namesOf(drive, await drive.resolve([folder]));
      expect(there.sort()).toEqual([COMPOSED, DECOMPOSED].sort());
    }
  });

  it('are named as ambiguous where none is exact', async () => {
    const { drive } = await createTestDrive();
    const home = await drive.home();
    const items = [SIGN, APART].map((name) => ({
      path: [name],
      source: bytesSource(patternOf(1)),
    }));
    await drive.upload(home, items);
    await expect(drive.find(home, LETTER)).rejects.toThrow(NameAmbiguous);
    await expect(drive.resolve([LETTER])).rejects.toThrow(NameAmbiguous);
    expect((await drive.resolve([SIGN])).name).toBe(SIGN);
  });
});
