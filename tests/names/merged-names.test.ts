/** Two devices without a network work on hostile names: all that each did is there when they come back. */
import { beforeAll, expect, it } from 'vitest';
import { canonical, utf8 } from '#lib/bytes/index.ts';
import { bytesSource, type Drive } from '#lib/drive/index.ts';
import { bytesOf, createTestDrive, namesOf, rowsOf } from '#lib/drive/testing.ts';
import { createDevice } from '#lib/drive/merge/testing.ts';
import { contentOf, GOOD, sorted } from './stored-names.ts';

/** What happens to a name; spellings of one name share their lot. */
const LOTS = ['added here', 'added there', 'changed here', 'removed there', 'moved here'] as const;
type Lot = (typeof LOTS)[number];

const alike = [...new Set(GOOD.map(canonical))];
const lotOf = (name: string): Lot => LOTS[alike.indexOf(canonical(name)) % LOTS.length]!;
const of = (...lots: Lot[]): string[] => GOOD.filter((name) => lots.includes(lotOf(name)));
const changedContent = (name: string): Uint8Array => utf8(`changed ${encodeURIComponent(name)}`);

async function upload(
  drive: Drive,
  folder: string,
  names: readonly string[],
  content = contentOf,
): Promise<void> {
  const items = names.map((name) => ({ path: [name], source: bytesSource(content(name)) }));
  await drive.upload(await drive.resolve([folder]), items, { onConflict: 'replace' });
}

async function expectContents(
  drive: Drive,
  path: readonly string[],
  wanted: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const folder = await drive.resolve(path);
  expect(sorted(await namesOf(drive, folder))).toEqual(sorted(wanted.keys()));
  for (const handle of await drive.openMany(folder, await rowsOf(drive, folder))) {
    if (handle instanceof Error) throw handle;
    expect(await bytesOf(drive, handle), handle.name).toEqual(wanted.get(handle.name));
  }
}

const mapOf = (names: readonly string[], content: (name: string) => Uint8Array) =>
  names.map((name) => [name, content(name)] as const);

let fresh: Drive;
beforeAll(async () => {
  const test = await createTestDrive();
  const here = createDevice(test, { seed: 7_001 });
  const there = createDevice(test, { seed: 8_001 });
  const home = await here.drive.home();
  for (const name of ['names', 'moved', 'folders']) await here.drive.makeDirectory(home, name);
  await upload(here.drive, 'names', of('changed here', 'removed there', 'moved here'));
  // Both have seen all of it.
  for (const { drive } of [here, there]) {
    for (const name of ['names', 'moved', 'folders']) {
      const folder = await drive.resolve([name]);
      const opened = await drive.openMany(folder, await rowsOf(drive, folder));
      for (const handle of opened) if (!(handle instanceof Error)) await bytesOf(drive, handle);
    }
  }
  here.line.isUp = false;
  there.line.isUp = false;

  await upload(here.drive, 'names', of('added here'));
  await upload(here.drive, 'names', of('changed here'), changedContent);
  const names = await here.drive.resolve(['names']);
  const moving = (await rowsOf(here.drive, names)).filter(
    ({ name }) => lotOf(name) === 'moved here',
  );
  await here.drive.move(names, moving, await here.drive.resolve(['moved']));
  const folders = (lot: Lot) => of(lot).map((name) => ({ path: [name] }));
  await here.drive.upload(await here.drive.resolve(['folders']), folders('added here'));

  await upload(there.drive, 'names', of('added there'));
  const theirs = await there.drive.resolve(['names']);
  const removing = (await rowsOf(there.drive, theirs)).filter(
    ({ name }) => lotOf(name) === 'removed there',
  );
  await there.drive.remove(theirs, removing);
  await there.drive.upload(await there.drive.resolve(['folders']), folders('added there'));

  for (const device of [here, there]) {
    device.line.isUp = true;
    const report = await device.send();
    expect(report).toMatchObject({ keptBoth: [], notDeleted: [], lost: [] });
    expect(await device.pending()).toBe(0);
  }
  fresh = test.another();
}, 60_000);

it('files that were added, changed and removed apart are joined name by name', async () => {
  const wanted = new Map([
    ...mapOf(of('added here', 'added there'), contentOf),
    ...mapOf(of('changed here'), changedContent),
  ]);
  await expectContents(fresh, ['names'], wanted);
});

it('files that were moved on one device are where it put them', async () => {
  await expectContents(fresh, ['moved'], new Map(mapOf(of('moved here'), contentOf)));
});

it('folders that were made apart are all there', async () => {
  const folder = await fresh.resolve(['folders']);
  const names = of('added here', 'added there');
  expect(sorted(await namesOf(fresh, folder))).toEqual(sorted(names));
  const rows = await rowsOf(fresh, folder);
  expect(rows.every(({ isDirectory }) => isDirectory)).toBe(true);
});
