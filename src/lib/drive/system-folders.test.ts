/** Names and folders of the app: the drive keeps them, whichever front end asks. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import { bytesSource, type Handle } from './index.ts';
import { createTestDrive, namesOf, rowsOf, type TestDrive } from './testing.ts';

const SYSTEM_NAMES = ['shared', '.transactions', '.capabilitycache', '.trash'];
const PROTOCOL_NAMES = SYSTEM_NAMES.filter((name) => name !== '.trash');

beforeAll(() => startCrypto());

let test: TestDrive;
let home: Handle;
beforeEach(async () => {
  test = await createTestDrive();
  await test.drive.makeSystemFolders(SYSTEM_NAMES.map((name) => [name]));
  await test.drive.upload(await test.drive.home(), [
    { path: ['docs', 'shared', 'a.txt'], source: bytesSource(Uint8Array.of(1)) },
    { path: ['b.txt'], source: bytesSource(Uint8Array.of(2)) },
  ]);
  home = await test.drive.home();
});

const rowOf = async (name: string, folder = home) =>
  (await rowsOf(test.drive, folder)).find((row) => row.name === name)!;

describe.each(SYSTEM_NAMES)('the name %s', (name) => {
  it('cannot be given to anything in the home', async () => {
    const { drive } = test;
    const reserved = { name: 'NameReserved', message: expect.stringContaining(name) };
    await expect(drive.makeDirectory(home, name)).rejects.toMatchObject(reserved);
    await expect(drive.rename(home, await rowOf('b.txt'), name)).rejects.toMatchObject(reserved);
    const copied = drive.copy(home, [await rowOf('b.txt')], home, { newName: name });
    await expect(copied).rejects.toMatchObject(reserved);
    const docs = await drive.resolve(['docs']);
    const below = await drive.makeDirectory(docs, name).catch(() => drive.resolve(['docs', name]));
    expect(below.name).toBe(name);
    const row = await rowOf(name, docs);
    await expect(drive.move(docs, [row], home)).rejects.toMatchObject(reserved);
    await expect(drive.copy(docs, [row], home)).rejects.toMatchObject(reserved);
  });

  it('does not swallow what is uploaded', async () => {
    const { drive } = test;
    const source = bytesSource(Uint8Array.of(3));
    await drive.upload(home, [{ path: [name, 'mine.txt'], source }]);
    expect(await namesOf(drive, await drive.resolve([name]))).toEqual([]);
    expect(await namesOf(drive, await drive.resolve([`${name} (copy)`]))).toEqual(['mine.txt']);
  });

  it('belongs to a folder that cannot be moved, renamed or removed', async () => {
    const { drive } = test;
    const kept = { name: 'SystemFolderKept', message: expect.stringContaining(name) };
    const row = await rowOf(name);
    const docs = await drive.resolve(['docs']);
    await expect(drive.remove(home, [row])).rejects.toMatchObject(kept);
    await expect(drive.rename(home, row, 'mine')).rejects.toMatchObject(kept);
    await expect(drive.move(home, [row], docs)).rejects.toMatchObject(kept);
    const folder = await drive.resolve([name]);
    await expect(drive.setProperties(folder, { isHidden: false })).rejects.toMatchObject(kept);
    expect(await namesOf(drive, home)).toContain(name);
  });
});

describe.each(PROTOCOL_NAMES)('the folder %s', (name) => {
  it('takes nothing from a person', async () => {
    const { drive } = test;
    const kept = { name: 'SystemFolderKept' };
    const folder = await drive.resolve([name]);
    const source = bytesSource(Uint8Array.of(3));
    await expect(drive.upload(folder, [{ path: ['x'], source }])).rejects.toMatchObject(kept);
    await expect(drive.makeDirectory(folder, 'x')).rejects.toMatchObject(kept);
    const row = await rowOf('b.txt');
    await expect(drive.move(home, [row], folder)).rejects.toMatchObject(kept);
    await expect(drive.copy(home, [row], folder)).rejects.toMatchObject(kept);
    expect(await namesOf(drive, folder)).toEqual([]);
  });
});

it('the trash takes and gives back what a person puts there', async () => {
  const { drive } = test;
  const trash = await drive.resolve(['.trash']);
  await drive.move(home, [await rowOf('b.txt')], trash);
  expect(await namesOf(drive, trash)).toEqual(['b.txt']);
  await drive.remove(trash, await rowsOf(drive, trash));
  expect(await namesOf(drive, await drive.resolve(['.trash']))).toEqual([]);
});

it('only folders of the app are made as such', async () => {
  const { drive } = test;
  await drive.makeSystemFolders([['mine'], []]);
  expect(await namesOf(drive, await drive.home())).not.toContain('mine');
});
