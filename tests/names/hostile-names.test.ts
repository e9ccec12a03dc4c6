/** Every name goes through everything, and comes out as it went in or is refused by name. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { utf8 } from '#lib/bytes/index.ts';
import { bytesSource, type Drive, type Handle } from '#lib/drive/index.ts';
import { bytesOf, createTestDrive, namesOf, rowsOf } from '#lib/drive/testing.ts';
import { createPerson, signUpCheaply } from '../../src/cli/testing.ts';
import { BAD, contentOf, GOOD, NAMES, sorted } from './stored-names.ts';

/** Where the test itself says which names those are, by the protocol's words for them. */
// eslint-disable-next-line no-control-regex -- control characters are among what is refused
const REFUSED = /^$|^\.\.?$|\/|[\u0000-\u001f\u007f-\u009f]|^[^]{256,}$|\p{Surrogate}/u;

it('holds three hundred names, of which those are refused that the rules name', () => {
  expect(new Set(NAMES).size).toBe(300);
  expect(BAD).toEqual(NAMES.filter((name) => REFUSED.test(name)));
  expect(GOOD.length).toBeGreaterThan(200);
});

describe('hostile names in the drive', { timeout: 120_000 }, () => {
  let drive: Drive;
  let folder: Handle;
  const expectAll = async (place: Handle, names = GOOD): Promise<void> => {
    expect(sorted(await namesOf(drive, place))).toEqual(sorted(names));
    for (const handle of await drive.openMany(place, await rowsOf(drive, place))) {
      if (handle instanceof Error) throw handle;
      expect(handle.properties.name).toBe(handle.name);
      expect(await bytesOf(drive, handle)).toEqual(contentOf(handle.name));
    }
  };

  beforeAll(async () => {
    ({ drive } = await createTestDrive());
    folder = await drive.makeDirectory(await drive.home(), 'names');
    await drive.upload(
      folder,
      GOOD.map((name) => ({ path: [name], source: bytesSource(contentOf(name)) })),
    );
  }, 60_000);

  it('are listed and read as they were uploaded', () => expectAll(folder));

  it('that no name may have are refused one by one, and change nothing', async () => {
    for (const name of BAD) {
      await expect(drive.makeDirectory(folder, name)).rejects.toMatchObject({
        name: 'BadFileName',
      });
      const items = [{ path: [name], source: bytesSource(utf8('x')) }];
      await expect(drive.upload(folder, items)).rejects.toMatchObject({ name: 'BadFileName' });
    }
    expect(await namesOf(drive, folder)).toHaveLength(GOOD.length);
  });

  it('are copied with their folder, and moved together', async () => {
    const home = await drive.home();
    const row = (await rowsOf(drive, home)).find(({ name }) => name === 'names')!;
    await drive.copy(home, [row], home, { newName: 'copied' });
    await expectAll(await drive.resolve(['copied']));
    const to = await drive.makeDirectory(home, 'moved');
    const from = await drive.resolve(['copied']);
    await drive.move(from, await rowsOf(drive, from), to);
    await expectAll(to);
    expect(await namesOf(drive, from)).toEqual([]);
  });

  it('are given to a file one after the other', async () => {
    const place = await drive.makeDirectory(await drive.home(), 'renamed');
    await drive.upload(place, [{ path: ['first'], source: bytesSource(utf8('x')) }]);
    for (const name of GOOD) {
      const [row] = await rowsOf(drive, place);
      expect((await drive.rename(place, row!, name)).name).toBe(name);
      expect(await namesOf(drive, place)).toEqual([name]);
    }
  });
});

it('hostile names come back from the command line, and from an export', async () => {
  const alice = createPerson({ PYRGOS_USER: 'alice' });
  await signUpCheaply(alice, 'alice');
  const at = (place: string, name = ''): string => join(alice.folder, place, name);
  mkdirSync(at('names'));
  // What this disk takes: no more than 255 bytes.
  const names = GOOD.filter((name) => utf8(name).length <= 255);
  for (const name of names) writeFileSync(at('names', name), contentOf(name));
  const expectBack = (place: string): void => {
    expect(sorted(readdirSync(at(place)))).toEqual(sorted(names));
    for (const name of names) {
      expect(new Uint8Array(readFileSync(at(place, name)))).toEqual(contentOf(name));
    }
  };
  expect(await alice.run(['put', 'names'])).toMatchObject({ exitCode: 0, err: '' });
  expect(await alice.run(['get', 'names', 'back'])).toMatchObject({ exitCode: 0, err: '' });
  expectBack('back');
  expect(await alice.run(['export', 'files'])).toMatchObject({ exitCode: 0 });
  const other = ['--node', 'dir:other'];
  expect(await alice.run([...other, 'import', 'files'])).toMatchObject({ exitCode: 0, err: '' });
  expect(await alice.run([...other, 'get', 'names', 'again'])).toMatchObject({ exitCode: 0 });
  expectBack('again');
}, 120_000);
