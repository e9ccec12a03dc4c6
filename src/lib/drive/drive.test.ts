import { describe, expect, it } from 'vitest';
import { bytesSource } from './index.ts';
import { bytesOf, createTestDrive, namesOf, patternOf, put, ownRowsOf, rowsOf } from './testing.ts';

describe('a drive', () => {
  it('begins empty, and holds what was put in', async () => {
    const { drive, another } = await createTestDrive();
    const home = await drive.home();
    expect(await namesOf(drive, home)).toEqual([]);
    const photos = await drive.makeDirectory(home, 'photos');
    await put(drive, photos, 'a.txt', patternOf(100));
    const other = another();
    const found = await other.resolve(['photos', 'a.txt']);
    expect(found.properties).toMatchObject({ name: 'a.txt', sizeBytes: 100, isHidden: false });
    expect(await bytesOf(other, found)).toEqual(patternOf(100));
    expect(await rowsOf(other, await other.home())).toMatchObject([
      { name: 'photos', isDirectory: true, mimeType: '' },
    ]);
  });

  it('stores files of several chunks, in one commit or several', async () => {
    const { drive } = await createTestDrive({ chunkBytes: 5000 });
    const home = await drive.home();
    for (const size of [0, 1, 4999, 5000, 5001, 20_000, 20_001, 43_210]) {
      const file = await put(drive, home, `${size}`, patternOf(size, size));
      expect(file.properties.sizeBytes).toBe(size);
      expect(await bytesOf(drive, file)).toEqual(patternOf(size, size));
      const middle = Math.floor(size / 2);
      expect(await bytesOf(drive, file, middle, middle + 6000)).toEqual(
        patternOf(size, size).slice(middle, middle + 6000),
      );
    }
    expect(await drive.uploads().list()).toEqual([]);
  });

  it('overwrites, appends, truncates and replaces', async () => {
    const { drive } = await createTestDrive({ chunkBytes: 64 });
    const home = await drive.home();
    let file = await put(drive, home, 'f', patternOf(300));
    let model = patternOf(300);
    const check = async () => expect(await bytesOf(drive, file)).toEqual(model);
    file = await drive.overwrite(file, 60, bytesSource(patternOf(80, 5)));
    model.set(patternOf(80, 5), 60);
    await check();
    file = await drive.append(file, bytesSource(patternOf(100, 9)));
    model = new Uint8Array([...model, ...patternOf(100, 9)]);
    await check();
    for (const size of [390, 128, 64, 10, 0]) {
      file = await drive.truncate(file, size);
      model = model.slice(0, size);
      await check();
    }
    file = await drive.append(file, bytesSource(patternOf(200, 3)));
    model = patternOf(200, 3);
    await check();
    for (const size of [500, 129, 64, 0, 10]) {
      model = patternOf(size, 7);
      file = await drive.replaceContent(file, bytesSource(model));
      await check();
    }
  });

  it('moves, renames, copies and deletes', async () => {
    const { drive } = await createTestDrive({ chunkBytes: 64 });
    const home = await drive.home();
    const a = await drive.makeDirectory(home, 'a');
    const b = await drive.makeDirectory(home, 'b');
    await put(drive, a, 'f.txt', patternOf(500));
    await drive.rename(a, (await drive.find(a, 'f.txt'))!, 'g.txt');
    await drive.move(a, await rowsOf(drive, a), b);
    expect(await namesOf(drive, a)).toEqual([]);
    expect(await namesOf(drive, b)).toEqual(['g.txt']);
    await drive.copy(home, [(await drive.find(home, 'b'))!], a);
    expect(await bytesOf(drive, await drive.resolve(['a', 'b', 'g.txt']))).toEqual(patternOf(500));
    await drive.copy(b, await rowsOf(drive, b), b);
    expect(await namesOf(drive, b)).toEqual(['g (copy).txt', 'g.txt']);
    await drive.remove(home, await ownRowsOf(drive, home));
    expect(await namesOf(drive, home)).toEqual(['.transactions']);
  });
});
