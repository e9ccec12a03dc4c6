/**
 * Apps of others in their frame: the loader makes an app run that knows nothing of it. The page is
 * a harness with the site's policy, the real document of the frame, and an engine in memory.
 */
import { expect, test as base } from '@playwright/test';
import type { FrameLocator, Page } from '@playwright/test';
import { appFolder, texts } from '../apps/app-files.ts';
import { EXPECTED, ORDER, ownApp } from '../apps/own-app.ts';
import type { Seen } from '../apps/pages/host.ts';
import { serveAppPages, type AppServer } from '../apps/server.ts';
import { Profile } from './profile.ts';

const test = base.extend<{ page: Page }, { server: AppServer; profile: Profile }>({
  server: [
    async ({}, use) => {
      const server = await serveAppPages();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  profile: [
    async ({}, use) => {
      const profile = new Profile();
      await use(profile);
      await profile.destroy();
    },
    { scope: 'worker' },
  ],
  page: async ({ profile, server }, use) => {
    const page = await (await profile.context()).newPage();
    await page.goto(server.origin);
    await page.evaluate(() => harness.start({}));
    await use(page);
    await page.close();
  },
});

const seen = (page: Page): Promise<Seen> => page.evaluate(() => harness.seen());
const inApp = (page: Page): FrameLocator => page.frameLocator('iframe');

async function openOwn(page: Page): Promise<Record<string, unknown>> {
  await page.evaluate(
    (assets) =>
      harness.open({
        assets,
        query: '?theme=dark&isPathWritable=true',
        theme: 'dark',
        storage: JSON.stringify({ kept: 'before' }),
      }),
    ownApp(),
  );
  await expect.poll(async () => (await seen(page)).data['results.json']).toBeDefined();
  return JSON.parse((await seen(page)).data['results.json'] ?? '') as Record<string, unknown>;
}

test('an app finds its files in every way that apps ask for them', async ({ page, server }) => {
  const { order, ...results } = await openOwn(page);
  expect(results).toEqual(EXPECTED);
  expect(order).toEqual(ORDER);
  const { notes, requests } = await seen(page);
  expect(notes).toContain('warning: a warning of the app');
  // What the list does not have is not asked for.
  expect(requests.filter((request) => request.includes('missing'))).toEqual([]);
  await expect.poll(async () => (await seen(page)).storage).toContain('made');
  expect(server.asked.filter((path) => path.includes('_frame'))).toEqual([]);
});

test('links, forms and downloads go to the page and to the app API', async ({ page }) => {
  await openOwn(page);
  const app = inApp(page);
  await app.locator('#send').click();
  await expect
    .poll(async () => (await seen(page)).data['answers.json'])
    .toBe('{"name":"Anna","tag":["one","two"]}');
  await app.locator('#save').click();
  await expect.poll(async () => (await seen(page)).saved['given.json']).toContain('42');
  await page.frames()[1]?.evaluate(() => localStorage.setItem('late', 'yes'));
  for (const id of ['other-page', 'stopped', 'wiki', 'elsewhere', 'hash', 'script-link']) {
    await app.locator(`#${id}`).click();
  }
  await expect
    .poll(async () => (await seen(page)).navigations)
    .toEqual(['pages/other.html?x=1#part', 'pages/stopped.html', 'pages/wiki.html']);
  const { notes, readyCount, storage } = await seen(page);
  expect(storage).toContain('late');
  expect(notes.join('\n')).toContain('leads out of the app');
  expect(readyCount).toBe(1);
  const frame = page.frames()[1];
  expect(await frame?.evaluate(() => location.hash)).toBe('#part');
  expect(
    await frame?.evaluate(() =>
      Reflect.get(Reflect.get(globalThis, 'results') as object, 'scriptLink'),
    ),
  ).toBe('ran');
});

test('another page of the app is shown where the address leads', async ({ page }) => {
  await page.evaluate(
    (assets) => harness.open({ assets, path: 'pages/other.html', query: '?x=1' }),
    ownApp(),
  );
  await expect(inApp(page).getByRole('heading')).toHaveText('Other page');
  const address = await page.frames()[1]?.evaluate(() => location.pathname + location.search);
  expect(address).toMatch(/\/pages\/other\.html\?x=1$/);
});

test('a running app is told of a theme and takes new style sheets', async ({ page }) => {
  await openOwn(page);
  const styled = inApp(page).locator('#styled');
  await expect(styled).toHaveCSS('color', 'rgb(1, 2, 3)');
  const more = '#styled { color: rgb(4, 5, 6) }';
  const sheet = texts({ 'css/more.css': more });
  expect(await page.evaluate((files) => harness.change(files), sheet)).toBe(true);
  await expect(styled).toHaveCSS('color', 'rgb(4, 5, 6)');
  const script = texts({ 'js/a.js': '' });
  expect(await page.evaluate((files) => harness.change(files), script)).toBe(false);
  await page.evaluate(() => harness.theme('light'));
  await expect(inApp(page).locator('html')).toHaveAttribute('data-theme', 'light');
  const told = await page
    .frames()[1]
    ?.evaluate(() => (Reflect.get(globalThis, 'results') as { laterTheme?: string }).laterTheme);
  expect(told).toBe('light');
});

test('what is typed counts as unsaved until the app writes', async ({ page }) => {
  await openOwn(page);
  expect((await seen(page)).isDirty).toBe(false);
  await inApp(page).locator('#text').pressSequentially('a');
  await expect.poll(async () => (await seen(page)).isDirty).toBe(true);
  await page
    .frames()[1]
    ?.evaluate(() => fetch('/peergos-api/v0/data/text.txt', { method: 'PUT', body: 'a' }));
  await expect.poll(async () => (await seen(page)).isDirty).toBe(false);
  await page
    .frames()[1]
    ?.evaluate(() => dispatchEvent(new CustomEvent('pyrgos-state', { detail: { dirty: true } })));
  await expect.poll(async () => (await seen(page)).isDirty).toBe(true);
});

test('an app without permission to store keeps nothing', async ({ page }) => {
  const html = '<script>localStorage.a = 1; document.title = localStorage.a</script>';
  await page.evaluate((assets) => harness.open({ assets }), texts({ 'index.html': html }));
  await expect.poll(async () => page.frames()[1]?.title()).toBe('1');
  await page.waitForTimeout(700);
  expect((await seen(page)).storage).toBeUndefined();
});

test('an app without its first page says so', async ({ page }) => {
  await page.evaluate(() => harness.open({ assets: {} }));
  await expect
    .poll(async () => (await seen(page)).notes)
    .toContain('error: The app has no page “index.html”.');
});

test('a malicious app cannot stop the page', async ({ page }) => {
  let dialogs = 0;
  page.on('dialog', (dialog) => {
    dialogs += 1;
    void dialog.dismiss();
  });
  await page.evaluate((assets) => harness.open({ assets }), appFolder('malicious'));
  await expect
    .poll(async () => (await seen(page)).data['through'], { timeout: 20_000 })
    .toBe('through');
  const { notes, strays, refused, readyCount } = await seen(page);
  // Floods are cut, and what is malformed is refused by name, once for each message.
  expect(notes.length).toBeLessThan(1_000);
  expect(notes.every((note) => note.length < 2_100)).toBe(true);
  expect(new Set(refused)).toEqual(new Set(['MalformedMessage']));
  expect(strays.length).toBeGreaterThan(0);
  expect(readyCount).toBeLessThan(5);
  expect(dialogs).toBeLessThan(25);
  // The page goes on, and so does the next app.
  await openOwn(page);
});
