/** Folders that are saved as an archive: names, and what an archive lacks. */
import { resolveObjectURL } from 'node:buffer';
import { unzipSync } from 'fflate';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { losingLargest } from '#lib/account/testing.ts';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  type Browser,
  closingTabs,
  createBrowser,
  folderOf,
  GOOD,
  openTab,
  rowsOf,
  type Tab,
  textFile,
  transferOf,
  until,
} from './testing.ts';

beforeAll(() => startCrypto());

const tabs = closingTabs();
afterEach(() => {
  vi.unstubAllGlobals();
});

interface Person {
  readonly browser: Browser;
  readonly tab: Tab;
}

async function signedUp(): Promise<Person> {
  const browser = createBrowser();
  const tab = await openTab(browser);
  tabs.push(tab);
  await tab.client.signUp({ username: 'alice', password: GOOD, staySignedIn: false });
  return { browser, tab };
}

async function upload({ tab }: Person, files: Readonly<Record<string, string>>): Promise<void> {
  const home = (await folderOf(tab.client)).entry.id;
  const items = Object.entries(files).map(([path, content]) => {
    const parts = path.split('/');
    return { path: parts, file: textFile(parts.at(-1) ?? '', content) };
  });
  const id = await tab.client.upload(home, items);
  await until(() => transferOf(tab, id)?.state === 'done');
}

/** Saves entries of the home through the page, and opens what was saved. */
async function saved({ tab }: Person, ...names: string[]) {
  const anchor = { href: '', download: '', click: () => undefined };
  vi.stubGlobal('document', { createElement: () => anchor });
  const rows = (await rowsOf(tab.client, [])).filter((row) => names.includes(row.name));
  await tab.client.download(rows.map(({ id }) => id));
  const blob = resolveObjectURL(anchor.href);
  if (blob === undefined) throw new Error('nothing was saved');
  const files = Object.entries(unzipSync(new Uint8Array(await blob.arrayBuffer()))).map(
    ([path, bytes]) => [path, new TextDecoder().decode(bytes)] as const,
  );
  const transfer = tab.transfers().findLast(({ direction }) => direction === 'down');
  return { name: anchor.download, files: Object.fromEntries(files), transfer };
}

describe('a folder saved as an archive', () => {
  it('has names that every system takes, each another one', async () => {
    const person = await signedUp();
    const files = ['a:b.txt', 'a\\b.txt', 'CON.txt', 'what?.txt', 'end.', 'plain.txt'];
    await upload(person, Object.fromEntries(files.map((name) => [`d/${name}`, name])));
    const { name, files: found } = await saved(person, 'd');
    expect(name).toBe('d.zip');
    const { 'd/': _folder, ...contents } = found;
    expect(Object.values(contents).sort()).toEqual(files.toSorted());
    expect(contents['d/plain.txt']).toBe('plain.txt');
    const paths = Object.keys(contents);
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(files.length);
    for (const path of paths) {
      expect(path).toMatch(/^d\/[^\\:*?"<>|]*[^. ]$/u);
      expect(path).not.toMatch(/^d\/con\./iu);
    }
  });

  it('lists a file that cannot be read, and the transfer counts it as failed', async () => {
    const person = await signedUp();
    await upload(person, { 'd/a.txt': 'first', 'd/z.txt': 'last' });
    // Larger than anything else that is stored meanwhile: an engine has work of its own.
    const middle = 'middle '.repeat(500);
    await losingLargest(person.browser, () => upload(person, { 'd/m.txt': middle }));
    const { files, transfer } = await saved(await again(person), 'd');
    const list = files['Files that could not be read.txt'];
    expect(list).toMatch(/^d\/m\.txt: .+\r\n$/u);
    expect(files).toMatchObject({ 'd/a.txt': 'first', 'd/z.txt': 'last' });
    expect(Object.keys(files)).not.toContain('d/m.txt');
    expect(transfer).toMatchObject({
      state: 'done',
      files: 3,
      filesDone: 2,
      filesFailed: 1,
      failure: { path: ['d', 'm.txt'] },
    });
  });

  it('keeps a file that has the name of the list', async () => {
    const person = await signedUp();
    await upload(person, { 'Files that could not be read.txt': 'mine', 'b.txt': 'b' });
    const { files } = await saved(person, 'Files that could not be read.txt', 'b.txt');
    expect(Object.values(files).sort()).toEqual(['b', 'mine']);
  });
});

/** The same person in another tab, where nothing is kept in memory. */
async function again({ browser }: Person): Promise<Person> {
  const tab = await openTab(browser);
  tabs.push(tab);
  await tab.client.signIn({ username: 'alice', password: GOOD, staySignedIn: false });
  return { browser, tab };
}
