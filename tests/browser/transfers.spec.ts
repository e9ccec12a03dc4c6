/** Large files and whole folders, up and down, with every byte compared outside the browser. */
import { readFileSync } from 'node:fs';
import { unzipSync } from 'fflate';
import type { Page } from '@playwright/test';
import { act, beginDownload, makeFolder, sees, transfersEnd } from './pages/drive-page.ts';
import { dropPaths } from './devtools.ts';
import { LONG, test, expect } from './fixtures.ts';
import { noise, sha256OfFile } from './fixture-files.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const GIB = 1024 ** 3;
const HEAP_LIMIT_BYTES = 200_000_000;

test(
  '1 GiB goes up and comes down unchanged, and the page stays small',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(600_000);
    await page.goto(site.root);
    await seesDrive(page);
    const { path, sha256 } = await fixtureFiles.largeFile('large.bin', GIB + 12_345);
    const heap = watchHeap(page);
    await pickFiles(page, [path]);
    await transfersEnd(page, 300_000);
    await expect(entry(page, 'large.bin')).toContainText(/1\.\d+ GB/);
    const saved = await beginDownload(page, 'large.bin');
    const target = await saved.path();
    expect(saved.suggestedFilename()).toBe('large.bin');
    expect(await sha256OfFile(target)).toBe(sha256);
    await saved.delete();
    expect(await heap.stop(), 'largest heap of the page').toBeLessThan(HEAP_LIMIT_BYTES);
  },
);

const TREE: Readonly<Record<string, Uint8Array>> = {
  'atlas/read me.txt': Buffer.from('Begin here.\n'),
  'atlas/sea/large.bin': noise('sea', 6_000_001),
  'atlas/sea/deep/one byte': Buffer.of(7),
  'atlas/sea/deep/nothing.txt': Buffer.alloc(0),
  'atlas/Ελλάδα/νησί 🏝️.txt': Buffer.from('blue'),
};

test('a folder comes down as an archive that others can open', async ({
  page,
  site,
  fixtureFiles,
}) => {
  for (const [path, bytes] of Object.entries(TREE)) fixtureFiles.file(path, bytes);
  fixtureFiles.emptyFolder('atlas/empty');
  await page.goto(site.root);
  await seesDrive(page);
  await dropPaths(page, 'main', [fixtureFiles.path('atlas')]);
  await transfersEnd(page);
  const saved = await beginDownload(page, 'atlas');
  expect(saved.suggestedFilename()).toBe('atlas.zip');
  expectArchive(readFileSync(await saved.path()), TREE, ['atlas/empty/']);
});

test('a selection comes down as one archive', async ({ page, site, fixtureFiles }) => {
  const files = { 'a.txt': Buffer.from('a'), 'b.bin': noise('b', 100_000) };
  for (const [path, bytes] of Object.entries(files)) fixtureFiles.file(path, bytes);
  await page.goto(site.root);
  await seesDrive(page);
  await pickFiles(
    page,
    Object.keys(files).map((name) => fixtureFiles.path(name)),
  );
  await sees(page, Object.keys(files));
  await transfersEnd(page);
  await entry(page, 'a.txt').click();
  await page.keyboard.press('Control+a');
  await expect(page.getByText('2 selected')).toBeVisible();
  const begun = page.waitForEvent('download');
  await act(page, 'b.bin', 'Download');
  const saved = await begun;
  expect(saved.suggestedFilename()).toMatch(/\.zip$/);
  expectArchive(readFileSync(await saved.path()), files, []);
});

test('an upload can be paused, resumed and cancelled', async ({ page, site, fixtureFiles }) => {
  await page.goto(site.root);
  await seesDrive(page);
  const kept = await fixtureFiles.largeFile('kept.bin', 150_000_000);
  await pickFiles(page, [kept.path]);
  await page.getByRole('button', { name: 'Pause kept.bin' }).click();
  await expect(page.getByText(/Paused/).first()).toBeVisible();
  await page.getByRole('button', { name: 'Resume kept.bin' }).click();
  await transfersEnd(page);
  const dropped = await fixtureFiles.largeFile('dropped.bin', 300_000_000);
  await pickFiles(page, [dropped.path]);
  await page.getByRole('button', { name: 'Cancel dropped.bin' }).click();
  await expect(page.getByText('Cancelled').first()).toBeVisible();
  await sees(page, ['kept.bin']);
  const saved = await beginDownload(page, 'kept.bin');
  expect(await sha256OfFile(await saved.path())).toBe(kept.sha256);
});

test('files given to a folder that is still opening are not lost', async ({ page, site }) => {
  await page.goto(site.root);
  await seesDrive(page);
  await makeFolder(page, 'slow');
  // In one breath: no person is as fast on a fast machine, but on a slow one everybody is.
  await entry(page, 'slow').evaluate(async (row) => {
    row.dispatchEvent(new MouseEvent('dblclick', { bubbles: true }));
    await Promise.resolve();
    const input = document.querySelector<HTMLInputElement>('#pick-files');
    const transfer = new DataTransfer();
    transfer.items.add(new File(['early'], 'early.txt'));
    if (input === null) throw new Error('no input');
    input.files = transfer.files;
    input.dispatchEvent(new Event('change', { bubbles: true }));
  });
  await sees(page, ['early.txt']);
  await page.getByRole('navigation', { name: 'Folder path' }).getByText('Home').click();
  await sees(page, ['slow']);
});

/** Opens an archive with another implementation than the one that made it. */
function expectArchive(
  archive: Uint8Array,
  files: Readonly<Record<string, Uint8Array>>,
  emptyFolders: readonly string[],
): void {
  const found = unzipSync(archive);
  const names = Object.keys(found).filter((name) => !name.endsWith('/'));
  expect(names.sort()).toEqual(Object.keys(files).sort());
  for (const [name, bytes] of Object.entries(files)) {
    expect(Buffer.compare(found[name] ?? Buffer.of(1), bytes), name).toBe(0);
  }
  for (const name of emptyFolders) expect(Object.keys(found)).toContain(name);
}

/** Looks at the heap of the page again and again; `stop` gives the largest seen. */
function watchHeap(page: Page): { stop(): Promise<number> } {
  let largest = 0;
  let isDone = false;
  const watching = (async () => {
    const devtools = await page.context().newCDPSession(page);
    while (!isDone) {
      const { usedSize } = await devtools.send('Runtime.getHeapUsage');
      largest = Math.max(largest, usedSize);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    await devtools.detach();
  })();
  // A test that failed closes the page under it, and says itself why it failed.
  watching.catch(() => undefined);
  return {
    async stop() {
      isDone = true;
      await watching;
      return largest;
    },
  };
}
