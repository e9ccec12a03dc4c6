/** Copying in the app what is damaged in places: the rest is copied, and the person is told. */
import { beforeAll, expect, it } from 'vitest';
import { startCrypto } from '#lib/crypto/index.ts';
import {
  type Browser,
  bytesFile,
  closingTabs,
  createBrowser,
  filesOf,
  folderOf,
  GOOD,
  namesIn,
  openTab,
  rowsOf,
  type Tab,
  textFile,
  uploadAll,
} from './testing.ts';

beforeAll(() => startCrypto());

const tabs = closingTabs();

async function tabIn(browser: Browser, act: 'signUp' | 'signIn'): Promise<Tab> {
  const tab = await openTab(browser);
  tabs.push(tab);
  await tab.client[act]({ username: 'alice', password: GOOD, staySignedIn: false });
  return tab;
}

/** `d` with files of which those named `lost…` are gone; a tab that has nothing in memory. */
async function damaged(...names: string[]): Promise<Tab> {
  const browser = createBrowser();
  const { blocks } = browser.stores;
  const first = await tabIn(browser, 'signUp');
  await first.client.makeFolder((await folderOf(first.client)).entry.id, 'd');
  await uploadAll(first, ['d'], [textFile('kept.txt', 'kept')]);
  const lost: string[] = [];
  for (const name of names) {
    const before = new Set((await blocks.list('')).map(({ key }) => key));
    await uploadAll(first, ['d'], [bytesFile(name, 3000)]);
    const stored = (await blocks.list('')).filter(({ key }) => !before.has(key));
    const [largest] = stored.toSorted((x, y) => y.sizeBytes - x.sizeBytes);
    if (name.startsWith('lost')) lost.push(largest!.key);
  }
  await blocks.deleteMany(lost);
  return tabIn(browser, 'signIn');
}

async function copy({ client }: Tab, path: readonly string[]) {
  const row = (await rowsOf(client, path.slice(0, -1))).find(({ name }) => name === path.at(-1));
  const to = await client.makeFolder((await folderOf(client)).entry.id, 'to');
  return client.copy([row!.id], to.id);
}

it('a copy has what can be read, says what it lacks, and shows in the list of transfers', async () => {
  const tab = await damaged('lost 1', 'lost 2', 'other');
  const { undo, leftOut } = await copy(tab, ['d']);
  expect(leftOut.map(({ path }) => path.join('/'))).toEqual(['d/lost 1', 'd/lost 2']);
  expect(await namesIn(tab.client, ['to', 'd'])).toEqual(['kept.txt', 'other']);
  const line = tab.transfers().find(({ direction }) => direction === 'copy');
  expect(line).toMatchObject({
    state: 'done',
    name: 'd',
    files: 4,
    filesDone: 2,
    filesFailed: 2,
    failure: { path: ['d', 'lost 1'] },
  });
  expect(await filesOf(tab.client, line!.id)).toMatchObject([
    { path: ['d', 'lost 1'], state: 'failed' },
    { path: ['d', 'lost 2'], state: 'failed' },
  ]);
  await tab.client.undo(undo!);
  expect(await namesIn(tab.client, ['to'])).toEqual([]);
});

it('a copy of something that cannot be read at all fails, and says why', async () => {
  const tab = await damaged('lost');
  await expect(copy(tab, ['d', 'lost'])).rejects.toMatchObject({ name: 'BlockMissing' });
  expect(await namesIn(tab.client, ['to'])).toEqual([]);
  const line = tab.transfers().find(({ direction }) => direction === 'copy');
  expect(line).toMatchObject({ state: 'failed', failure: { path: ['lost'] } });
});
