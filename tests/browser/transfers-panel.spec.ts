/** The transfers panel: as tall as its rows, beside what it must not cover, true about many files. */
import type { Locator, Page } from '@playwright/test';
import { enter, goTo, makeFolder, transfersEnd } from './pages/drive-page.ts';
import { dropPaths } from './devtools.ts';
import { expect, LONG, test } from './fixtures.ts';
import { ANNA, entry, pickFiles, seesDrive, signUp } from './pages/account-page.ts';

const panel = (page: Page) => page.getByRole('region', { name: 'Transfers' });
const rows = (page: Page) => panel(page).locator('.row');

async function overlaps(a: Locator, b: Locator): Promise<boolean> {
  const [one, two] = [await a.boundingBox(), await b.boundingBox()];
  if (one === null || two === null) throw new Error('Not on screen.');
  const isBeside = one.x >= two.x + two.width || two.x >= one.x + one.width;
  const isAbove = one.y >= two.y + two.height || two.y >= one.y + one.height;
  return !isBeside && !isAbove;
}

async function toggle(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByText('Transfers').click();
}

for (const [name, width, height, deviceScaleFactor] of [
  ['a phone', 390, 844, 1],
  ['a desktop', 1440, 900, 1],
  ['a laptop', 1280, 720, 1],
  ['a desktop at 200 % zoom', 720, 450, 2],
] as const) {
  test.describe(`on ${name}`, () => {
    test.use({ isSignedUp: true });
    test.use({ browserOptions: { context: { viewport: { width, height }, deviceScaleFactor } } });

    test('the panel fits its rows and covers neither the list nor its bars', async ({
      page,
      site,
      fixtureFiles,
    }) => {
      await page.goto(site.root);
      await seesDrive(page);
      await makeFolder(page, 'folder');
      for (let batch = 0; batch < 2; batch++) {
        const files = Array.from({ length: 20 }, (_, at) =>
          fixtureFiles.file(`${String(batch)} a file with a long name ${String(at)}.txt`, `${at}`),
        );
        await pickFiles(page, files);
        await transfersEnd(page);
      }
      if (!(await panel(page).isVisible())) await toggle(page);
      await panel(page).getByRole('heading').hover();
      await expect(rows(page)).toHaveCount(2);
      await expect(panel(page).getByText('20 files', { exact: true })).toHaveCount(2);
      const box = (await panel(page).boundingBox())!;
      const list = (await page.getByRole('grid').boundingBox())!;
      expect(box.height).toBeLessThanOrEqual(Math.max(136, list.height / 2 + 30));
      // Each row shows all of its words.
      const clipped = await rows(page).evaluateAll((all) =>
        all.some((row) => row.scrollHeight > row.clientHeight),
      );
      expect(clipped).toBe(false);
      const room = await panel(page)
        .locator('.list')
        .evaluate((one) => one.scrollHeight - one.clientHeight);
      if (height > 600) expect(room).toBe(0);
      await entry(page, 'folder').click();
      if (width < 640) {
        await entry(page, 'folder').getByRole('checkbox').check();
        const bar = page.getByRole('toolbar', { name: 'Selection' });
        await expect(bar).toBeVisible();
        expect(await overlaps(panel(page), bar)).toBe(false);
      } else if (width > 900) {
        await page.keyboard.press('Control+i');
        const measure = page.getByRole('button', { name: 'Calculate size' });
        await expect(measure).toBeVisible();
        expect(await overlaps(panel(page), measure)).toBe(false);
      }
    });
  });
}

test(
  'many small files are counted as they are stored, and appear at once',
  LONG,
  async ({ page, site, fixtureFiles }) => {
    test.setTimeout(240_000);
    await page.goto(site.root);
    await signUp(page, ANNA);
    for (let at = 0; at < 3_000; at++) {
      fixtureFiles.file(`atlas/page ${String(at).padStart(4, '0')}.txt`, `page ${String(at)}`);
    }
    await dropPaths(page, 'main', [fixtureFiles.path('atlas')]);
    await expect(rows(page).getByText('atlas', { exact: true })).toBeVisible({ timeout: 30_000 });
    const began = Date.now();
    await expect(entry(page, 'atlas')).toBeVisible({ timeout: 8_000 });
    const counted = rows(page).getByText(/of 3,000 files/);
    await expect(counted).not.toHaveText(/^0 of/, { timeout: 8_000 });
    await enter(page, 'atlas');
    await expect(entry(page, 'page ').first()).toBeVisible();
    await expect(page.getByText('This folder is empty')).toBeHidden();
    const said: string[] = [];
    while (!(await page.getByText('All transfers are done').first().isVisible())) {
      const words = await counted.textContent({ timeout: 1_000 }).catch(() => '');
      if (words !== '' && words !== said.at(-1)) said.push(words ?? '');
      if (Date.now() - began > 200_000) break;
      await page.waitForTimeout(250);
    }
    const counts = said.map((words) => Number(/^([\d,]+) of/.exec(words)?.[1]?.replace(',', '')));
    expect(new Set(counts).size).toBeGreaterThan(5);
    for (const words of said) expect(words).not.toMatch(/^0 of.*left/);
  },
);

test('each place has a title of its own', async ({ page, site }) => {
  await page.goto(site.root);
  await signUp(page, { ...ANNA, username: 'Anna' });
  await expect(page.getByRole('button', { name: 'Account of anna' })).toBeVisible();
  await expect(page).toHaveTitle('Drive – Pyrgos');
  await makeFolder(page, 'Photos');
  await enter(page, 'Photos');
  await expect(page).toHaveTitle('Photos – Pyrgos');
  await goTo(page, 'Trash');
  await expect(page).toHaveTitle('Trash – Pyrgos');
  await goTo(page, 'Settings');
  await expect(page).toHaveTitle('Settings – Pyrgos');
});
