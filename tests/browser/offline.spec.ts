/** Offline comes from what the service worker keeps, never from luck with the browser's own cache. */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';
import type { Page } from '@playwright/test';
import { countedFilm, shownFrame } from '../media/films.ts';
import {
  closeViewer,
  download,
  enter,
  goTo,
  makeFolder,
  seesText,
  signOut,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import { noise, picture } from './fixture-files.ts';
import { ANNA, entry, open, pickFiles, seesDrive, signIn, signUp } from './pages/account-page.ts';
import { SITE_FOLDER } from './site.ts';

/** Asked for by nobody while the app runs: the worker itself, and what only hosts and tools read. */
const NOT_KEPT = new Set(['service-worker.js', 'index.html', '_app/app-loader.txt']);
const FRAMES = '_app/immutable/frames/';

/** Tables of East Asian letters for old PDF files: kept when one is first used. */
const RARE = `${FRAMES}pdf-cmaps-`;
/** The only module that leads to the library of diagrams; both are kept when one is first drawn. */
const SHOW_DIAGRAMS = `${FRAMES}show-diagrams-`;

/** What the service worker keeps, below the site. */
async function kept(page: Page): Promise<string[]> {
  const paths = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map(({ url }) => new URL(url).pathname.slice(1));
  });
  return paths.sort();
}

function built(): string[] {
  return readdirSync(SITE_FOLDER, { recursive: true, withFileTypes: true })
    .filter((file) => file.isFile())
    .map((file) => relative(SITE_FOLDER, join(file.parentPath, file.name)).replaceAll(sep, '/'))
    .filter((path) => !NOT_KEPT.has(path) && !path.startsWith(RARE));
}

test('every file of the build is kept for offline, viewers once somebody has signed in', async ({
  page,
  site,
}) => {
  const all = ['', ...built()].sort();
  expect(all.filter((path) => path.includes('/workers/')).length).toBeGreaterThan(2);
  const ofViewers = (path: string): boolean => path.startsWith(FRAMES);
  await page.goto(site.root);
  await installed(page);
  expect(await kept(page)).toEqual(all.filter((path) => !ofViewers(path)));
  await signUp(page, ANNA);
  await keepsAll(page);
});

test('with the host gone and an empty HTTP cache everything in the app works', async ({
  page,
  site,
  fixtureFiles,
}) => {
  test.setTimeout(240_000);
  const film = await countedFilm('mp4', 20);
  const bytes = noise('bytes', 6_000_000);
  await page.goto(site.root);
  await signUp(page, ANNA);
  await installed(page);
  await keepsAll(page);
  await site.stop();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Network.clearBrowserCache');
  await page.reload();
  await seesDrive(page);

  await test.step('upload, with thumbnails', async () => {
    await pickFiles(page, [
      fixtureFiles.file('letter.txt', 'The heron stands.'),
      fixtureFiles.file('harbour.png', picture(640, 400, [10, 120, 200])),
      fixtureFiles.file('bytes.bin', bytes),
      film,
    ]);
    await transfersEnd(page);
    for (const name of ['harbour.png', basename(film)]) {
      await expect(entry(page, name).locator('img')).toBeVisible();
    }
  });
  await test.step('viewers', async () => {
    await open(page, 'letter.txt');
    await seesText(page, 'The heron stands.');
    await closeViewer(page);
    await open(page, 'harbour.png');
    const shown = viewer(page).getByRole('img', { name: 'harbour.png' });
    await expect(shown).toHaveJSProperty('naturalWidth', 640);
    await closeViewer(page);
    await open(page, basename(film));
    await expect.poll(() => shownFrame(viewer(page).locator('video'))).toBeGreaterThanOrEqual(0);
    await closeViewer(page);
  });
  await test.step('folders, the other screens, saving', async () => {
    await makeFolder(page, 'papers');
    await enter(page, 'papers');
    await goTo(page, 'Trash');
    await goTo(page, 'Settings');
    await goTo(page, 'Drive');
    await page.goto(site.root);
    expect(await download(page, 'bytes.bin')).toEqual(bytes);
  });
  await test.step('signing out, in, and up', async () => {
    await signOut(page);
    await page.reload();
    await signIn(page, ANNA);
    await expect(entry(page, 'letter.txt')).toBeVisible();
  });
  await test.step('every file of the build is answered', async () => {
    const failed = await page.evaluate(async () => {
      const names = await caches.keys();
      const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      const answers = await Promise.all(keys.flat().map(async ({ url }) => fetch(url)));
      return answers.filter(({ ok }) => !ok).map(({ url }) => url);
    });
    expect(failed).toEqual([]);
  });
});

/** Until the viewers are kept, too. */
async function keepsAll(page: Page): Promise<void> {
  const all = ['', ...built()];
  const modules = all.filter((path) => path.startsWith(FRAMES) && path.endsWith('.js'));
  const texts = new Map(
    modules.map((path) => [path, readFileSync(join(SITE_FOLDER, path), 'utf8')]),
  );
  const users = (path: string): string[] =>
    modules.filter((other) => other !== path && texts.get(other)!.includes(basename(path)));
  /** What is not kept, but for modules that only diagrams lead to. */
  const lacking = async (): Promise<string[]> => {
    const there = new Set(await kept(page));
    const absent = all.filter((path) => !there.has(path));
    const isForDiagrams = (path: string): boolean =>
      path.startsWith(SHOW_DIAGRAMS) ||
      (users(path).length > 0 && users(path).every((user) => absent.includes(user)));
    return absent.filter((path) => !isForDiagrams(path));
  };
  await expect.poll(lacking, { timeout: 60_000 }).toEqual([]);
  expect((await kept(page)).filter((path) => !all.includes(path))).toEqual([]);
}

/** Until everything that the app begins with is kept. */
async function installed(page: Page): Promise<void> {
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
}
