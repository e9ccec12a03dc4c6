/** Wherever the folder of the site lies, the drive works there; where it cannot, it says so. */
import { unzipSync } from 'fflate';
import type { Page } from '@playwright/test';
import { countedFilm, FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import {
  closeViewer,
  download,
  enter,
  goUp,
  sees,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';
import { LONG, expect, test } from './fixtures.ts';
import { noise } from './fixture-files.ts';
import { ANNA, open, pickFiles, seesDrive, signIn, signUp } from './pages/account-page.ts';
import type { Site } from './site.ts';

const FILM = 'counted-20.mp4';
const content = noise('place', 5_500_000);

for (const [where, addressOf] of [
  ['under a prefix', (site: Site) => site.underPrefix],
  ['on a subdomain gateway', (site: Site) => site.onSubdomainGateway],
] as const) {
  test(`the drive works ${where}, offline too`, async ({ page, site, fixtureFiles }) => {
    const address = addressOf(site);
    await page.goto(address);
    await signUp(page, ANNA);
    await pickFiles(page, [await countedFilm('mp4', 20), fixtureFiles.file('x.bin', content)]);
    await transfersEnd(page);
    await open(page, FILM);
    expect(await streamAddress(page)).toMatch(new RegExp(`^${address}_file/`));
    await seesFrameAt(page, 14);
    await closeViewer(page);
    await site.stop();
    await page.reload();
    await seesDrive(page);
    await sees(page, [FILM, 'x.bin']);
    expect((await download(page, 'x.bin')).equals(content)).toBe(true);
    await open(page, FILM);
    await seesFrameAt(page, 6);
  });
}

test(
  'on a path gateway films play and files are saved through the page',
  LONG,
  async ({ page, site, fixtureFiles, noConsoleErrors }) => {
    noConsoleErrors.allow(/fetching the script/);
    await page.goto(site.onPathGateway);
    await signUp(page, ANNA, 'not-here');
    const limits = page.getByText(/cannot start offline here/);
    await expect(limits).toBeVisible();
    await page.getByRole('button', { name: 'OK' }).click();
    await expect(limits).toBeHidden();
    fixtureFiles.file('folder/x.bin', content);
    await pickFiles(page, [await countedFilm('mp4', 20), fixtureFiles.path('folder/x.bin')]);
    await transfersEnd(page);
    await open(page, FILM);
    await expect(viewer(page).getByText(/does not allow a service worker/)).toBeVisible();
    expect(await streamAddress(page)).toMatch(/^blob:/);
    await seesFrameAt(page, 14);
    await closeViewer(page);
    expect((await download(page, 'x.bin')).equals(content)).toBe(true);
    await page.locator('#pick-folder').setInputFiles(fixtureFiles.path('folder'));
    await sees(page, [FILM, 'x.bin', 'folder']);
    await enter(page, 'folder');
    await sees(page, ['x.bin']);
    await goUp(page, 'Home');
    const archive = unzipSync(await download(page, 'folder'));
    expect(Object.keys(archive).filter((name) => !name.endsWith('/'))).toEqual(['folder/x.bin']);
    expect(Buffer.from(archive['folder/x.bin'] ?? []).equals(content)).toBe(true);
    await page.reload();
    await signIn(page, ANNA, 'not-here');
    await sees(page, [FILM, 'x.bin', 'folder']);
  },
);

test('nobody stays signed in on a path gateway, whose sites share one origin', async ({
  page,
  site,
}) => {
  await page.goto(site.onLenientPathGateway);
  await signUp(page, ANNA, 'not-here');
  await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.state);
  expect(await loginsKept(page)).toEqual([false]);
  await page.reload();
  await expect(page.getByRole('button', { name: /anna.*Password required/ })).toBeVisible();
  await signIn(page, ANNA, 'not-here');
  await sees(page, []);
});

test('at an address of one version alone the address that stays is offered', async ({
  page,
  site,
}) => {
  const name = 'k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8';
  await page.goto(site.root);
  await expect(page.getByRole('heading', { name: 'Create your drive' })).toBeVisible();
  await expect(page.getByText('of this version of the app alone')).toBeHidden();
  await page.goto(site.onSubdomainGateway);
  const notice = page.getByText('export it in the settings');
  await expect(notice).toBeVisible();
  const stable = page.getByRole('link', { name: 'Use the address that stays the same' });
  await expect(stable).toBeHidden();
  await page
    .context()
    .route('**/stable-address.json', (route) => route.fulfill({ json: { ipns: name } }));
  // The first visit has put the file that was there before aside.
  await page.evaluate(async () => {
    for (const key of await caches.keys()) await caches.delete(key);
  });
  await page.reload();
  await expect(stable).toHaveAttribute(
    'href',
    `http://${name}.ipns.localhost:${new URL(site.origin).port}/`,
  );
});

/** Of each account this origin knows, whether something that opens it is kept. */
function loginsKept(page: Page): Promise<boolean[]> {
  return page.evaluate(
    () =>
      new Promise<boolean[]>((resolve, reject) => {
        const opening = indexedDB.open('pyrgos-logins');
        opening.onerror = () => reject(new Error('It could not be opened.'));
        opening.onsuccess = () => {
          const all = opening.result.transaction('known').objectStore('known').getAll();
          all.onsuccess = () => {
            opening.result.close();
            resolve((all.result as object[]).map((record) => 'kept' in record));
          };
        };
      }),
  );
}

function streamAddress(page: Page): Promise<string> {
  return viewer(page)
    .locator('video')
    .evaluate((it: HTMLVideoElement) => it.src);
}

async function seesFrameAt(page: Page, seconds: number): Promise<void> {
  const video = viewer(page).locator('video');
  await expect.poll(() => video.evaluate((it: HTMLVideoElement) => it.readyState)).toBe(4);
  await viewer(page).getByRole('slider', { name: 'Position' }).fill(String(seconds));
  await expect.poll(() => shownFrame(video)).toBe(seconds * FRAMES_PER_SECOND);
}
