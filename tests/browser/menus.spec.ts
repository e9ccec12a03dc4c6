/** The menu of the files is one, by mouse, by keys and by finger, and of the thing under them. */
import type { Locator, Page } from '@playwright/test';
import {
  closeViewer,
  download,
  editor,
  makeFile,
  makeFolder,
  sees,
  textIsSaved,
  transfersEnd,
} from './pages/drive-page.ts';
import { expect, test } from './fixtures.ts';
import type { FixtureFiles } from './fixture-files.ts';
import { entry, pickFiles, seesDrive } from './pages/account-page.ts';

test.use({ isSignedUp: true });

const OF_A_FILE = [
  'Open',
  'Add to shortcuts',
  'Download',
  'Share…',
  'Rename',
  'Move to…',
  'Copy to…',
  'Details',
  'Move to trash',
];
const OF_THE_FOLDER = ['New folder', 'Upload files', 'Paste'];

test('the menu is of the row under the mouse, or with the cursor', async ({
  page,
  site,
  fixtureFiles,
}) => {
  await page.goto(site.root);
  await fill(page, fixtureFiles);
  const { keyboard } = page;
  await test.step('by the right button', async () => {
    await entry(page, 'b.txt').click({ button: 'right' });
    await hasMenu(page, OF_A_FILE, ['b.txt']);
  });
  await test.step('by the button of a row', async () => {
    await entry(page, 'c.txt').hover();
    await page.getByRole('button', { name: 'Actions for c.txt' }).click();
    await hasMenu(page, OF_A_FILE, ['c.txt']);
  });
  await test.step('by the keys for it', async () => {
    for (const key of ['Shift+F10', 'ContextMenu']) {
      await page.getByRole('grid').focus();
      await keyboard.press('Home');
      await keyboard.press('ArrowDown');
      await keyboard.press(key);
      await hasMenu(page, OF_A_FILE, ['a.txt']);
    }
  });
  await test.step('of all that is selected, over any of it', async () => {
    await keyboard.press('Shift+ArrowDown');
    await keyboard.press('Shift+F10');
    await hasMenu(
      page,
      ['Download', 'Share…', 'Move to…', 'Copy to…', 'Details', 'Move to trash'],
      ['a.txt', 'b.txt'],
    );
  });
  await test.step('of the folder, beside the rows', async () => {
    const box = (await page.getByRole('grid').boundingBox())!;
    await page.mouse.click(box.x + box.width / 2, box.y + box.height - 40, { button: 'right' });
    await hasMenu(page, OF_THE_FOLDER, []);
  });
  await test.step('of a row that was scrolled away: it comes back into sight', async () => {
    await page.setViewportSize({ width: 1280, height: 320 });
    await page.getByRole('grid').focus();
    await keyboard.press('End');
    await page.getByRole('grid').evaluate((area) => area.scrollTo(0, 0));
    await keyboard.press('Shift+F10');
    await expect(page.getByRole('menu')).toBeVisible();
    await expect(entry(page, 'c.txt')).toBeInViewport();
  });
});

test.describe('by finger', () => {
  test.use({
    browserOptions: { context: { viewport: { width: 390, height: 844 }, hasTouch: true } },
  });

  test('a long press selects, a tap then selects more, a button opens the menu', async ({
    page,
    site,
    fixtureFiles,
  }) => {
    await page.goto(site.root);
    await fill(page, fixtureFiles);
    await page.keyboard.press('Escape');
    await hold(page, entry(page, 'b.txt'));
    await isSelected(page, ['b.txt']);
    await expect(page.getByRole('menu')).toBeHidden();
    await entry(page, 'c.txt').locator('[data-name]').tap();
    await isSelected(page, ['b.txt', 'c.txt']);
    await entry(page, 'c.txt').locator('[data-name]').tap();
    await page.getByRole('button', { name: 'Actions for b.txt' }).tap();
    await hasMenu(page, OF_A_FILE, ['b.txt']);
    // What is done with the selection is where the thumb is; the tools above have not moved.
    await expect(page.getByRole('toolbar', { name: 'Selection' })).toBeInViewport();
    await expect(page.getByRole('button', { name: 'New', exact: true })).toBeInViewport();
  });
});

test('the menu of what is new makes files, which are opened to be written', async ({
  page,
  site,
}) => {
  await page.goto(site.root);
  await seesDrive(page);
  await page.getByRole('button', { name: 'New', exact: true }).click();
  expect((await page.getByRole('menuitem').allInnerTexts()).map((it) => it.split('\n')[0])).toEqual(
    [
      'Upload files',
      'Upload folder',
      'New folder',
      'Text file',
      'Markdown note',
      'Other file…',
      'New app',
    ],
  );
  await page.keyboard.press('Escape');
  await makeFile(page, 'Markdown note', 'plans.md');
  await expect(editor(page)).toBeFocused();
  await page.keyboard.type('# Plans');
  await page.keyboard.press('ControlOrMeta+s');
  await textIsSaved(page);
  await closeViewer(page);
  await sees(page, ['plans.md']);
  expect((await download(page, 'plans.md')).toString()).toBe('# Plans');
});

async function fill(page: Page, fixtureFiles: FixtureFiles): Promise<void> {
  await seesDrive(page);
  await makeFolder(page, 'box');
  const names = ['a.txt', 'b.txt', 'c.txt'];
  await pickFiles(
    page,
    names.map((name) => fixtureFiles.file(name, name)),
  );
  await sees(page, ['box', ...names]);
  await transfersEnd(page);
}

/** These items, in this order, about these entries; then it is closed and the files have the keys. */
async function hasMenu(page: Page, items: readonly string[], about: string[]): Promise<void> {
  const menu = page.getByRole('menu');
  await expect(menu).toBeVisible();
  const shown = await menu.getByRole('menuitem').allInnerTexts();
  expect(shown.map((text) => text.split('\n')[0])).toEqual(items);
  await isSelected(page, about);
  await page.keyboard.press('Escape');
  await expect(menu).toBeHidden();
  await expect(page.getByRole('grid')).toBeFocused();
}

async function isSelected(page: Page, names: string[]): Promise<void> {
  await expect(page.locator('[data-index][aria-selected=true] bdi')).toHaveText(names);
}

/** A finger that stays: the browser's own touch events. */
async function hold(page: Page, row: Locator): Promise<void> {
  const box = (await row.boundingBox())!;
  const session = await page.context().newCDPSession(page);
  const touchPoints = [{ x: box.x + box.width / 2, y: box.y + box.height / 2 }];
  await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints });
  await expect(row).toHaveAttribute('aria-selected', 'true');
  await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  await session.detach();
}
