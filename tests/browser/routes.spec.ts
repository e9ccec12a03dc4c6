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
import { ANNA, open, pickFiles, seesDrive, signUp } from './pages/account-page.ts';
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
    await signUp(page, ANNA);
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
    await seesDrive(page);
    await sees(page, [FILM, 'x.bin', 'folder']);
  },
);

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
