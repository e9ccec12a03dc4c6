/** Every name goes through the app's client: up, in lists, renamed, into the trash and back, and into a ZIP. */
import { execFileSync } from 'node:child_process';
import { resolveObjectURL } from 'node:buffer';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import type { TrashedEntry } from '#lib/client/types.ts';
import {
  createBrowser,
  folderOf,
  GOOD as PASSWORD,
  inHome,
  openTab,
  rowsOf,
  type Tab,
  textFile,
  transferOf,
  until,
} from '#lib/client/testing.ts';
import { expected, GOOD, sample, sorted, textOf } from './stored-names.ts';

/** Folders called so, each with a file called so in it. */
const FOLDERS = sample(GOOD, 20);

let tab: Tab;
beforeAll(async () => {
  await startCrypto();
  tab = await openTab(createBrowser());
  await tab.client.signUp({ username: 'alice', password: PASSWORD, staySignedIn: false });
  const home = (await folderOf(tab.client)).entry.id;
  const files = GOOD.map((name) => ({ path: ['names', name], file: textFile(name, textOf(name)) }));
  const inFolders = FOLDERS.map((name) => ({
    path: ['folders', name, name],
    file: textFile(name, textOf(name)),
  }));
  const id = await tab.client.upload(home, [...files, ...inFolders]);
  await until(() => transferOf(tab, id)?.state === 'done');
}, 60_000);
afterAll(() => {
  tab.close();
  vi.unstubAllGlobals();
});

async function expectNames(path: readonly string[], names: readonly string[]): Promise<void> {
  const rows = await rowsOf(tab.client, path);
  expect(sorted(rows.map(({ name }) => name))).toEqual(sorted(names));
}

/** What the files of a folder hold, by name. */
async function contentsOf(path: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const { id, name } of await rowsOf(tab.client, path)) {
    found.set(name, (await tab.client.readText(id, 4096, 'utf-8')).text);
  }
  return new Map([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function expectFolders(path: readonly string[]): Promise<void> {
  await expectNames(path, FOLDERS);
  for (const name of FOLDERS) {
    expect(await contentsOf([...path, name])).toEqual(expected([name]));
  }
}

async function folderId(path: readonly string[]): Promise<string> {
  return (await folderOf(tab.client, path)).entry.id;
}

describe('hostile names in the app', { timeout: 60_000 }, () => {
  it('are listed and read as they were uploaded, of files and of folders', async () => {
    expect(await contentsOf(['names'])).toEqual(expected(GOOD));
    await expectFolders(['folders']);
  });

  it('are found by their path, and opened from a sealed address', async () => {
    for (const name of sample(GOOD, 15)) {
      const { entry } = await tab.client.find(inHome(tab.client, ['names', name]));
      expect(entry.name).toBe(name);
      const place = { app: 'view', path: inHome(tab.client, ['names', name]) } as const;
      expect(await tab.client.openRoute(await tab.client.sealRoute(place))).toMatchObject(place);
    }
  });

  it('go into the trash together, are listed there, and come back', async () => {
    for (const folder of ['names', 'folders']) {
      const rows = await rowsOf(tab.client, [folder]);
      await tab.client.trash(rows.map(({ id }) => id));
      expect(await rowsOf(tab.client, [folder])).toEqual([]);
      const trashed: TrashedEntry[] = [];
      await tab.client.listTrash((batch) => trashed.push(...batch));
      expect(sorted(trashed.map(({ name }) => name))).toEqual(sorted(rows.map(({ name }) => name)));
      expect(new Set(trashed.map(({ from }) => from.join('/')))).toEqual(
        new Set([`alice/${folder}`]),
      );
      await tab.client.restore(trashed.map(({ id }) => id));
    }
    await expectNames(['names'], GOOD);
    await expectFolders(['folders']);
  });

  it('of a folder are where its files come back to when it is gone', async () => {
    const [name] = FOLDERS.filter((one) => /[^a-z]/iu.test(one));
    const [row] = await rowsOf(tab.client, ['folders', name!]);
    await tab.client.trash([row!.id]);
    const { entry } = await tab.client.find(inHome(tab.client, ['folders', name!]));
    await tab.client.trash([entry.id]);
    const trashed: TrashedEntry[] = [];
    await tab.client.listTrash((batch) => trashed.push(...batch));
    const file = trashed.find(({ kind }) => kind === 'file');
    expect(file?.from).toEqual(['alice', 'folders', name]);
    await tab.client.restore([file!.id]);
    await expectFolders(['folders']);
  });

  it('are given and taken back, copied and moved', async () => {
    const home = await folderId([]);
    const { id: place } = await tab.client.makeFolder(home, 'place');
    const rows = sample(await rowsOf(tab.client, ['names']), 12);
    const names = rows.map(({ name }) => name);
    await tab.client.copy(
      rows.map(({ id }) => id),
      place,
    );
    expect(await contentsOf(['place'])).toEqual(expected(names));
    const { id: other } = await tab.client.makeFolder(home, 'other');
    const copies = await rowsOf(tab.client, ['place']);
    const { undo } = await tab.client.move(
      copies.map(({ id }) => id),
      other,
    );
    expect(await contentsOf(['other'])).toEqual(expected(names));
    await tab.client.undo(undo!);
    expect(await contentsOf(['place'])).toEqual(expected(names));
    const { id } = await tab.client.makeFolder(other, 'first');
    for (const name of names) {
      const renamed = await tab.client.rename(id, name);
      expect(renamed.name).toBe(name);
      expect((await rowsOf(tab.client, ['other'])).map((row) => row.name)).toEqual([name]);
    }
  });
});

const hasPython = ((): boolean => {
  try {
    execFileSync('python3', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

/** Names and contents of an archive as Python's zipfile reads them. */
const READ_ZIP = `
import json, sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
assert z.testzip() is None
print(json.dumps([[i.filename, z.read(i).decode('utf-8')] for i in z.infolist()]))
`;

/** Saves a folder of the home through the page, and opens the archive with Python. */
async function savedAsZip(name: string): Promise<[path: string, content: string][]> {
  const anchor = { href: '', download: '', click: () => undefined };
  vi.stubGlobal('document', { createElement: () => anchor });
  const { entry } = await tab.client.find(inHome(tab.client, [name]));
  await tab.client.download([entry.id]);
  const folder = mkdtempSync(join(tmpdir(), 'names-'));
  try {
    const place = join(folder, 'saved.zip');
    const blob = resolveObjectURL(anchor.href)!;
    writeFileSync(place, new Uint8Array(await blob.arrayBuffer()));
    const said = execFileSync('python3', ['-c', READ_ZIP, place], { encoding: 'utf8' });
    return JSON.parse(said) as [string, string][];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?= *(?:\.|$))/iu;

/** As the documentation says it, but for what is too long and what others have already. */
function plainlyMapped(name: string): string {
  return name
    .replace(/[\\/:*?"<>|]/gu, '_')
    .replace(DEVICE, '$1_')
    .replace(/[. ]+$/u, (ending) => '_'.repeat(ending.length));
}

/** Whether a name is the other, or would be without the number in it. */
function isNumbered(mapped: string, name: string): boolean {
  const marks = [...mapped.matchAll(/ \(\d+\)/gu)];
  return (
    mapped === name ||
    marks.some(
      ({ index, 0: mark }) => mapped.slice(0, index) + mapped.slice(index + mark.length) === name,
    )
  );
}

/** What disks of other systems take for one name. */
const folded = (name: string): string =>
  name
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .normalize('NFD')
    .toUpperCase();

function expectMapped(original: string, mapped: string): void {
  expect(Buffer.byteLength(mapped), mapped).toBeLessThanOrEqual(255);
  expect(mapped).not.toMatch(/[\\/:*?"<>|\p{Cc}]|[. ]$/u);
  expect(mapped).not.toMatch(DEVICE);
  const plain = plainlyMapped(original);
  if (Buffer.byteLength(plain) <= 250) expect(isNumbered(mapped, plain), mapped).toBe(true);
  else expect(mapped.slice(0, 20)).toBe(plain.slice(0, 20));
}

describe.skipIf(!hasPython)('hostile names in a ZIP', { timeout: 60_000 }, () => {
  it('are mapped as documented, each another one, and hold what they held', async () => {
    const [top, ...entries] = await savedAsZip('names');
    expect(top).toEqual(['names/', '']);
    const byContent = new Map(entries.map(([path, content]) => [content, path]));
    expect(entries).toHaveLength(GOOD.length);
    expect(byContent.size).toBe(GOOD.length);
    const names = GOOD.map((name) => byContent.get(textOf(name))!.slice('names/'.length));
    for (const [i, name] of GOOD.entries()) expectMapped(name, names[i]!);
    expect(new Set(names.map(folded)).size).toBe(GOOD.length);
    const unchanged = names.filter((name, i) => name === GOOD[i]);
    expect(unchanged.length).toBeGreaterThan(150);
  });

  it('are the same for a folder and for what is in it', async () => {
    const entries = await savedAsZip('folders');
    const files = entries.filter(([path]) => !path.endsWith('/'));
    expect(files).toHaveLength(FOLDERS.length);
    const folders = new Set<string>();
    for (const name of FOLDERS) {
      const [path] = files.find(([, content]) => content === textOf(name))!;
      const [, folder, file] = path.split('/');
      expectMapped(name, folder!);
      expectMapped(name, file!);
      folders.add(folded(folder!));
      expect(entries.map(([entry]) => entry)).toContain(`folders/${folder}/`);
    }
    expect(folders.size).toBe(FOLDERS.length);
  });
});
