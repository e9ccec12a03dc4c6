/** The instruments themselves: a test that cannot fail proves nothing. */
import { countedFilm, FRAMES_PER_SECOND, shownFrame } from '../media/films.ts';
import { dirname } from 'node:path';
import type { Worker } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import type { FixtureFiles } from './fixture-files.ts';
import { Profile } from './profile.ts';
import { Site } from './site.ts';
import { NoConsoleErrors } from './no-console-errors.ts';

const SECONDS = 20;

for (const kind of ['mp4', 'webm'] as const) {
  test(`a counted ${kind} shows the frame that belongs to the time`, async () => {
    const path = await countedFilm(kind, SECONDS);
    const site = await Site.open(undefined, {
      more: [{ prefix: '/_media/', folder: dirname(path) }],
    });
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

test('the check of the console sees errors, policy violations and requests to others', async ({
  site,
}) => {
  const noConsoleErrors = new NoConsoleErrors();
  noConsoleErrors.own(site.origin);
  const profile = new Profile({ prepare: (context) => noConsoleErrors.attach(context) });
  const page = await profile.page();
  await page.goto(site.root);
  expect(() => {
    noConsoleErrors.check();
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
    noConsoleErrors.check();
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

/** A service worker as ours is: what lies under `_file/` is its answer. */
const ANSWERS_FILES = `
  self.addEventListener('install', () => self.skipWaiting());
  self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));
  self.addEventListener('fetch', (event) => {
    if (event.request.url.includes('/_file/')) event.respondWith(new Response('from the worker'));
  });
`;

/** An extension that may begin downloads: the browser's own way to do it. */
function downloader(fixtureFiles: FixtureFiles): string {
  const manifest = {
    manifest_version: 3,
    name: 'downloader',
    version: '1',
    permissions: ['downloads'],
    host_permissions: ['http://*/*'],
    background: { service_worker: 'background.js' },
  };
  fixtureFiles.file('extension/manifest.json', JSON.stringify(manifest));
  fixtureFiles.file('extension/background.js', '');
  return fixtureFiles.path('extension');
}

test('a host can go away and come back at the same address', async ({ site }) => {
  const { origin } = site;
  expect((await fetch(origin)).status).toBe(200);
  await site.stop();
  await expect(fetch(origin)).rejects.toThrow();
  await site.restart();
  expect(site.origin).toBe(origin);
  expect((await fetch(origin)).status).toBe(200);
});

test('a download that the browser itself begins goes past service workers', async ({
  fixtureFiles,
}) => {
  // Why nothing is dragged straight to the desktop: Chromium fetches the address in a drag's
  // `DownloadURL` this way, so it would ask the host for a ticket that only the worker can answer.
  const folder = fixtureFiles.path('site');
  fixtureFiles.file('site/index.html', '<!doctype html><title>x</title>');
  fixtureFiles.file('site/worker.js', ANSWERS_FILES);
  const site = await Site.open(folder);
  const asked: string[] = [];
  site.onRequest(({ url }) => asked.push(url ?? ''));
  const extension = downloader(fixtureFiles);
  const profile = new Profile({
    args: [`--disable-extensions-except=${extension}`, `--load-extension=${extension}`],
  });
  const page = await profile.page();
  const context = await profile.context();
  await page.goto(site.root);
  const said = await page.evaluate(async () => {
    await navigator.serviceWorker.register('/worker.js');
    await navigator.serviceWorker.ready;
    await new Promise((resolve) => setTimeout(resolve, 500));
    return (await fetch('/_file/ticket')).text();
  });
  expect(said).toBe('from the worker');
  expect(asked).not.toContain('/_file/ticket');
  const isOurs = (worker: Worker): boolean => worker.url().startsWith('chrome-extension:');
  const ours =
    context.serviceWorkers().find(isOurs) ??
    (await context.waitForEvent('serviceworker', { predicate: isOurs }));
  await ours.evaluate(
    `chrome.downloads.download({ url: ${JSON.stringify(`${site.root}_file/ticket`)} })`,
  );
  await expect.poll(() => asked).toContain('/_file/ticket');
  await profile.destroy();
  await site.stop();
});

test('no other host has a name', async () => {
  const profile = new Profile();
  const page = await profile.page();
  await expect(page.goto('http://example.org/')).rejects.toThrow(/ERR_NAME_NOT_RESOLVED/);
  await profile.destroy();
});
