/** Films: the right picture after every seek, several at once, through restarts of the worker. */
import { basename } from 'node:path';
import type { Locator, Page } from '@playwright/test';
import { countedFilm, FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import { closeViewer, transfersEnd, viewer } from './pages/drive-page.ts';
import { stopServiceWorkers } from './devtools.ts';
import { LONG, test, expect } from './fixtures.ts';
import { open, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

for (const kind of ['mp4', 'webm'] as const) {
  test(`a ${kind} film shows the right frame wherever one seeks`, async ({ page, site }) => {
    const [name] = await driveWith(page, site.root, [await countedFilm(kind, 20)]);
    const video = await openFilm(page, name!);
    for (const seconds of [13.3, 0.5, 19.1, 7.7, 7.9, 2.1]) {
      await seekTo(video, seconds);
      expect(await shownFrame(video), `at ${String(seconds)} s`).toBe(
        Math.floor(seconds * FRAMES_PER_SECOND + 1e-6),
      );
    }
    await seekTo(video, 16);
    await playFor(video, 1);
    expect(await shownFrame(video)).toBeGreaterThanOrEqual(17 * FRAMES_PER_SECOND - 1);
  });
}

test('the slider of the player seeks, and the place is found again', async ({ page, site }) => {
  const [name] = await driveWith(page, site.root, [await countedFilm('mp4', 45)]);
  const video = await openFilm(page, name!);
  const slider = viewer(page).getByRole('slider', { name: 'Position' });
  await slider.fill('11.5');
  await expect(video).toHaveJSProperty('seeking', false);
  await expect.poll(() => shownFrame(video)).toBe(Math.floor(11.5 * FRAMES_PER_SECOND));
  await slider.press('ArrowRight');
  await expect.poll(() => shownFrame(video)).toBe(Math.floor(16.5 * FRAMES_PER_SECOND));
  await closeViewer(page);
  await page.reload();
  await seesDrive(page);
  const again = await openFilm(page, name!);
  await expect.poll(() => timeOf(again)).toBe(16);
});

test(
  'two players at once, and the worker killed in mid-film',
  LONG,
  async ({ profile, page, site }) => {
    const films = [await countedFilm('heavy.mp4', 90), await countedFilm('webm', 20)];
    const [mp4, webm] = await driveWith(page, site.root, films);
    const other = await profile.page();
    await other.goto(site.root);
    await seesDrive(other);
    const first = await openFilm(page, mp4!);
    const second = await openFilm(other, webm!);
    await Promise.all([first, second].map((video) => playFor(video, 1)));
    let asked = 0;
    page.on('request', (request) => (asked += request.url().includes('/_file/') ? 1 : 0));
    for (let round = 0; round < 5; round++) {
      await stopServiceWorkers(page);
      for (const [video, seconds] of [
        [first, 85 - 17 * round],
        [second, 2 + 3 * round],
      ] as const) {
        await seekTo(video, seconds + 0.02);
        expect(await shownFrame(video)).toBe(seconds * FRAMES_PER_SECOND);
      }
    }
    expect(asked, 'seeks that asked a worker anew').toBeGreaterThanOrEqual(5);
    await first.evaluate((video: HTMLVideoElement) => video.play());
    await stopServiceWorkers(page);
    await Promise.all([first, second].map((video) => playFor(video, 3)));
  },
);

/** A new drive that holds these files; their names. */
async function driveWith(page: Page, url: string, paths: string[]): Promise<string[]> {
  await page.goto(url);
  await seesDrive(page);
  await pickFiles(page, paths);
  await transfersEnd(page);
  return paths.map((path) => basename(path));
}

async function openFilm(page: Page, name: string): Promise<Locator> {
  await open(page, name);
  const video = viewer(page).locator('video');
  await expect.poll(() => video.evaluate((it: HTMLVideoElement) => it.readyState)).toBe(4);
  return video;
}

/** Seeks and waits for the picture. */
async function seekTo(video: Locator, seconds: number): Promise<void> {
  await video.evaluate(
    (element: HTMLVideoElement, to) =>
      new Promise<void>((resolve, reject) => {
        element.pause();
        element.onerror = () => reject(new Error(element.error?.message ?? 'error'));
        const shown = new Promise<void>((drawn) => {
          element.requestVideoFrameCallback(() => drawn());
        });
        element.addEventListener('seeked', () => void shown.then(resolve), { once: true });
        element.currentTime = to;
      }),
    seconds,
  );
}

async function playFor(video: Locator, seconds: number): Promise<void> {
  const until = (await timeOf(video)) + seconds;
  await video.evaluate((element: HTMLVideoElement) => element.play());
  await expect.poll(() => timeOf(video), { timeout: 30_000 }).toBeGreaterThan(until);
  await video.evaluate((element: HTMLVideoElement) => element.pause());
}

function timeOf(video: Locator): Promise<number> {
  return video.evaluate((element: HTMLVideoElement) => element.currentTime);
}
