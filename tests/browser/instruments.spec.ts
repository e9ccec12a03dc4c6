/** The instruments themselves: a test that cannot fail proves nothing. */
import { countedFilm, FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import { dirname } from 'node:path';
import { expect, test } from './fixtures.ts';
import { Profile } from './profile.ts';
import { Site } from './site.ts';
import { Watch } from './watch.ts';

const SECONDS = 20;

for (const kind of ['mp4', 'webm'] as const) {
  test(`a counted ${kind} shows the frame that belongs to the time`, async () => {
    const path = await countedFilm(kind, SECONDS);
    const site = await Site.open(undefined, [{ prefix: '/_media/', folder: dirname(path) }]);
    const profile = new Profile();
    const page = await profile.page();
    await page.goto(`${site.root}_media/${path.slice(dirname(path).length + 1)}`);
    const video = page.locator('video');
    for (const seconds of [0.5, 17.3, 4.1, 9.9]) {
      await video.evaluate(async (element, time) => {
        const film = element as HTMLVideoElement;
        film.pause();
        film.currentTime = time;
        await new Promise((resolve) => film.addEventListener('seeked', resolve, { once: true }));
      }, seconds);
      const off = (await shownFrame(video)) - seconds * FRAMES_PER_SECOND;
      expect(Math.abs(off)).toBeLessThanOrEqual(1);
    }
    await profile.destroy();
    await site.stop();
  });
}

test('the watch sees errors, policy violations and requests to others', async ({ site }) => {
  const watch = new Watch();
  watch.own(site.origin);
  const profile = new Profile({ prepare: (context) => watch.attach(context) });
  const page = await profile.page();
  await page.goto(site.root);
  expect(() => {
    watch.check();
  }).not.toThrow();
  await page.evaluate(async () => {
    console.error('a fault in the page');
    await fetch('https://example.org/').catch(() => undefined);
    setTimeout(() => {
      throw new Error('thrown and not caught');
    });
  });
  await page.waitForTimeout(200);
  let seen = '';
  try {
    watch.check();
  } catch (error) {
    seen = String(error);
  }
  expect(seen).toContain('a fault in the page');
  expect(seen).toContain('thrown and not caught');
  expect(seen).toContain('connect-src');
  await profile.destroy();
});

test('a browser that is closed and started again has its storage', async ({ site, profile }) => {
  const page = await profile.page();
  await page.goto(site.root);
  await page.evaluate(() => {
    localStorage.setItem('kept', 'yes');
  });
  const again = await profile.restart();
  await again.goto(site.root);
  expect(await again.evaluate(() => localStorage.getItem('kept'))).toBe('yes');
});

test('a host can go away and come back at the same address', async ({ site }) => {
  const { origin } = site;
  expect((await fetch(origin)).status).toBe(200);
  await site.stop();
  await expect(fetch(origin)).rejects.toThrow();
  await site.restart();
  expect(site.origin).toBe(origin);
  expect((await fetch(origin)).status).toBe(200);
});

test('no other host has a name', async () => {
  const profile = new Profile();
  const page = await profile.page();
  await expect(page.goto('http://example.org/')).rejects.toThrow(/ERR_NAME_NOT_RESOLVED/);
  await profile.destroy();
});
