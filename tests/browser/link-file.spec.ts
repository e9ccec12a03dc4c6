/** A link to a folder is given away so that it opens one file of the folder at once. */
import type { Page } from '@playwright/test';
import { inEverySize, SIZES } from './accessibility-check.ts';
import { expect, test as base, LONG } from './fixtures.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';
import {
  act,
  closeViewer,
  enter,
  goUp,
  makeFolder,
  sees,
  transfersEnd,
  viewer,
} from './pages/drive-page.ts';

const [DESK] = SIZES;
const test = base.extend({
  browserOptions: async ({}, use) => {
    await use({ context: { permissions: ['clipboard-read', 'clipboard-write'] } });
  },
});
test.use({ isSignedUp: true });

const sheet = (page: Page) => page.getByRole('dialog', { name: /^Share/ });

test(
  'a file of the folder is chosen, and opens with the link',
  LONG,
  async ({ page, context, site, fixtureFiles }) => {
    await page.goto(site.root);
    await seesDrive(page);
    await makeFolder(page, 'album');
    await enter(page, 'album');
    await makeFolder(page, 'inner');
    await enter(page, 'inner');
    await pickFiles(page, [fixtureFiles.file('welcome & more.txt', 'Begin to read here.')]);
    await sees(page, ['welcome & more.txt']);
    await transfersEnd(page);
    await goUp(page, 'Home');
    await pickFiles(page, [fixtureFiles.file('single.txt', 'single')]);
    await sees(page, ['album', 'single.txt']);
    await transfersEnd(page);

    const address = await test.step('the owner chooses it', async () => {
      await act(page, 'album', 'Share…');
      await sheet(page).getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('button', { name: 'More for the link to album' }).click();
      await page.getByRole('menuitem', { name: 'Link that opens a file…' }).click();
      const choices = sheet(page).getByRole('group', { name: 'Files of the folder' });
      await expect(sheet(page).getByRole('button', { name: 'Up one folder' })).toBeDisabled();
      await choices.getByRole('button', { name: 'inner' }).click();
      await expect(choices.getByRole('button', { name: 'welcome & more.txt' })).toBeVisible();
      await inEverySize(page, 'link, choosing a file');
      await page.setViewportSize(DESK);
      await choices.getByRole('button', { name: 'welcome & more.txt' }).click();
      await expect(page.getByText('Link copied.')).toBeVisible();
      const field = sheet(page).getByRole('textbox', { name: 'Link', exact: true });
      await inEverySize(page, 'link that opens a file');
      await page.setViewportSize(DESK);
      const value = await field.inputValue();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(value);
      await sheet(page).getByRole('button', { name: 'Close' }).last().click();
      return value;
    });
    await test.step('of a file there is nothing to choose', async () => {
      await act(page, 'single.txt', 'Share…');
      await sheet(page).getByRole('button', { name: 'Create link' }).click();
      await page.getByRole('button', { name: 'More for the link to single.txt' }).click();
      await expect(page.getByRole('menuitem', { name: 'Show link and QR code' })).toBeVisible();
      await expect(page.getByRole('menuitem', { name: 'Link that opens a file…' })).toHaveCount(0);
    });
    await test.step('a visitor sees it at once, and the folder behind it', async () => {
      const guest = await context.newPage();
      await guest.goto(address);
      const text = viewer(guest).frameLocator('iframe').getByText('Begin to read here.');
      await expect(text).toBeVisible();
      await closeViewer(guest);
      await expect(entry(guest, 'welcome & more.txt')).toBeVisible();
    });
  },
);
